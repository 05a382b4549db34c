import type { Schedule } from '@slowlight/protocol';
import { words } from '../words.ts';

/** `every 5 min`, or the cron expression as it is. */
export function sayRhythm(schedule: Schedule): string {
  if (schedule.rhythm.kind === 'cron') return words.schedule.cron(schedule.rhythm.expression);
  const { amount, unit } = splitInterval(schedule.rhythm.everyMs);
  const span = { s: words.time.seconds, min: words.time.minutes, h: words.time.hours }[unit](amount);
  return words.schedule.every(span);
}

export type IntervalUnit = 's' | 'min' | 'h';
const UNIT_MS: Record<IntervalUnit, number> = { s: 1000, min: 60_000, h: 3_600_000 };

/** The interval in its largest whole unit. */
export function splitInterval(everyMs: number): { amount: number; unit: IntervalUnit } {
  const unit = (['h', 'min'] as const).find((one) => everyMs % UNIT_MS[one] === 0) ?? 's';
  return { amount: everyMs / UNIT_MS[unit], unit };
}

/** null for what is no positive amount. */
export function joinInterval(amount: string, unit: IntervalUnit): number | null {
  const everyMs = Math.round(Number(amount) * UNIT_MS[unit]);
  return Number.isFinite(everyMs) && everyMs > 0 ? everyMs : null;
}
