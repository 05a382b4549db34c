/**
 * When a schedule is open. Pure. A weekly window is open at every moment at which the local clock shows a time inside it: an
 * hour that the clock repeats is open twice, one that it leaves out never.
 */
import type { Override, Rhythm, Schedule } from './schedule.ts';
import { type SunDay, sunDayAt } from './sun.ts';
import { SUN_EVENTS, type SunEdge, type SunWindow, type Weekday, weekday } from './windows.ts';
import { offsetAt } from './zone-offset.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Everything that a window can follow comes again within a year: what has not opened for longer never will. */
const NEVER_AGAIN_MS = 400 * DAY_MS;
/** A sun window reaches at most this many days from the day that it belongs to, offsets included. */
const SUN_REACH_DAYS = 3;

/** Inclusive, exclusive; ms since the epoch, `until` may be infinite. */
export interface OpenTime {
  from: number;
  until: number;
}

/** The rhythm in force at a moment; null where the schedule is closed. Start and stop of the schedule do not count here. */
export function rhythmAt(schedule: Schedule, at: number): Rhythm | null {
  for (const one of schedule.overrides ?? []) if (at >= one.from && at < one.until) return one.rhythm;
  for (const _ of openTimes(schedule, at, at + 1)) return schedule.rhythm;
  return null;
}

/** The overrides that have not ended by then, ascending. */
export function overridesFrom(schedule: Schedule, from: number): Override[] {
  return (schedule.overrides ?? []).filter((one) => one.until > from).sort((a, b) => a.from - b.from);
}

/** The pieces of [from, until) in which the windows of a schedule are open, ascending and disjoint. Overrides do not count. */
export function* openTimes(schedule: Schedule, from: number, until: number): Generator<OpenTime, void> {
  const openOn = daysOf(schedule);
  if (openOn === null) {
    if (from < until) yield { from, until };
    return;
  }
  let closedSince = from;
  for (let at = from; at < until; ) {
    // A piece is the part of one local day in which one offset holds: local time is even in it.
    const { offsetMs, until: change } = offsetAt(schedule.timeZone, at);
    const day = Math.floor((at + offsetMs) / DAY_MS);
    const end = Math.min((day + 1) * DAY_MS - offsetMs, change ?? Number.POSITIVE_INFINITY, until);
    for (const open of merged(openOn(day, offsetMs), at, end)) {
      yield open;
      closedSince = open.until;
    }
    if (end - closedSince > NEVER_AGAIN_MS) return;
    at = end;
  }
}

/** Given the number of a local day since 1970 and its offset: what is open on it, ms, in no order. */
type OpenOn = (day: number, offsetMs: number) => OpenTime[];
const remembered = new WeakMap<Schedule, OpenOn>();

/** Null: always open. */
function daysOf(schedule: Schedule): OpenOn | null {
  const { windows = [], sunWindows = [] } = schedule;
  if (windows.length === 0 && sunWindows.length === 0) return null;
  const known = remembered.get(schedule);
  if (known !== undefined) return known;
  const weekly = weeklyMinutes(schedule);
  const ofSun = sunWindows.length === 0 ? null : sunOf(schedule, weekly);
  const openOn: OpenOn = (day, offsetMs) => {
    const open: OpenTime[] = [];
    for (const ago of [1, 0]) {
      const begins = (day - ago) * DAY_MS - offsetMs;
      for (const { from, until } of weekly[weekdayOf(day - ago)] ?? [])
        open.push({ from: begins + from * MINUTE_MS, until: begins + until * MINUTE_MS });
    }
    if (ofSun !== null)
      for (let of = day - SUN_REACH_DAYS; of <= day + SUN_REACH_DAYS; of += 1) open.push(...ofSun(of));
    return open;
  };
  remembered.set(schedule, openOn);
  return openOn;
}

/** 0 is Monday; 1 January 1970 was a Thursday. */
const weekdayOf = (day: number) => (((day + 3) % 7) + 7) % 7;
const numberOf = new Map<Weekday, number>(weekday.options.map((name, index) => [name, index]));
const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** For each weekday, its windows in minutes from its local midnight; more than 1440 reaches into the next day. */
function weeklyMinutes({ windows = [] }: Schedule): OpenTime[][] {
  const week: OpenTime[][] = weekday.options.map(() => []);
  for (const { days, from, to } of windows) {
    const [begins, ends] = [minutesOf(from), minutesOf(to)];
    for (const name of new Set(days))
      week[numberOf.get(name) ?? 0]?.push({ from: begins, until: ends > begins ? ends : ends + 1440 });
  }
  return week;
}

/** The sun windows that belong to a local day; none where the weekday has windows of its own. */
function sunOf(schedule: Schedule, weekly: readonly OpenTime[][]): (day: number) => OpenTime[] {
  const { timeZone, location, sunWindows = [] } = schedule;
  if (location === undefined) return () => [];
  const sunOn = (day: number) => sunDayAt(location, noonOf(timeZone, day));
  return (day) => {
    if ((weekly[weekdayOf(day)] ?? []).length > 0) return [];
    return sunWindows.map((window) => ({
      from: momentOf(sunOn(day), window.from),
      until: momentOf(sunOn(endsNextDay(window) ? day + 1 : day), window.to),
    }));
  };
}

function noonOf(timeZone: string, day: number): number {
  const asUtc = day * DAY_MS + DAY_MS / 2;
  return asUtc - offsetAt(timeZone, asUtc).offsetMs;
}

/** The offset counts from what happens; the limit that stands for what does not happen is not moved. */
function momentOf(day: SunDay, { event, offsetMinutes }: SunEdge): number {
  const { at, happens } = day.of(event);
  return happens ? at + offsetMinutes * MINUTE_MS : at;
}

const orderOf = new Map(SUN_EVENTS.map((event, index) => [event, index]));
function endsNextDay({ from, to }: SunWindow): boolean {
  const [begins, ends] = [orderOf.get(from.event) ?? 0, orderOf.get(to.event) ?? 0];
  return begins === ends ? to.offsetMinutes < from.offsetMinutes : ends < begins;
}

/** What lies in [from, until), in order, overlaps joined. */
function merged(times: readonly OpenTime[], from: number, until: number): OpenTime[] {
  const inside = times
    .map((time) => ({ from: Math.max(time.from, from), until: Math.min(time.until, until) }))
    .filter((time) => time.from < time.until)
    .sort((a, b) => a.from - b.from);
  const joined: OpenTime[] = [];
  for (const time of inside) {
    const last = joined.at(-1);
    if (last !== undefined && time.from <= last.until) last.until = Math.max(last.until, time.until);
    else joined.push(time);
  }
  return joined;
}

/** Whether a schedule asks for the sun, and so for a place. */
export const followsTheSun = ({ sunWindows = [] }: { sunWindows?: readonly SunWindow[] | undefined }): boolean =>
  sunWindows.length > 0;
