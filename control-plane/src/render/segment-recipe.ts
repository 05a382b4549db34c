/** What goes into a segment, and its address: the hash of all of that. Pure. */
import { createHash } from 'node:crypto';
import { filmCodec, filmEncoder, filmFit, frameId, pictureType, videoInput } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { frameOverlayInRecipe, overlayInRecipe } from './overlay/film-overlay.ts';

const side = z.int().positive();
const picture = { id: frameId, type: pictureType, sizeBytes: z.int(), sha256: z.string() };
/** A card with words, in place of frames. */
const titleInRecipe = z.strictObject({
  /** Grows when the same words would look otherwise. */
  drawing: z.literal(1),
  lines: z.array(z.string()).min(1).max(3),
  seconds: z.number().positive(),
  /** The picture that lies blurred behind the words; null: one dark colour. */
  ground: z.strictObject(picture).nullable(),
});
export type TitleInRecipe = z.infer<typeof titleInRecipe>;
const recipe = z.strictObject({
  /** Grows when the same recipe would be encoded in another way. What an earlier version had planned is made in this one. */
  way: z.literal([1, 2]),
  look: z.strictObject({
    canvas: z.strictObject({ widthPx: side, heightPx: side }),
    fit: filmFit,
    codec: filmCodec,
    quality: videoInput.shape.quality,
    /** Nothing: software. Pieces of different encoders are different pieces, and are never joined. */
    encoder: filmEncoder.exclude(['software']).optional(),
  }),
  overlay: overlayInRecipe.optional(),
  /**
   * How each frame fades into the next: for which share of its time, in how many pictures. `next` is the frame behind the
   * last one, of the next piece; null: there is none.
   */
  fade: z
    .strictObject({
      share: z.number().positive().max(1),
      steps: z.int().min(1),
      next: z.strictObject({ ...picture, gain: z.number().positive() }).nullable(),
    })
    .optional(),
  /** Then there are no frames. */
  title: titleInRecipe.optional(),
  frames: z.array(
    z.strictObject({
      ...picture,
      /** How much brighter it is made. */
      gain: z.number().positive(),
      /** What is drawn over it; nothing: nothing. */
      overlay: frameOverlayInRecipe.optional(),
    }),
  ),
});
export type SegmentRecipe = z.infer<typeof recipe>;

/** SHA-256, lower-case hex. Frames count by their pictures and by what is seen over them, not by their names. */
export function addressOf({ way, look, fade, title, frames }: SegmentRecipe): string {
  const { canvas, fit, codec, quality, encoder } = look;
  const pictures = frames.map(({ sha256, gain, overlay }) =>
    overlay === undefined ? [sha256, gain] : [sha256, gain, overlay.digest],
  );
  const all: unknown[] = [way, canvas.widthPx, canvas.heightPx, fit, codec, quality, pictures];
  if (encoder !== undefined) all.push('encoder', encoder);
  if (fade !== undefined) all.push('fade', fade.share, fade.steps, fade.next && [fade.next.sha256, fade.next.gain]);
  if (title !== undefined)
    all.push('title', title.drawing, title.lines, title.seconds, title.ground === null ? null : title.ground.sha256);
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
