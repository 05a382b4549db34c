/** The shapes of the REST API that concern what is kept and for how long. */
import { z } from 'zod';
import { timelapseId } from './ids.ts';
import { instant } from './primitives.ts';

const days = z.int().min(1).max(36_500);

/** Of frames that are older than this, one is kept in each hour or day on the wall of the schedule's time zone. */
const thinning = z.strictObject({ afterDays: days, keepOneEvery: z.enum(['hour', 'day']) });

/**
 * What is removed by age; null: nothing is. Frames, their thumbnails and videos go only from timelapses that are completed.
 * Pictures that were taken by hand stay.
 */
export const retentionSettings = z.strictObject({
  frames: z
    .strictObject({
      thin: z.array(thinning).max(2).default([]),
      /** Older ones go altogether. */
      removeAfterDays: days.nullable().default(null),
    })
    .refine(({ thin: [first, second] }) => second === undefined || first === undefined || isLater(first, second), {
      path: ['thin'],
      message: 'must go from the hour to the day, each after more days than the one before',
    })
    .nullable()
    .default(null),
  /** The whole picture is shown instead. */
  thumbnailsDays: days.nullable().default(null),
  /** Sidecars of overlays; those of younger frames, and what is drawn over films, stay. */
  overlaysDays: days.nullable().default(null),
  videosDays: days.nullable().default(null),
  /** What happened, for those who look on; the newest 10,000 entries stay in any case. */
  feedDays: days.nullable().default(90),
  faultsDays: days.nullable().default(365),
  /** Jobs that are done or cancelled. */
  jobsDays: days.nullable().default(30),
  /**
   * Of so many newest events of each agent the content is remembered, so that another content under their number is found
   * out. Of older ones it is known that they are recorded.
   */
  eventsKept: z.int().min(10_000).max(1_000_000_000).nullable().default(1_000_000),
});
export type RetentionSettings = z.infer<typeof retentionSettings>;

type Thinning = z.infer<typeof thinning>;
const isLater = (first: Thinning, second: Thinning): boolean =>
  first.keepOneEvery === 'hour' && second.keepOneEvery === 'day' && first.afterDays < second.afterDays;

/** What would go now. */
export const retentionPreview = z.object({
  frames: z.int(),
  frameBytes: z.int(),
  timelapses: z.array(
    z.object({ timelapseId, frames: z.int(), bytes: z.int(), firstAt: instant, lastAt: instant, of: z.int() }),
  ),
  thumbnails: z.int(),
  overlays: z.int(),
  videos: z.int(),
  videoBytes: z.int(),
});
export type RetentionPreview = z.infer<typeof retentionPreview>;

const keys = z.object({ count: z.int(), bytes: z.int(), keys: z.array(z.string()) });
/** What was found when the records were compared with the object store; it grows while that goes on. Keys: the first 50. */
export const stocktakeReport = z.object({
  state: z.enum(['running', 'done', 'broken-off']),
  /** Whether what was found has been repaired. */
  repair: z.boolean(),
  startedAt: instant,
  endedAt: instant.nullable(),
  reason: z.string().nullable(),
  framesLookedAt: z.int(),
  filmsLookedAt: z.int(),
  objectsLookedAt: z.int(),
  /** Recorded, and not in the store. */
  missing: keys,
  /** In the store for two days or more, and not recorded. */
  orphans: keys,
  /** Were missing, and are there again. */
  back: z.int(),
});
export type StocktakeReport = z.infer<typeof stocktakeReport>;
