/** All that a video was made of, so that it can be made again. Pure. */
import { frameId, videoInput, videoView } from '@slowlight/protocol';
import { z } from 'zod';
import type { VideoManifest } from '../ports-films.ts';

const title = z.object({
  lines: z.array(z.string()),
  seconds: z.number(),
  /** The frame that lies blurred behind the words; null: none. */
  ground: z.object({ id: frameId, sha256: z.string() }).nullable(),
});
const recipe = z.object({
  look: z.record(z.string(), z.unknown()),
  title: title.optional(),
  frames: z.array(z.object({ id: frameId, sha256: z.string(), sizeBytes: z.int(), gain: z.number() })),
});

export const filmManifest = z.object({
  video: videoView,
  /** What was asked for. */
  input: videoInput,
  /** The version of ffmpeg that the film was measured with. */
  ffmpeg: z.string().nullable(),
  /** How its pictures were encoded; null before it has been planned. */
  look: z.record(z.string(), z.unknown()).nullable(),
  /** The card before the first frame, as it is in the film; null: there is none. */
  title: title.nullable(),
  /** In the order in which they are shown; a title has no frames. */
  segments: z.array(z.object({ address: z.string(), frames: z.int() })),
  /** In the order in which they are shown; `gain` is how much brighter a picture was made. */
  frames: z.array(z.object({ id: frameId, sha256: z.string(), sizeBytes: z.int(), gain: z.number() })),
  /** Frames that could not be read. */
  leftOut: z.array(z.object({ frameId, reason: z.string() })),
});

export function readManifest({ video, input, ffmpeg, segments }: VideoManifest): z.infer<typeof filmManifest> {
  const read = segments.map((segment) => ({ ...segment, made: recipe.parse(JSON.parse(segment.recipe)) }));
  return {
    video,
    input,
    ffmpeg,
    look: read[0]?.made.look ?? null,
    title: read[0]?.made.title ?? null,
    segments: read.map(({ address, made }) => ({ address, frames: made.frames.length })),
    frames: read.flatMap(({ made }) => made.frames),
    leftOut: read.flatMap(({ leftOut }) => leftOut),
  };
}
