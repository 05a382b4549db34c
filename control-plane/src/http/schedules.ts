/** What can be said of a schedule without running it. Pure. */
import { nextSlot, type Rhythm, type Schedule, type ScheduleInput, slotsFrom } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';
import type { WrongField } from './problems.ts';

/** How many slots of a cron expression are looked at for its shortest pause. */
const CRON_SLOTS = 200;

/** Says which field asks for slots closer together than this control plane takes; null: none does. */
export function tooShort(schedule: Schedule | ScheduleInput, minIntervalMs: number, now: number): WrongField | null {
  const wanted = `the shortest that this control plane takes is ${minIntervalMs / 1000} s`;
  for (const { path, rhythm } of rhythmsOf(schedule)) {
    const shortest = shortestPauseMs(rhythm, schedule.timeZone, now);
    if (shortest >= minIntervalMs) continue;
    return rhythm.kind === 'interval'
      ? { path: `${path}.everyMs`, problem: `${rhythm.everyMs / 1000} s is too short: ${wanted}` }
      : { path: `${path}.expression`, problem: `asks for slots ${shortest / 1000} s apart: ${wanted}` };
  }
  return null;
}

function rhythmsOf({ rhythm, overrides = [] }: Schedule | ScheduleInput): { path: string; rhythm: Rhythm }[] {
  const others = overrides.flatMap((one, index) =>
    one.rhythm === null ? [] : [{ path: `schedule.overrides.${index}.rhythm`, rhythm: one.rhythm }],
  );
  return [{ path: 'schedule.rhythm', rhythm }, ...others];
}

function shortestPauseMs(rhythm: Rhythm, timeZone: string, now: number): number {
  if (rhythm.kind === 'interval') return rhythm.everyMs;
  const bare: Schedule = { rhythm, timeZone, startsAt: null, endsAt: null };
  let [before, shortest, seen] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (const dueAt of slotsFrom({ schedule: bare, from: now, until: null, firstAtOnce: false }, now)) {
    shortest = Math.min(shortest, dueAt - before);
    before = dueAt;
    seen += 1;
    if (seen === CRON_SLOTS) break;
  }
  return shortest;
}

/** Says which field must change for a schedule that would never plan a picture; null: it plans some. */
export function neverPlans(schedule: Schedule, now: number): WrongField | null {
  // Where it only ends too soon, that is what was asked for.
  const endless: Schedule = { ...schedule, endsAt: null };
  if (nextSlot({ schedule: endless, from: now, until: null, firstAtOnce: false }, now) !== null) return null;
  const { windows = [], sunWindows = [] } = schedule;
  const field = windows.length > 0 ? 'windows' : sunWindows.length > 0 ? 'sunWindows' : 'rhythm';
  return { path: `schedule.${field}`, problem: 'would never plan a picture: no slot of the rhythm lies inside' };
}

/** The moment at which the day of `at` began in a time zone, ms. */
export function startOfDay(timeZone: string, at: number): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).startOfDay().epochMilliseconds;
}
