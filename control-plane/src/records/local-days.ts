/** Days on the wall of a time zone as stretches of time; some have 23 hours or 25. */
import { Temporal } from 'temporal-polyfill';

export interface LocalDay {
  /** Inclusive. */
  from: number;
  /** Exclusive. */
  until: number;
}

/** The days that have something between two moments, whole, ascending. */
export function* localDays(zone: string, from: number, until: number): Generator<LocalDay, void> {
  let begins = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).startOfDay();
  while (begins.epochMilliseconds < until) {
    const ends = begins.add({ days: 1 }).startOfDay();
    yield { from: begins.epochMilliseconds, until: ends.epochMilliseconds };
    begins = ends;
  }
}
