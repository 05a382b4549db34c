/** What goes into a segment, and its address: the hash of all of that. Pure. */
import { createHash } from 'node:crypto';
import { filmCodec, filmFit, frameId, pictureType, videoInput } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { frameOverlayInRecipe, overlayInRecipe } from './overlay/film-overlay.ts';

const side = z.int().positive();
const recipe = z.strictObject({
  /** Grows when the same recipe would be encoded in another way. What an earlier version had planned is made in this one. */
  way: z.literal([1, 2]),
  look: z.strictObject({
    canvas: z.strictObject({ widthPx: side, heightPx: side }),
    fit: filmFit,
    codec: filmCodec,
    quality: videoInput.shape.quality,
  }),
  overlay: overlayInRecipe.optional(),
  frames: z
    .array(
      z.strictObject({
        id: frameId,
        type: pictureType,
        sizeBytes: z.int(),
        sha256: z.string(),
        /** How much brighter it is made. */
        gain: z.number().positive(),
        /** What is drawn over it; nothing: nothing. */
        overlay: frameOverlayInRecipe.optional(),
      }),
    )
    .min(1),
});
export type SegmentRecipe = z.infer<typeof recipe>;

/** SHA-256, lower-case hex. Frames count by their pictures and by what is seen over them, not by their names. */
export function addressOf({ way, look, frames }: SegmentRecipe): string {
  const { canvas, fit, codec, quality } = look;
  const pictures = frames.map(({ sha256, gain, overlay }) =>
    overlay === undefined ? [sha256, gain] : [sha256, gain, overlay.digest],
  );
  const all = [way, canvas.widthPx, canvas.heightPx, fit, codec, quality, pictures];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

/** @throws Failure `render.recipe-unreadable` */
export function readRecipe(text: string): SegmentRecipe {
  const read = recipe.safeParse(JSON.parse(text));
  if (read.success) return read.data;
  throw new Failure({
    code: 'render.recipe-unreadable',
    message: 'the records hold a piece of a film that this version cannot make',
    hint: 'Update all workers to the same version, then retry the job of the film.',
    retry: 'later',
    cause: read.error,
  });
}
