/** Moments as people write them, in any pattern, language and time zone, right on both nights of the year when clocks change. */
import { DateTime } from 'luxon';

/** @param at ms; @param pattern tokens of Unicode TR35, checked by the protocol; @param locale such as `de-AT` */
export function writeMoment(
  at: number,
  pattern: string,
  { timeZone, locale }: { timeZone: string; locale: string },
): string {
  return DateTime.fromMillis(at, { zone: timeZone, locale }).toFormat(pattern);
}

/** A number as it is written in a language, with a true minus sign where the language has one. */
export function writeNumber(value: number, decimals: number, locale: string): string {
  const written = new Intl.NumberFormat(locale, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: 'negative',
    useGrouping: false,
  }).format(value);
  return written.replace('-', '−');
}
