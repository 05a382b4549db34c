/** May a picture go on the line now? One pure function; what it knows is gathered by `allowance.ts`. */
import { type DeliverySettings, type HeldBy, hoursOpenAt, siteDay } from '@slowlight/protocol';
import type { LaneName } from './lanes.ts';

export interface Hold {
  by: HeldBy;
  /** Wall time, ms: when it may go at the latest. */
  until: number;
}

export interface HoldFacts {
  settings: DeliverySettings;
  timeZone: string;
  /** Wall time, ms. */
  now: number;
  /** What went over the line, by day of the site's calendar, what is on its way included. */
  sent: readonly { day: string; newBytes: number; backlogBytes: number }[];
  /** When the rate lets the next frame of the backlog go, wall time in ms. */
  pacedUntil: number;
}

/** From when on a day's own rate is believed, ms. */
const BELIEVED_AFTER_MS = 3_600_000;

/**
 * A new frame goes as long as the budget has room for it. The backlog leaves what the new frames of the rest of the day (or
 * month) will need, as far as yesterday and today tell.
 * @param bytes of the picture
 * @returns null: it may go
 */
export function decideHold(lane: LaneName, bytes: number, facts: HoldFacts): Hold | null {
  const { settings, timeZone, now } = facts;
  if (lane === 'backlog' || settings.newFrames === 'in-hours') {
    const opensAt = hoursOpenAt(settings.backlogHours, timeZone, now);
    if (opensAt > now) return { by: 'hours', until: opensAt };
  }
  const overBudget = holdByBudget(lane, bytes, facts);
  if (overBudget !== null) return overBudget;
  if (lane === 'backlog' && facts.pacedUntil > now) return { by: 'rate', until: facts.pacedUntil };
  return null;
}

function holdByBudget(lane: LaneName, bytes: number, { settings, timeZone, now, sent }: HoldFacts): Hold | null {
  const { bytesPerDay, bytesPerMonth } = settings;
  if (bytesPerDay === null && bytesPerMonth === null) return null;
  const today = siteDay(timeZone, now);
  const yesterday = siteDay(timeZone, today.startsAt - 1).day;
  const ofDay = (day: string) => sent.find((one) => one.day === day) ?? { newBytes: 0, backlogBytes: 0 };
  const passedMs = now - today.startsAt;
  const rateToday = passedMs < BELIEVED_AFTER_MS ? 0 : ofDay(today.day).newBytes / passedMs;
  const newPerMs = Math.max(ofDay(yesterday).newBytes / 86_400_000, rateToday);
  const over = (limit: number | null, used: number, endsAt: number): boolean =>
    limit !== null && used + bytes + (lane === 'backlog' ? newPerMs * (endsAt - now) : 0) > limit;

  const month = today.day.slice(0, 7);
  const usedInMonth = sent
    .filter(({ day }) => day.startsWith(month))
    .reduce((sum, { newBytes, backlogBytes }) => sum + newBytes + backlogBytes, 0);
  if (over(bytesPerMonth, usedInMonth, today.monthEndsAt)) return { by: 'month-budget', until: today.monthEndsAt };
  const { newBytes, backlogBytes } = ofDay(today.day);
  if (over(bytesPerDay, newBytes + backlogBytes, today.endsAt)) return { by: 'day-budget', until: today.endsAt };
  return null;
}
