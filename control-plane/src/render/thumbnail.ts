/**
 * Small pictures of a frame.
 *
 * Promise: both sizes come from one decoding, with the picture's aspect kept and nothing enlarged.
 * When it fails: a picture that cannot be decoded is said to the records as such, and is no failure of the job; everything
 * else is, and is tried again.
 */
import { type FrameId, THUMBNAIL_BOXES, thumbnailKey } from '@slowlight/protocol';
import { Failure, messageOf } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { FramePicture, ObjectStore } from '../frame.ts';
import type { Job, ThumbnailResult } from '../ports.ts';
import { MOST_PIXELS } from './pictures.ts';
import { readObject } from './read-object.ts';

export interface ThumbnailDeps {
  objects: Pick<ObjectStore, 'read' | 'write'>;
  records: { framePicture(id: FrameId): Promise<FramePicture | null> };
}

/** Tables that fit the picture would save 12 % of its bytes and cost a tenth of all the work. */
const ENCODING = { quality: 80, optimiseCoding: false } as const;

/** Draws both sizes. @throws Error of sharp when the bytes are no picture */
export async function drawThumbnails(bytes: Uint8Array): Promise<{ small: Buffer; large: Buffer }> {
  // The decoder itself shrinks by 2, 4 or 8 on the way to the large box; the small one is made from that.
  const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'truncated' })
    .autoOrient()
    .resize(boxOf('large'))
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const large = sharp(data, { raw });
  // Not a clone of it, which would copy the pixels.
  const small = sharp(data, { raw }).resize(boxOf('small'));
  const [largeJpeg, smallJpeg] = await Promise.all([large.jpeg(ENCODING).toBuffer(), small.jpeg(ENCODING).toBuffer()]);
  return { small: smallJpeg, large: largeJpeg };
}

function boxOf(size: 'small' | 'large') {
  const { widthPx, heightPx } = THUMBNAIL_BOXES[size];
  return { width: widthPx, height: heightPx, fit: 'inside', withoutEnlargement: true, kernel: 'cubic' } as const;
}

/**
 * Draws both sizes of a frame and stores them; what came of it is for the records.
 * @throws Failure where the store cannot be reached; the signal's reason
 */
export function createThumbnailDrawer({ objects }: Pick<ThumbnailDeps, 'objects'>) {
  return async (
    { frameId, key, sizeBytes }: Pick<FramePicture, 'frameId' | 'key' | 'sizeBytes'>,
    signal: AbortSignal,
  ): Promise<ThumbnailResult> => {
    let bytes: Buffer;
    try {
      bytes = await readObject(objects, key, { mostBytes: sizeBytes, signal });
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.retry !== 'never') throw thrown;
      return { frameId, failed: thrown.message };
    }
    let drawn: Awaited<ReturnType<typeof drawThumbnails>>;
    try {
      drawn = await drawThumbnails(bytes);
    } catch (thrown) {
      return { frameId, failed: `The picture cannot be decoded: ${messageOf(thrown)}` };
    }
    signal.throwIfAborted();
    const store = (size: 'small' | 'large') => objects.write(thumbnailKey(frameId, size), drawn[size], 'image/jpeg');
    const stored = await Promise.allSettled([store('small'), store('large')]);
    for (const one of stored) if (one.status === 'rejected') throw one.reason;
    signal.throwIfAborted();
    return { frameId, failed: null };
  };
}

/** Gives what a worker does with a thumbnail job. @param say told what came of it, for the commit that ends the job */
export function createThumbnailRunner({ objects, records }: ThumbnailDeps) {
  const draw = createThumbnailDrawer({ objects });
  return async (
    job: Pick<Job, 'subject'>,
    signal: AbortSignal,
    say: (said: { thumbnail: ThumbnailResult }) => void,
  ): Promise<void> => {
    const picture = await records.framePicture(job.subject as FrameId);
    if (picture !== null) say({ thumbnail: await draw(picture, signal) });
  };
}
