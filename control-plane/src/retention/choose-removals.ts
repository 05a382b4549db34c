/** Which frames of a timelapse go by age. Pure: a table of moments in, ids out. */
import type { FrameId, RetentionSettings } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';

export interface AgedFrame {
  id: FrameId;
  /** Its slot, ms. */
  at: number;
  flagged: boolean;
  sizeBytes: number;
}

export type FrameRules = NonNullable<RetentionSettings['frames']>;
interface Bucket {
  from: number;
  until: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The age, ms, before which nothing of a timelapse goes; null: nothing ever does. */
export function youngestRemoval({ thin, removeAfterDays }: FrameRules): number | null {
  const days = [...thin.map((rule) => rule.afterDays), ...(removeAfterDays === null ? [] : [removeAfterDays])];
  return days.length === 0 ? null : Math.min(...days) * DAY_MS;
}

/**
 * Looks at the frames of a timelapse one after the other and says which go. Of each hour or day the one stays that is not
 * flagged and nearest to its middle, so that what is kept shows each hour at its half and each day at noon.
 * @param now wall time, ms
 */
export function createChooser({ rules, timeZone, now }: { rules: FrameRules; timeZone: string; now: number }) {
  const oldest = rules.removeAfterDays === null ? Number.NEGATIVE_INFINITY : now - rules.removeAfterDays * DAY_MS;
  const bucketOf = createBuckets(rules, timeZone, now);
  let best: { frame: AgedFrame; bucket: Bucket } | null = null;
  return {
    /** The frame that is certain to go now that this one is seen; null: none is. Frames must be given by `at`, ascending. */
    add(frame: AgedFrame): AgedFrame | null {
      if (frame.at < oldest) return frame;
      const bucket: Bucket | null = best !== null && frame.at < best.bucket.until ? best.bucket : bucketOf(frame.at);
      if (bucket === null) return null;
      if (best === null || bucket !== best.bucket) {
        best = { frame, bucket };
        return null;
      }
      const other = best.frame;
      if (!isBetter(frame, other, bucket)) return frame;
      best = { frame, bucket };
      return other;
    },
  };
}

/** Gives the hour or the day that a moment is thinned with; null: it is too young, or its day is only partly old enough. */
function createBuckets({ thin }: FrameRules, timeZone: string, now: number): (at: number) => Bucket | null {
  return (at) => {
    const midnight = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).startOfDay();
    const day = { from: midnight.epochMilliseconds, until: midnight.add({ days: 1 }).startOfDay().epochMilliseconds };
    // A whole day changes its rule at once, so that what was chosen does not depend on the hour at which it was looked.
    const rule = thin.findLast(({ afterDays }) => day.until <= now - afterDays * DAY_MS);
    if (rule === undefined) return null;
    if (rule.keepOneEvery === 'day') return day;
    const from = day.from + Math.floor((at - day.from) / HOUR_MS) * HOUR_MS;
    return { from, until: Math.min(from + HOUR_MS, day.until) };
  };
}

function isBetter(a: AgedFrame, b: AgedFrame, { from, until }: Bucket): boolean {
  if (a.flagged !== b.flagged) return b.flagged;
  const middle = (from + until) / 2;
  return Math.abs(a.at - middle) < Math.abs(b.at - middle);
}
