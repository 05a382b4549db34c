/** When a backlog will be empty, from the reports of an agent that were seen one after the other. Pure. */

export interface BacklogSample {
  /** When it was reported, ms. */
  at: number;
  bytes: number;
}
export type Drain =
  | { kind: 'empty' | 'measuring' }
  | { kind: 'growing'; bytesPerSecond: number }
  | { kind: 'empties'; bytesPerSecond: number; afterMs: number };

/** Older reports say nothing of how it goes now, ms. */
const LOOK_BACK_MS = 20 * 60_000;
/** Two reports that are closer say nothing, ms. */
const AT_LEAST_MS = 20_000;

/** The samples with one more; each report counts once. */
export function addSample(before: readonly BacklogSample[], sample: BacklogSample): readonly BacklogSample[] {
  if (before.some(({ at }) => at >= sample.at)) return before;
  return [...before.filter(({ at }) => at > sample.at - LOOK_BACK_MS), sample];
}

/** From its highest to the newest sample, with what came in meanwhile already taken off; where it is at its highest now, from the oldest. */
export function drainOf(samples: readonly BacklogSample[]): Drain {
  const last = samples.at(-1);
  const peak = samples.findLast(({ bytes }) => samples.every((one) => one.bytes <= bytes));
  const first = peak === last ? samples[0] : peak;
  if (last?.bytes === 0) return { kind: 'empty' };
  if (first === undefined || last === undefined || last.at - first.at < AT_LEAST_MS) return { kind: 'measuring' };
  const bytesPerSecond = ((first.bytes - last.bytes) / (last.at - first.at)) * 1000;
  if (bytesPerSecond <= 0) return { kind: 'growing', bytesPerSecond: -bytesPerSecond };
  return { kind: 'empties', bytesPerSecond, afterMs: (last.bytes / bytesPerSecond) * 1000 };
}

/** Whole days until something of this size is full; null: it does not fill. */
export function daysUntilFull(freeBytes: number, bytesPerDay: number | undefined): number | null {
  if (bytesPerDay === undefined || bytesPerDay <= 0) return null;
  return Math.floor(freeBytes / bytesPerDay);
}
