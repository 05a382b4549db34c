import { Temporal } from 'temporal-polyfill';
import { followsTheSun } from './open-times.ts';
import type { Schedule, ScheduleInput } from './schedule.ts';
import type { Place } from './windows.ts';

/**
 * What was asked for, as it is kept and sent to an agent: with the place where it follows the sun, and with the moment of its
 * end where that was asked for in days. Days are counted on the calendar of the schedule's time zone, so seven days end at the
 * same local time a week later, also when the clocks change between. Pure.
 * @param about.startedAt when the timelapse started, or would, ms; `startsAt` counts where it is given
 */
export function resolveSchedule(
  input: ScheduleInput,
  about: { place: Place | null; startedAt: number },
): { kind: 'resolved'; schedule: Schedule } | { kind: 'place-needed' } {
  const { location: _, ...asked } = input;
  const endsAt =
    asked.endsAfterDays === undefined
      ? asked.endsAt
      : daysAfter(asked.startsAt ?? about.startedAt, asked.endsAfterDays, asked.timeZone);
  if (!followsTheSun(asked)) return { kind: 'resolved', schedule: { ...asked, endsAt } };
  if (about.place === null) return { kind: 'place-needed' };
  return { kind: 'resolved', schedule: { ...asked, endsAt, location: about.place } };
}

function daysAfter(at: number, days: number, timeZone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).add({ days }).epochMilliseconds;
}
