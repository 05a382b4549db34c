/** What can be said of a schedule without running it. Pure. */
import { newSpanId, newTimelapseId, type Schedule, type Span, slotsFrom } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';
import type { WrongField } from './problems.ts';

const PREVIEW_SLOTS = 20;
const DAY_MS = 86_400_000;
/** How many slots of a cron expression are looked at for its shortest pause. */
const CRON_SLOTS = 200;

function spanOf(schedule: Schedule, from: number, firstAtOnce: boolean): Span {
  return { id: newSpanId(), timelapseId: newTimelapseId(), schedule, from, until: null, firstAtOnce };
}

/** The first slots, and how many there are in the first 24 hours, if the schedule started at `now`. */
export function previewOf(schedule: Schedule, now: number): { slots: number[]; slotsInFirstDay: number } {
  const slots: number[] = [];
  let slotsInFirstDay = 0;
  for (const dueAt of slotsFrom(spanOf(schedule, now, true), now)) {
    const inFirstDay = dueAt < (slots[0] ?? dueAt) + DAY_MS;
    if (slots.length < PREVIEW_SLOTS) slots.push(dueAt);
    else if (!inFirstDay) break;
    if (inFirstDay) slotsInFirstDay += 1;
  }
  return { slots, slotsInFirstDay };
}

/** Says which field asks for slots closer together than this control plane takes; null: none does. */
export function tooShort(schedule: Schedule, minIntervalMs: number, now: number): WrongField | null {
  const { rhythm } = schedule;
  const wanted = `the shortest that this control plane takes is ${minIntervalMs / 1000} s`;
  if (rhythm.kind === 'interval')
    return rhythm.everyMs >= minIntervalMs
      ? null
      : { path: 'schedule.rhythm.everyMs', problem: `${rhythm.everyMs / 1000} s is too short: ${wanted}` };
  let before: number | null = null;
  let seen = 0;
  for (const dueAt of slotsFrom(spanOf({ ...schedule, startsAt: null, endsAt: null }, now, false), now)) {
    if (before !== null && dueAt - before < minIntervalMs)
      return {
        path: 'schedule.rhythm.expression',
        problem: `asks for slots ${(dueAt - before) / 1000} s apart: ${wanted}`,
      };
    before = dueAt;
    seen += 1;
    if (seen === CRON_SLOTS) break;
  }
  return null;
}

/** The moment at which the day of `at` began in a time zone, ms. */
export function startOfDay(timeZone: string, at: number): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).startOfDay().epochMilliseconds;
}
