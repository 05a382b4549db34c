import { setTimeout as wait } from 'node:timers/promises';
import { startBenchCamera } from './capture/bench-camera.ts';
import { cpuMs } from './capture/cpu.ts';
import { cameraOf, openBenchEdge } from './capture/edge.ts';
import { oneShot } from './capture/one-shot.ts';
import { eachSlot } from './capture/slots.ts';
import type { Bench, Report } from './run.ts';

const EVERY_MS = 1370;
const WARM_UP = 4;

/** `capture-cpu [slots = 20]`: what the idle tap costs in the same time is taken off. */
export const bench: Bench = {
  question: 'What CPU does one warm capture cost from slot to commit (1080p15, GOP 2 s), against one-shot ffmpeg?',
  async run(report, args) {
    const slots = Number(args[0] ?? 20);
    const server = await startBenchCamera({ gopSeconds: 2 });
    try {
      for (const pictures of ['newest', 'keyframe'] as const) await measure(server, pictures, slots, report);
      const shots = Math.max(5, Math.round(slots / 4));
      const before = cpuMs([server.pid]);
      for (let shot = 0; shot < shots; shot += 1) await oneShot(server.url);
      report('ffmpeg -frames:v 1', (cpuMs([server.pid]) - before) / shots, 'ms CPU');
    } finally {
      await server.close();
    }
  },
};

async function measure(
  { url, pid }: { url: string; pid: number },
  pictures: 'newest' | 'keyframe',
  slots: number,
  report: Report,
): Promise<void> {
  const edge = await openBenchEdge();
  const camera = cameraOf(url, { connection: 'warm', pictures });
  let connected = false;
  // A camera that is connected needs no lead.
  const aheadMs = () => (connected ? 400 : edge.room.leadMs(camera));
  const keep = async (dueAt: number) => {
    await edge.keep(camera, dueAt);
    connected = true;
  };
  try {
    // Whoever takes a keyframe must wait for another one: slots lie further apart than keyframes.
    const everyMs = pictures === 'keyframe' ? 2 * EVERY_MS : EVERY_MS;
    await eachSlot({ slots: WARM_UP, everyMs, aheadMs }, keep);
    const [idleBefore, idleFrom] = [cpuMs([pid]), performance.now()];
    await wait(Math.min(everyMs, 1000) * 2);
    const idleShare = (cpuMs([pid]) - idleBefore) / (performance.now() - idleFrom);
    const [before, from] = [cpuMs([pid]), performance.now()];
    await eachSlot({ slots, everyMs, aheadMs }, keep);
    const spent = cpuMs([pid]) - before - idleShare * (performance.now() - from);
    report(`Slowlight, ${pictures === 'newest' ? 'whole GOP' : 'keyframe'}`, spent / slots, 'ms CPU');
  } finally {
    await edge.close();
  }
}
