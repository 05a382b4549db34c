/** Moments, spans of time and amounts in words. Pure: the reader passes now. */
import { words } from '../words.ts';

export type MomentStyle = 'day' | 'time' | 'time-exact' | 'date' | 'date-time' | 'date-time-exact' | 'full';

const STYLES: Record<MomentStyle, Intl.DateTimeFormatOptions> = {
  day: { day: 'numeric', month: 'short' },
  time: { hour: '2-digit', minute: '2-digit' },
  'time-exact': { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  'date-time': { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  'date-time-exact': { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  full: {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  },
};
const formats = new Map<string, Intl.DateTimeFormat>();

export function sayMoment(at: number, zone: string, style: MomentStyle): string {
  const key = `${zone} ${style}`;
  const format =
    formats.get(key) ?? new Intl.DateTimeFormat(words.locale, { ...STYLES[style], timeZone: zone, hourCycle: 'h23' });
  formats.set(key, format);
  return format.format(at);
}

/** A day such as `Sun 22 Nov`. */
export function sayDay(day: string, long = false): string {
  const options: Intl.DateTimeFormatOptions = {
    weekday: long ? 'long' : 'short',
    day: 'numeric',
    month: long ? 'long' : 'short',
    timeZone: 'UTC',
  };
  return new Intl.DateTimeFormat(words.locale, options).format(Date.parse(`${day}T12:00:00Z`));
}

/** A month of a year such as `2026-06`, as `June 2026`. */
export function sayMonth(month: string): string {
  const options: Intl.DateTimeFormatOptions = { month: 'long', year: 'numeric', timeZone: 'UTC' };
  return new Intl.DateTimeFormat(words.locale, options).format(Date.parse(`${month}-15T12:00:00Z`));
}

/** One unit, rounded down: `12 s`, `4 min`, `3 h`, `2 days`. */
export function saySpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return words.time.seconds(seconds);
  if (seconds < 3600) return words.time.minutes(Math.floor(seconds / 60));
  if (seconds < 172_800) return words.time.hours(Math.floor(seconds / 3600));
  return words.time.days(Math.floor(seconds / 86_400));
}

export function sayAgo(ms: number): string {
  return ms < 1500 ? words.time.now : words.time.ago(saySpan(ms));
}

/** A clock that runs down: `0:42`, `1:02:09`, from two days on `3 days`. */
export function sayCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds >= 172_800) return words.time.days(Math.floor(seconds / 86_400));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${hours > 0 ? two(Math.floor((seconds % 3600) / 60)) : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** The length of a film: `0:04.2` below a minute, `12:05` above. */
export function sayLength(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toLocaleString(words.locale, { minimumFractionDigits: 1 })} s`;
  return sayCountdown(Math.round(ms / 1000) * 1000);
}

export function sayNumber(value: number): string {
  return value.toLocaleString(words.locale);
}

export function sayBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString(words.locale, { maximumFractionDigits: digits })} ${units[unit] ?? 'B'}`;
}

/** A part of one as `98 %`; what is not whole never reads `100 %`, and what is something never `0 %`. */
export function sayPart(part: number): string {
  const percent = part * 100;
  const honest =
    percent > 99 && percent < 100
      ? Math.min(99.9, Math.floor(percent * 10) / 10)
      : percent > 0 && percent < 1
        ? 1
        : Math.round(percent);
  return `${honest.toLocaleString(words.locale)} %`;
}
