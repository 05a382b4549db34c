/** The shapes of the REST API about the frames of films: which are kept out by hand, which a film would show, its days. */
import { z } from 'zod';
import { videoInput } from './api-films.ts';
import { frameId } from './ids.ts';
import { instant } from './primitives.ts';

/**
 * Frames of a timelapse that its films leave out, or show again: those that are named, or all of a time (`to` exclusive).
 * The frames themselves stay as they are.
 */
export const exclusionInput = z
  .strictObject({
    excluded: z.boolean(),
    frameIds: z.array(frameId).min(1).max(500).optional(),
    from: instant.optional(),
    to: instant.optional(),
  })
  .refine(({ frameIds, from, to }) => (frameIds !== undefined) !== (from !== undefined && to !== undefined), {
    path: ['frameIds'],
    message: 'must be given, or else from and to',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'must be later than from',
  });
export type ExclusionInput = z.infer<typeof exclusionInput>;
/** How many frames are otherwise now than they were. */
export const exclusionDone = z.object({ frames: z.int() });
export type ExclusionDone = z.infer<typeof exclusionDone>;

/** Neighbouring frames of a film that is not made yet, to be leafed through. */
export const filmStripInput = videoInput.extend({
  /** Where in the film, 0 to 1. */
  at: z.number().min(0).max(1).default(0),
  count: z.int().min(1).max(240).default(48),
});
export type FilmStripInput = z.infer<typeof filmStripInput>;
export const filmStrip = z.object({
  /** Of the whole film. */
  of: z.int(),
  /** How large its pictures would be; null where it has none. */
  widthPx: z.int().nullable(),
  heightPx: z.int().nullable(),
  frames: z.array(
    z.object({
      id: frameId,
      at: instant,
      /** From 1 on, as the film counts its pictures. */
      number: z.int(),
      /** How much brighter the film would make it, against flicker; 1: as it is. */
      gain: z.number(),
    }),
  ),
});
export type FilmStrip = z.infer<typeof filmStrip>;

/** The days of a film, each from its first picture on. */
export const filmChapters = z.object({
  timeZone: z.string(),
  chapters: z.array(
    z.object({
      /** On the wall of the schedule's time zone, such as `2026-06-01`. */
      date: z.string(),
      /** When its first picture was due. */
      at: instant,
      /** Where that stands in the film, ms from its beginning. */
      startMs: z.int(),
      frames: z.int(),
    }),
  ),
});
export type FilmChapters = z.infer<typeof filmChapters>;
