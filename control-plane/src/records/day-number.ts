/** Days on the wall of a time zone; a day has 23 hours or 25 on two nights of the year, so they are counted by date. */
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The local date of a moment as `2026-06-01`. */
export function localDate(at: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

/** Which day of a timelapse a moment falls on, in its time zone; the day on which it started is 1, and so is any before. */
export function dayNumber(startedAt: number, at: number, timeZone: string): number {
  const days = (Date.parse(localDate(at, timeZone)) - Date.parse(localDate(startedAt, timeZone))) / DAY_MS;
  return Math.max(1, Math.round(days) + 1);
}
