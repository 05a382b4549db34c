import { setTimeout as wait } from 'node:timers/promises';
import { startFleet } from './fleet.ts';
import type { Bench } from './run.ts';

const SAMPLE_EVERY_MS = 5000;

/** `agent-memory [minutes = 60] [cameras = 8]` */
export const bench: Bench = {
  question:
    'How much memory does the Node process of an agent with 8 warm 1080p15 cameras hold at one frame every 10 s, and does it grow? (bar: 160 MB after an hour, not growing)',
  async run(report, args) {
    const [minutes, cameras] = [Number(args[0] ?? 60), Number(args[1] ?? 8)];
    const video = { widthPx: 1920, heightPx: 1080, fps: 15, gopSeconds: 2 };
    const fleet = await startFleet({ cameras, everyMs: 10_000, video });
    try {
      const samples: { minute: number; megabytes: number }[] = [];
      const began = performance.now();
      const elapsed = () => (performance.now() - began) / 60_000;
      while (elapsed() < minutes) {
        await wait(SAMPLE_EVERY_MS);
        samples.push({ minute: elapsed(), megabytes: fleet.residentBytes() / 1e6 });
        const tenth = Math.floor((10 * elapsed()) / minutes);
        const before = Math.floor((10 * (elapsed() - SAMPLE_EVERY_MS / 60_000)) / minutes);
        if (tenth > before)
          report(`resident after ${((tenth * minutes) / 10).toFixed(1)} min`, samples.at(-1)?.megabytes ?? 0, 'MB');
      }
      const half = samples.slice(Math.floor(samples.length / 2));
      report('resident, most', Math.max(...samples.map(({ megabytes }) => megabytes)), 'MB');
      report('resident, mean of the last half', mean(half.map(({ megabytes }) => megabytes)), 'MB');
      report('growth over the last half', slopeOf(half) * 60, 'MB/h');
    } finally {
      await fleet.close();
    }
  },
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Least squares, MB a minute. */
function slopeOf(samples: readonly { minute: number; megabytes: number }[]): number {
  const [x, y] = [mean(samples.map(({ minute }) => minute)), mean(samples.map(({ megabytes }) => megabytes))];
  let [over, under] = [0, 0];
  for (const { minute, megabytes } of samples) {
    over += (minute - x) * (megabytes - y);
    under += (minute - x) ** 2;
  }
  return under === 0 ? 0 : over / under;
}
