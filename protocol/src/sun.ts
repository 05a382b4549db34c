/**
 * When the sun does what, by `suncalc` (after Meeus, Astronomical Algorithms, chapters 15 and 25), without any network.
 * Where an event does not happen, its limit is given: in polar summer the sun "rises" at the solar midnight before and "sets"
 * at the one after; in polar winter both are noon, so that nothing lies between them. Moments are whole seconds, so that
 * rounding in another processor's arithmetic cannot part the two sides.
 */
import { getPosition, getTimes, type SunTimeName } from 'suncalc';
import type { Place, SunEvent } from './windows.ts';

const DAY_MS = 86_400_000;

export interface SunMoment {
  /** ms since the epoch. */
  at: number;
  /** False where the event does not happen on this day, and its limit is given. */
  happens: boolean;
}
export interface SunDay {
  of(event: SunEvent): SunMoment;
}

interface Crossing {
  name: SunTimeName;
  /** Altitude of the sun's centre, degrees. */
  altitude: number;
  side: 'morning' | 'evening';
}
const CROSSINGS: Record<Exclude<SunEvent, 'solar-noon'>, Crossing> = {
  'night-end': { name: 'nightEnd', altitude: -18, side: 'morning' },
  'nautical-dawn': { name: 'nauticalDawn', altitude: -12, side: 'morning' },
  dawn: { name: 'dawn', altitude: -6, side: 'morning' },
  sunrise: { name: 'sunrise', altitude: -0.833, side: 'morning' },
  'sunrise-end': { name: 'sunriseEnd', altitude: -0.3, side: 'morning' },
  'golden-hour-end': { name: 'goldenHourEnd', altitude: 6, side: 'morning' },
  'golden-hour': { name: 'goldenHour', altitude: 6, side: 'evening' },
  'sunset-start': { name: 'sunsetStart', altitude: -0.3, side: 'evening' },
  sunset: { name: 'sunset', altitude: -0.833, side: 'evening' },
  dusk: { name: 'dusk', altitude: -6, side: 'evening' },
  'nautical-dusk': { name: 'nauticalDusk', altitude: -12, side: 'evening' },
  night: { name: 'night', altitude: -18, side: 'evening' },
};
/** How much higher than it is `getPosition` shows the sun at and below the horizon, and at 6°, degrees (refraction). */
const REFRACTION = { low: 0.484, golden: 0.14 };

const MOST_REMEMBERED = 4000;
const remembered = new Map<string, SunDay>();

/** The solar day whose noon is nearest to a moment, ms. */
export function sunDayAt(where: Place, nearNoon: number): SunDay {
  const key = `${where.latitude} ${where.longitude} ${nearNoon}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const day = computeDay(where, nearNoon);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(key, day);
  return day;
}

const HOUR_MS = 3_600_000;

/** Whether a moment (ms) lies between sunrise and sunset; in polar summer it always does, in polar winter never. */
export function isSunUp(where: Place, at: number): boolean {
  // The noon of the solar day that the moment falls into, to some minutes: the day is the one whose noon is nearest.
  const aheadMs = (where.longitude / 15) * HOUR_MS;
  const nearNoon = (solarDay: number) => solarDay * DAY_MS + DAY_MS / 2 - aheadMs;
  const solarDay = Math.floor((at + aheadMs) / DAY_MS);
  // Around midnight the equation of time decides which day it is; near the poles the sun may be up then.
  return [solarDay - 1, solarDay, solarDay + 1].some((day) => {
    const sun = sunDayAt(where, nearNoon(day));
    return at >= sun.of('sunrise').at && at < sun.of('sunset').at;
  });
}

/** How high the sun stands over the horizon at a moment (ms), degrees, as it is seen (refraction included). */
export function sunElevation(where: Place, at: number): number {
  return getPosition(new Date(at), where.latitude, where.longitude).altitude;
}

/** Those of the events that happen in [from, until), ascending; ms. */
export function sunEventsIn<Event extends SunEvent>(
  where: Place,
  { from, until }: { from: number; until: number },
  events: readonly Event[],
): { event: Event; at: number }[] {
  const found: { event: Event; at: number }[] = [];
  for (let noon = from - DAY_MS; noon < until + 2 * DAY_MS; noon += DAY_MS) {
    const day = sunDayAt(where, Math.floor(noon / DAY_MS) * DAY_MS + DAY_MS / 2 - (where.longitude / 15) * HOUR_MS);
    for (const event of events) {
      const { at, happens } = day.of(event);
      if (happens && at >= from && at < until) found.push({ event, at });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

function computeDay({ latitude, longitude }: Place, nearNoon: number): SunDay {
  const times = getTimes(new Date(nearNoon), latitude, longitude);
  const noonOf = (at: number) => getTimes(new Date(at), latitude, longitude).solarNoon.getTime();
  const exactNoon = times.solarNoon.getTime();
  const noon = wholeSecond(exactNoon);
  // Halfway between two noons, so that one solar day ends where the next begins.
  const before = wholeSecond((noonOf(exactNoon - DAY_MS) + exactNoon) / 2);
  const after = wholeSecond((exactNoon + noonOf(exactNoon + DAY_MS)) / 2);
  const shownAtNoon = getPosition(times.solarNoon, latitude, longitude).altitude;

  return {
    of(event) {
      if (event === 'solar-noon') return { at: noon, happens: true };
      const { name, altitude, side } = CROSSINGS[event];
      const found = times[name];
      const [earliest, latest] = side === 'morning' ? [before, noon] : [noon, after];
      if (found !== null && Number.isFinite(found.getTime()))
        return { at: Math.min(Math.max(wholeSecond(found.getTime()), earliest), latest), happens: true };
      const alwaysAbove = shownAtNoon - (altitude > 0 ? REFRACTION.golden : REFRACTION.low) > altitude;
      if (!alwaysAbove) return { at: noon, happens: false };
      return { at: side === 'morning' ? before : after, happens: false };
    },
  };
}

const wholeSecond = (at: number) => Math.round(at / 1000) * 1000;
