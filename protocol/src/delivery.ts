/** How much an agent may put on the line, and when. */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';

const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must look like 22:30');
const budget = (least: number) => z.int().min(least).max(1_000_000_000_000_000).nullable().default(null);

export const deliverySettings = z.strictObject({
  /** Pictures of both lanes, by the days of the site's calendar; null: no limit. */
  bytesPerDay: budget(1_000_000),
  bytesPerMonth: budget(1_000_000),
  /** How fast the backlog goes; new frames are not held back by it. */
  backlogBitsPerSecond: budget(8000),
  /** When the backlog may go, on the site's clock: inclusive start, exclusive end, also over midnight. None: always. */
  backlogHours: z
    .array(
      z
        .strictObject({ from: timeOfDay, until: timeOfDay })
        .refine(({ from, until }) => from !== until, 'must not begin when it ends'),
    )
    .max(24)
    .default([]),
  /** Whether new frames wait for those hours too. */
  newFrames: z.enum(['always', 'in-hours']).default('always'),
});
export type DeliverySettings = z.infer<typeof deliverySettings>;

/** Why pictures are held back: by the hours, by a budget, or for a moment by the rate. */
export const heldBy = z.enum(['hours', 'day-budget', 'month-budget', 'rate']);
export type HeldBy = z.infer<typeof heldBy>;

/** A day of a site's calendar. All instants are ms since the epoch. */
export interface SiteDay {
  /** Such as `2026-06-01`. */
  day: string;
  startsAt: number;
  endsAt: number;
  monthEndsAt: number;
}

export function siteDay(timeZone: string, at: number): SiteDay {
  const start = zoned(timeZone, at).startOfDay();
  const nextMonth = start.with({ day: 1 }).add({ months: 1 }).startOfDay();
  return {
    day: start.toPlainDate().toString(),
    startsAt: start.epochMilliseconds,
    endsAt: start.add({ days: 1 }).startOfDay().epochMilliseconds,
    monthEndsAt: nextMonth.epochMilliseconds,
  };
}

/** When the backlog may go next by its hours: `at` itself when it may now. */
export function hoursOpenAt(hours: DeliverySettings['backlogHours'], timeZone: string, at: number): number {
  if (hours.length === 0) return at;
  const now = zoned(timeZone, at);
  const time = now.toPlainTime().toString({ smallestUnit: 'minute' });
  if (hours.some(({ from, until }) => (from < until ? time >= from && time < until : time >= from || time < until)))
    return at;
  const starts = hours.flatMap(({ from }) =>
    [0, 1].map((days) => now.add({ days }).withPlainTime(from).epochMilliseconds),
  );
  return Math.min(...starts.filter((start) => start > at));
}

const zoned = (timeZone: string, at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
