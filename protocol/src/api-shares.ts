/** The shapes of links that show one timelapse or one video to whoever has them. */
import { z } from 'zod';
import { frameId, shareId, timelapseId, userId, videoId } from './ids.ts';
import { displayName, instant, timeZone } from './primitives.ts';

const HOUR_MS = 3_600_000;
/** An origin that may show the player inside its pages. */
const origin = z
  .string()
  .max(200)
  .regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/i, 'must be an origin such as https://example.org');

export const shareView = z.object({
  id: shareId,
  name: displayName,
  /** What it shows. */
  shows: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('timelapse'), timelapseId }),
    z.object({ kind: z.literal('video'), videoId, timelapseId }),
  ]),
  /** Pictures younger than this are not shown, and neither are films that hold one, ms. */
  delayMs: z.int(),
  /** Whether the pictures can be looked at one by one; a film always can. */
  pictures: z.boolean(),
  /** Pages that may show the player inside them; null: every page. */
  embeddedBy: z.array(origin).nullable(),
  createdAt: instant,
  createdBy: userId.nullable(),
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
  views: z.int(),
  lastViewedAt: instant.nullable(),
});
export type ShareView = z.infer<typeof shareView>;
export const shareInput = z
  .strictObject({
    name: displayName,
    timelapseId: timelapseId.optional(),
    videoId: videoId.optional(),
    delayMs: z
      .int()
      .min(0)
      .max(365 * 24 * HOUR_MS)
      .default(0),
    pictures: z.boolean().default(true),
    embeddedBy: z.array(origin).max(20).nullable().default([]),
    expiresAt: instant.nullable().default(null),
  })
  .refine((input) => (input.timelapseId === undefined) !== (input.videoId === undefined), {
    message: 'give either a timelapseId or a videoId',
    path: ['timelapseId'],
  });
export type ShareInput = z.infer<typeof shareInput>;
export const shareChange = z
  .strictObject({
    name: displayName,
    delayMs: shareView.shape.delayMs.min(0),
    pictures: z.boolean(),
    embeddedBy: z.array(origin).max(20).nullable(),
    expiresAt: instant.nullable(),
  })
  .partial();
export type ShareChange = z.infer<typeof shareChange>;
/** The link and its token are shown in this answer and never again. */
export const shareCreated = z.object({ share: shareView, token: z.string(), path: z.string() });

/** A frame as strangers see it. */
export const sharedFrame = z.object({ id: frameId, at: instant, widthPx: z.int(), heightPx: z.int() });
export type SharedFrame = z.infer<typeof sharedFrame>;
export const sharedVideo = z.object({
  id: videoId,
  name: displayName,
  durationMs: z.int().nullable(),
  widthPx: z.int().nullable(),
  heightPx: z.int().nullable(),
  finishedAt: instant.nullable(),
  /** Whether it has an animated preview. */
  animated: z.boolean(),
});
/** All that a link shows beside pictures and films. */
export const sharedView = z.object({
  name: displayName,
  kind: z.enum(['timelapse', 'video']),
  timeZone,
  delayMs: z.int(),
  expiresAt: instant.nullable(),
  newest: sharedFrame.nullable(),
  /** Newest first. */
  videos: z.array(sharedVideo),
  pictures: z.boolean(),
});
export type SharedView = z.infer<typeof sharedView>;
export const sharedFramesQuery = z.strictObject({
  from: z.coerce.number().pipe(instant).optional(),
  to: z.coerce.number().pipe(instant).optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
