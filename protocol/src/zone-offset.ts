/** How far a time zone's clock is from UTC, and for how long. Asking the run time is slow, so answers are remembered. */
import { Temporal } from 'temporal-polyfill';

export interface OffsetStretch {
  /** The local clock is ahead of UTC by this. */
  offsetMs: number;
  /** Inclusive; null: it has never been otherwise. */
  since: number | null;
  /** Exclusive; null: for ever. */
  until: number | null;
}

const MOST_REMEMBERED = 64;
const stretches = new Map<string, OffsetStretch[]>();

/** The zone's offset from UTC at a moment (ms), and the stretch of time for which it holds. */
export function offsetAt(zone: string, at: number): OffsetStretch {
  const known = stretches.get(zone) ?? [];
  for (const stretch of known)
    if ((stretch.since === null || at >= stretch.since) && (stretch.until === null || at < stretch.until))
      return stretch;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const next = local.getTimeZoneTransition('next');
  // `previous` looks strictly before the moment; one millisecond later it also finds a change at the moment itself.
  const past = local.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const stretch = {
    offsetMs: local.offsetNanoseconds / 1_000_000,
    since: past?.epochMilliseconds ?? null,
    until: next?.epochMilliseconds ?? null,
  };
  stretches.set(zone, [stretch, ...known].slice(0, MOST_REMEMBERED));
  return stretch;
}
