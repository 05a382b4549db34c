/** The shapes of the REST API about films. */
import { z } from 'zod';
import { videoState } from './feed.ts';
import { filmChoice, filmCodec, filmEncoder, filmLook, filmSpeed, filmTitle } from './film.ts';
import { timelapseId, videoId } from './ids.ts';
import { displayName, instant } from './primitives.ts';

/** A few pictures of a film that move by themselves, for pages and letters that show no films. */
export const animationType = z.enum(['gif', 'webp']);
export type AnimationType = z.infer<typeof animationType>;
export const filmAnimation = z.object({
  state: z.enum(['wanted', 'ready', 'failed']),
  /** Why there is none, or no newer one. */
  reason: z.string().nullable(),
  /** How large each is; null: it is not there yet. One that is made anew shows what it was until then. */
  gifBytes: z.int().nullable(),
  webpBytes: z.int().nullable(),
});
export type FilmAnimation = z.infer<typeof filmAnimation>;

export const videoView = z.object({
  id: videoId,
  timelapseId,
  name: displayName,
  state: videoState,
  fps: z.number(),
  heightPx: z.int().nullable(),
  widthPx: z.int().nullable(),
  framesTotal: z.int(),
  framesDone: z.int(),
  /** Frames that could not be read and were left out. */
  framesLeftOut: z.int(),
  durationMs: z.int().nullable(),
  sizeBytes: z.int().nullable(),
  reason: z.string().nullable(),
  /** Why it is not as fast or as long as was asked; null: it is. */
  speedReason: z.string().nullable(),
  codec: filmCodec,
  /** What encoded it; null: it is not made yet. */
  encoder: filmEncoder.nullable(),
  /** Why software encodes it although hardware was asked for; null: nothing else was, or hardware does. */
  encoderReason: z.string().nullable(),
  /** For how much of its time a picture fades into the next one, 0 to 1. */
  crossFade: z.number(),
  /** The card before its first picture; null: there is none. */
  title: filmTitle.nullable(),
  /** Whether there is a film to look at; one that is made anew shows what it was until then. */
  playable: z.boolean(),
  /** Its animated preview; null: nobody has asked for one. */
  animation: filmAnimation.nullable(),
  /** How long it will still take, as far as can be told; null: it is not being made, or nothing can be told yet. */
  timeLeftMs: z.int().nullable(),
  /** Whether it takes in new and late frames by itself. */
  grows: z.boolean(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type VideoView = z.infer<typeof videoView>;
export const videoInput = z.strictObject({
  timelapseId,
  name: displayName.optional(),
  ...filmSpeed,
  /** Height of the film in px; the aspect is kept and nothing is enlarged. null: as the source. */
  heightPx: z.int().min(120).max(2160).nullable().default(1080),
  quality: z.enum(['low', 'medium', 'high', 'archive']).default('medium'),
  from: instant.nullable().default(null),
  to: instant.nullable().default(null),
  flagged: z.boolean().default(false),
  ...filmChoice,
  ...filmLook,
  /** A card before the first picture; nothing: none. */
  title: filmTitle.nullable().optional(),
  /** Takes in new and late frames by itself, with a pause. */
  grows: z.boolean().optional(),
});
export type VideoInput = z.infer<typeof videoInput>;
/**
 * Only what is given changes. Nothing is encoded but a title that is another one, and a film that fades from frame to frame
 * where it needs another number of pictures for that at its new speed.
 */
export const videoChange = z.strictObject({
  name: displayName.optional(),
  fps: z.number().min(1).max(120).optional(),
  length: filmSpeed.length,
  minSeconds: filmSpeed.minSeconds,
  maxSeconds: filmSpeed.maxSeconds,
  title: filmTitle.nullable().optional(),
  grows: z.boolean().optional(),
});
export type VideoChange = z.infer<typeof videoChange>;
/** How long a film would be. */
export const videoPreview = z.object({
  frames: z.int(),
  fps: z.number(),
  durationMs: z.int(),
  reason: z.string().nullable(),
});
export type VideoPreview = z.infer<typeof videoPreview>;
