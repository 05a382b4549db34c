import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDurably } from '@slowlight/protocol/kit';
import { startBenchCamera } from './capture/bench-camera.ts';
import { cameraOf, openBenchEdge } from './capture/edge.ts';
import { oneShot } from './capture/one-shot.ts';
import { eachSlot } from './capture/slots.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

/** In step with neither pictures nor keyframes. */
const EVERY_MS = 1370;
const LEARNING = 4;

/** `due-to-durable [slots = 30] [seconds between keyframes = 2]` */
export const bench: Bench = {
  question:
    'How long after its slot is a picture durable in the buffer (warm, 1080p15), against ffmpeg and a synced file?',
  async run(report, args) {
    const slots = Number(args[0] ?? 30);
    const server = await startBenchCamera({ gopSeconds: Number(args[1] ?? 2) });
    const edge = await openBenchEdge();
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const camera = cameraOf(server.url, { connection: 'warm' });
    const [ours, reference]: [number[], number[]] = [[], []];
    try {
      let slot = 0;
      // A camera that is connected needs no lead.
      const aheadMs = () => (slot === 0 ? edge.room.leadMs(camera) : 400);
      await eachSlot({ slots: slots + LEARNING, everyMs: EVERY_MS, aheadMs }, async (dueAt) => {
        await edge.keep(camera, dueAt);
        slot += 1;
        if (slot > LEARNING) ours.push(Date.now() - dueAt);
      });
      await eachSlot(
        { slots: Math.max(5, Math.round(slots / 5)), everyMs: EVERY_MS, aheadMs: () => 0 },
        async (dueAt) => {
          await writeDurably(path.join(folder, 'picture.jpg'), await oneShot(server.url));
          reference.push(Date.now() - dueAt);
        },
      );
    } finally {
      await edge.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    }
    for (const [who, times] of [
      ['Slowlight', ours] as const,
      ['ffmpeg -frames:v 1 and a synced file', reference] as const,
    ]) {
      report(`${who}, p50`, quantile(times, 0.5), 'ms');
      report(`${who}, p99`, quantile(times, 0.99), 'ms');
    }
    report('faster than the reference by', quantile(reference, 0.5) / quantile(ours, 0.5), 'times');
  },
};
