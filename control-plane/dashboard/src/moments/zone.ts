/** Days and wall clocks of a time zone, by `Intl` alone. Pure. */

/** A calendar day as `YYYY-MM-DD`. */
export type Day = string;

const formats = new Map<string, Intl.DateTimeFormat>();

function wallFormat(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

function wallParts(at: number, zone: string): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const { type, value } of wallFormat(zone).formatToParts(at)) if (type !== 'literal') parts[type] = Number(value);
  return parts;
}

/** How far the zone's clock is ahead of UTC at a moment, ms. */
export function offsetAt(at: number, zone: string): number {
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = wallParts(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

const two = (value: number | undefined) => String(value ?? 0).padStart(2, '0');

export function dayOf(at: number, zone: string): Day {
  const { year = 1970, month, day } = wallParts(at, zone);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** The local wall time as a date-time field wants it: `YYYY-MM-DDTHH:mm`. */
export function localOf(at: number, zone: string): string {
  const { hour, minute } = wallParts(at, zone);
  return `${dayOf(at, zone)}T${two(hour)}:${two(minute)}`;
}

/**
 * The moment at which the zone's clock shows `YYYY-MM-DDTHH:mm`; null for what is no such text. A time that the clock jumps
 * over is the moment of the jump or shortly after it; of a time that comes twice, one of the two.
 */
export function momentOfLocal(local: string, zone: string): number | null {
  const asUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(local) ? Date.parse(`${local.slice(0, 16)}:00Z`) : Number.NaN;
  if (Number.isNaN(asUtc)) return null;
  const first = asUtc - offsetAt(asUtc, zone);
  return asUtc - offsetAt(first, zone);
}

export function isDay(text: unknown): text is Day {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

export function shiftDay(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** First moment of a day (inclusive) and of the day after it (exclusive): 23, 24 or 25 hours apart. */
export function boundsOfDay(day: Day, zone: string): { from: number; to: number } {
  return { from: momentOfLocal(`${day}T00:00`, zone) ?? 0, to: momentOfLocal(`${shiftDay(day, 1)}T00:00`, zone) ?? 0 };
}

/** The zone of this device. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
