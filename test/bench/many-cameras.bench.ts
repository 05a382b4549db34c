import { setTimeout as wait } from 'node:timers/promises';
import type { CoverageView } from '../demo/api.ts';
import { startFleet } from './fleet.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

const EVERY_MS = 10_000;
/** The cameras are connected for the first time meanwhile. */
const SETTLE_MS = 30_000;

/** `many-cameras [minutes = 10] [cameras = 32]` */
export const bench: Bench = {
  question:
    'Are all slots of 32 cameras on one agent captured at one frame every 10 s (640 × 360, 5 pictures a second), and what does it cost? (bar: every slot of 10 minutes)',
  async run(report, args) {
    const [minutes, cameras] = [Number(args[0] ?? 10), Number(args[1] ?? 32)];
    const video = { widthPx: 640, heightPx: 360, fps: 5, gopSeconds: 2 };
    const fleet = await startFleet({ cameras, everyMs: EVERY_MS, video });
    try {
      await wait(SETTLE_MS);
      const from = Math.ceil(Date.now() / EVERY_MS) * EVERY_MS;
      const to = from + minutes * 60_000;
      await wait(from - Date.now());
      const cpu = fleet.cpuSeconds();
      await wait(to - Date.now());
      report('CPU of agent and decoders', ((fleet.cpuSeconds() - cpu) / (minutes * 60)) * 100, '% of a core');
      report('resident memory of the agent', fleet.residentBytes() / 1e6, 'MB');
      // The last pictures are on their way.
      await wait(SETTLE_MS);
      let planned = 0;
      const outcomes = new Map<string, number>();
      const ages: number[] = [];
      for (const { id } of fleet.timelapses) {
        const of = `from=${from}&to=${to}`;
        const coverage = await fleet.api.get<CoverageView>(`/api/timelapses/${id}/coverage?${of}`);
        planned += coverage.planned;
        for (const [outcome, count] of Object.entries(coverage.outcomes))
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
        const { items } = await fleet.api.get<{ items: { ageAtSlotMs: number | null }[] }>(
          `/api/frames?timelapseId=${id}&${of}&limit=500`,
        );
        ages.push(...items.flatMap(({ ageAtSlotMs }) => (ageAtSlotMs === null ? [] : [Math.abs(ageAtSlotMs)])));
      }
      report('slots planned', planned, 'slots');
      for (const [outcome, count] of outcomes)
        if (count > 0 || outcome === 'captured') report(`slots ${outcome}`, count, 'slots');
      report('age of the picture at its slot, p99', quantile(ages, 0.99), 'ms');
    } finally {
      await fleet.close();
    }
  },
};
