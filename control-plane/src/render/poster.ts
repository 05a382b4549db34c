/** A still for a film: the picture in its middle, or the nearest one that can be read. */
import sharp from 'sharp';
import type { ObjectStore } from '../frame.ts';
import type { FilmFrame } from '../ports-films.ts';
import type { Canvas } from './film-plan.ts';
import { MOST_PIXELS, preparePicture } from './pictures.ts';

const LONGEST_SIDE_PX = 1280;
const QUALITY = 80;
/** A film in which so many in a row cannot be read has no poster. */
const MOST_TRIES = 8;

/** JPEG bytes; null where no picture near the middle can be read. @throws Failure when the store cannot be reached */
export async function drawPoster(
  frames: readonly FilmFrame[],
  { canvas, objects, signal }: { canvas: Canvas; objects: Pick<ObjectStore, 'read'>; signal: AbortSignal },
): Promise<Buffer | null> {
  const middle = frames.length >> 1;
  const shrink = Math.min(1, LONGEST_SIDE_PX / Math.max(canvas.widthPx, canvas.heightPx));
  const size = { width: Math.round(canvas.widthPx * shrink), height: Math.round(canvas.heightPx * shrink) };
  for (const frame of frames.slice(middle, middle + MOST_TRIES)) {
    const prepared = await preparePicture(frame, 'as-is', { objects, signal });
    if (prepared.kind !== 'picture') continue;
    try {
      return await sharp(prepared.jpeg, { limitInputPixels: MOST_PIXELS })
        .resize({ ...size, fit: 'cover' })
        .jpeg({ quality: QUALITY })
        .toBuffer();
    } catch {
      // It looked whole and is not: the next one.
    }
  }
  return null;
}
