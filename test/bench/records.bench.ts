import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { newCameraId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { createEdge, frameOf } from '../rig/edge.ts';
import { aCamera, everyMinute } from '../rig/records-scene.ts';
import type { Bench } from './run.ts';

const BATCH = 200;
const FRAMES = 20_000;

/** The embedded records, in batches as ingest makes them, each batch one durable commit. */
export const bench: Bench = {
  question: 'How many events a second do the records take, and how fast do they answer the pages people look at?',
  async run(report) {
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const records = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock: systemClock });
    try {
      const site = await records.createSite({ name: 'Bench', timeZone: 'UTC', latitude: null, longitude: null });
      const agent = await records.createAgent({ siteId: site.id, name: 'Bench', secretHash: 'a'.repeat(64) });
      const camera = newCameraId();
      await records.createCamera(camera, agent.id, aCamera);
      const { id } = await records.startTimelapse({ cameraId: camera, name: 'Bench', schedule: everyMinute });
      const now = systemClock.now();
      const edge = createEdge(agent.id, now);
      const captured = Array.from({ length: FRAMES }, (_, index) => edge.captured(id, camera, now + index * 1000));
      const uploaded = captured.map((event) => edge.uploaded(frameOf(event)));

      const record = async (figure: string, events: readonly IncomingEvent[]) => {
        const start = performance.now();
        for (let first = 0; first < events.length; first += BATCH)
          await records.recordEvents(events.slice(first, first + BATCH));
        report(figure, (events.length / (performance.now() - start)) * 1000, 'events/s');
      };
      await record('frames announced', captured);
      await record('frames uploaded', uploaded);
      await record('copies of both', [...captured.slice(0, 4000), ...uploaded.slice(0, 4000)]);

      const times = async (figure: string, count: number, work: (turn: number) => Promise<unknown>) => {
        const start = performance.now();
        for (let turn = 0; turn < count; turn += 1) await work(turn);
        report(figure, (performance.now() - start) / count, 'ms');
      };
      const ids = captured.map(frameOf);
      await times('a picture stored', 1000, async (turn) => {
        const frame = ids[turn];
        if (frame !== undefined) await records.pictureStored(frame);
      });
      await times('a job leased and finished', 500, async () => {
        const job = await records.lease(['thumbnail'], 30_000);
        if (job !== null) await records.finish(job);
      });
      await times('a page of 50 frames', 50, () => records.frames({ cameraId: camera, order: 'newest', limit: 50 }));
      await times('the wall of cameras', 50, () => records.cameras({ limit: 50 }));
      await times(`coverage over ${FRAMES} slots`, 10, () => records.coverage(id, now, now + FRAMES * 1000));
    } finally {
      await records.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
