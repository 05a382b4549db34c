import { readClock } from '../rig/picture-clock.ts';
import { startBenchCamera } from './capture/bench-camera.ts';
import { cameraOf, openBenchEdge } from './capture/edge.ts';
import { clockIn, oneShot } from './capture/one-shot.ts';
import { eachSlot } from './capture/slots.ts';
import { quantile } from './quantile.ts';
import type { Bench, Report } from './run.ts';

interface Part {
  connection: 'warm' | 'cold';
  gopSeconds: number;
  /** In step with neither pictures nor keyframes. */
  everyMs: number;
  /** Slots before the camera's start-up has been learnt. */
  learning: number;
}

const PARTS: Readonly<Record<string, Part>> = {
  'warm-2': { connection: 'warm', gopSeconds: 2, everyMs: 1370, learning: 4 },
  'warm-10': { connection: 'warm', gopSeconds: 10, everyMs: 1370, learning: 12 },
  'cold-2': { connection: 'cold', gopSeconds: 2, everyMs: 1370, learning: 6 },
};

/** `slot-precision [slots = 30] [parts, parted by commas]`; the bars are for 200 slots. The reference gets a fifth of them. */
export const bench: Bench = {
  question:
    'How far from its slot is the moment that a picture shows (clock in the picture, 1080p15), against ffmpeg started at the slot?',
  async run(report, args) {
    const slots = Number(args[0] ?? 30);
    for (const name of args[1]?.split(',') ?? Object.keys(PARTS)) {
      const part = PARTS[name];
      if (part === undefined) throw new Error(`"${name}" is no part: ${Object.keys(PARTS).join(', ')}`);
      await measure(name, part, slots, report);
    }
  },
};

async function measure(name: string, part: Part, slots: number, report: Report): Promise<void> {
  const { connection, gopSeconds, everyMs, learning } = part;
  const server = await startBenchCamera({ gopSeconds });
  const edge = await openBenchEdge();
  const camera = cameraOf(server.url, { connection });
  const [ours, stated, reference]: [number[], number[], number[]] = [[], [], []];
  try {
    let slot = 0;
    // A camera that is connected needs no lead.
    const aheadMs = () => (slot > 0 && connection === 'warm' ? 400 : edge.room.leadMs(camera));
    const taking = eachSlot({ slots: slots + learning, everyMs, aheadMs }, async (dueAt) => {
      const { pixels, widthPx, heightPx, taken } = await edge.take(camera, dueAt);
      slot += 1;
      if (slot <= learning) return;
      const shown = readClock(pixels, widthPx, heightPx) ?? Number.NaN;
      ours.push(Math.abs(shown - dueAt));
      stated.push(Math.abs(shown - taken.wall));
    });
    const theirs = Math.max(5, Math.round(slots / 5));
    const referring = eachSlot({ slots: theirs, everyMs, aheadMs: () => 0 }, async (dueAt) => {
      reference.push(Math.abs((await clockIn(await oneShot(server.url))) - dueAt));
    });
    await Promise.all([taking, referring]);
  } finally {
    await edge.close();
    await server.close();
  }
  for (const [who, errors] of [
    ['Slowlight', ours] as const,
    ['ffmpeg -frames:v 1 started at the slot', reference] as const,
    ['stated time against the shown one', stated] as const,
  ]) {
    report(`${name}: ${who}, p50`, quantile(errors, 0.5), 'ms');
    report(`${name}: ${who}, p99`, quantile(errors, 0.99), 'ms');
  }
  report(`${name}: pictures without a clock`, ours.filter(Number.isNaN).length, 'pictures');
  report(`${name}: nearer than the reference by`, quantile(reference, 0.5) / quantile(ours, 0.5), 'times');
  report(`${name}: slots`, ours.length, 'slots');
}
