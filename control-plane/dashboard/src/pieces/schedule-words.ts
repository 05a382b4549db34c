import type { Schedule, SunEdge, Weekday } from '@slowlight/protocol';
import { words } from '../words.ts';

/** `every 5 min, Mon–Fri 08:00 to 18:00`, or the cron expression as it is. */
export function sayRhythm(schedule: Schedule): string {
  return [sayBareRhythm(schedule), ...sayOpening(schedule)].join(', ');
}

const DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** One window in full, several by their number, none not at all. */
function sayOpening({ windows = [], sunWindows = [] }: Schedule): string[] {
  const [hours] = windows;
  const [sun] = sunWindows;
  const count = windows.length + sunWindows.length;
  if (count > 1) return [words.schedule.inWindows(count)];
  if (hours !== undefined) return [words.schedule.hours(sayDays(hours.days), hours.from, hours.to)];
  return sun === undefined ? [] : [words.schedule.sunHours(sayEdge(sun.from), sayEdge(sun.to))];
}

function sayEdge({ event, offsetMinutes }: SunEdge): string {
  const name = words.schedule.sun[event];
  return offsetMinutes === 0 ? name : words.schedule.offset(name, offsetMinutes);
}

/** `Mon–Fri`, `Sat, Sun`. */
function sayDays(days: readonly Weekday[]): string {
  if (new Set(days).size === DAYS.length) return words.schedule.everyDay;
  const runs: Weekday[][] = [];
  for (const day of DAYS.filter((one) => days.includes(one))) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && DAYS.indexOf(before) === DAYS.indexOf(day) - 1) last.push(day);
    else runs.push([day]);
  }
  const short = (day: Weekday | undefined) => (day === undefined ? '' : words.schedule.weekdays[day].short);
  return runs
    .map((run) => (run.length < 3 ? run.map(short).join(', ') : `${short(run[0])}–${short(run.at(-1))}`))
    .join(', ');
}

function sayBareRhythm(schedule: Schedule): string {
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
