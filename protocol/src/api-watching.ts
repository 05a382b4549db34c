/** The shapes of the REST API for those who look on: the wall, and the moments of a camera as columns of numbers. */
import { z } from 'zod';
import { timelapseState } from './feed.ts';
import { cameraId, frameId, timelapseId } from './ids.ts';
import { outcome } from './outcome.ts';
import { displayName, instant } from './primitives.ts';
import { schedule } from './schedule.ts';
import { SHEET_MOST } from './sheets.ts';
import { fault } from './verdict.ts';

/** What a card of the wall says beside the camera itself. */
export const wallItem = z.object({
  cameraId,
  /** Of the camera's newest frame; null: it has none. */
  verdict: z.object({ score: z.int(), faults: z.array(fault) }).nullable(),
  /** Recorded frames whose pictures are still at the edge. */
  waiting: z.object({ frames: z.int(), bytes: z.int() }),
  /** The one that runs or is paused. */
  timelapse: z
    .object({
      id: timelapseId,
      name: displayName,
      state: timelapseState,
      schedule,
      /** It runs, and its schedule plans nothing within the next seven days. */
      nothingPlanned: z.boolean(),
    })
    .nullable(),
  /** Of that timelapse, from midnight in its time zone up to now; null where there is none. */
  today: z
    .object({
      from: instant,
      to: instant,
      planned: z.int(),
      outcomes: z.record(outcome, z.int()),
      covered: z.number().nullable(),
    })
    .nullable(),
});
export type WallItem = z.infer<typeof wallItem>;
export const wallView = z.object({ items: z.array(wallItem) });
export type WallView = z.infer<typeof wallView>;

/** More are thinned out evenly over the time that is asked for. */
export const MOST_MOMENTS = 6000;
export const momentsQuery = z.strictObject({
  /** Inclusive, by slot (a manual frame: by when it was taken), ms. */
  from: z.coerce.number().pipe(instant),
  /** Exclusive. */
  to: z.coerce.number().pipe(instant),
  most: z.coerce.number().int().min(1).max(MOST_MOMENTS).default(3000),
});
export type MomentsQuery = z.infer<typeof momentsQuery>;

/** The frames of a camera in a stretch of time as columns of the same length, oldest first. */
export const momentsView = z.object({
  cameraId,
  from: instant,
  to: instant,
  /** There are more than were asked for: these are some of them, evenly in time. */
  thinned: z.boolean(),
  /** Width over height of the newest of them; null: there are none. */
  ratio: z.number().nullable(),
  ids: z.array(frameId),
  at: z.array(instant),
  scores: z.array(z.int()),
  /** Mean brightness, 0 to 255; null where the judge did not say. */
  brightness: z.array(z.number().nullable()),
  /** Sums of `MOMENT_MARKS`. */
  marks: z.array(z.int()),
});
export type MomentsView = z.infer<typeof momentsView>;

export const sheetQuery = z.strictObject({
  /** Ids of frames of this camera, separated by commas. */
  frames: z
    .string()
    .max(SHEET_MOST * 48)
    .transform((text) => text.split(','))
    .pipe(z.array(frameId).min(1).max(SHEET_MOST)),
});
