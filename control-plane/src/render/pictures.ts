/** The pictures of a film as JPEG bytes that ffmpeg takes, one by one, read ahead of their time. */
import { createHash } from 'node:crypto';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { FramePicture, ObjectStore } from '../frame.ts';
import type { Canvas } from './film-plan.ts';
import { readObject } from './read-object.ts';

/** `as-is`: the stored bytes where they are whole; `anew`: every picture is decoded and encoded here. */
export type Preparation = 'as-is' | 'anew';

/** A picture that cannot be read is left out; it never ends a film. */
export type Prepared = { kind: 'picture'; jpeg: Buffer; size: Canvas } | { kind: 'left-out'; reason: string };

/** As large as a frame may be: a few bytes can claim to be a picture that fills the memory. */
export const MOST_PIXELS = 100_000_000;
const READ_AHEAD = 4;
/** Hardly to be told from the source. */
const QUALITY_ANEW = 95;

const leftOut = (reason: string): Prepared => ({ kind: 'left-out', reason });

/** Looks at one picture. @throws Failure when the store cannot be reached; the signal's reason */
export async function preparePicture(
  { key, sizeBytes, sha256, type }: Pick<FramePicture, 'key' | 'sizeBytes' | 'sha256' | 'type'>,
  preparation: Preparation,
  { objects, signal }: { objects: Pick<ObjectStore, 'read'>; signal: AbortSignal },
): Promise<Prepared> {
  let bytes: Buffer;
  try {
    bytes = await readObject(objects, key, { mostBytes: sizeBytes, signal });
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.retry === 'never') return leftOut(thrown.message);
    throw thrown;
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    return leftOut('its bytes have changed in the store');
  try {
    const { format, space, width, height } = await sharp(bytes, { limitInputPixels: MOST_PIXELS }).metadata();
    const fit =
      type === 'image/jpeg' && format === 'jpeg' && (space === 'srgb' || space === 'b-w') && isWholeJpeg(bytes);
    if (fit && preparation === 'as-is')
      return { kind: 'picture', jpeg: bytes, size: { widthPx: width, heightPx: height } };
    const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'truncated' })
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .jpeg({ quality: QUALITY_ANEW, chromaSubsampling: '4:2:0' })
      .toBuffer({ resolveWithObject: true });
    return { kind: 'picture', jpeg: data, size: { widthPx: info.width, heightPx: info.height } };
  } catch {
    return leftOut('it cannot be decoded');
  }
}

/** Whether the bytes begin and end as a JPEG does (ITU-T T.81, B.1.1.3: SOI and EOI). */
export function isWholeJpeg(bytes: Uint8Array): boolean {
  const last = bytes.length - 1;
  return last > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[last - 1] === 0xff && bytes[last] === 0xd9;
}

/** Works on a few items ahead of whoever reads, and gives the results in their order. */
export async function* readAhead<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  ahead = READ_AHEAD,
): AsyncGenerator<Result, void, void> {
  const going: Promise<Result>[] = [];
  let next = 0;
  try {
    for (;;) {
      for (; going.length < ahead && next < items.length; next += 1) {
        const result = work(items[next] as Item);
        // It is looked at when its turn comes.
        result.catch(() => {});
        going.push(result);
      }
      const result = going.shift();
      if (result === undefined) return;
      yield await result;
    }
  } finally {
    await Promise.allSettled(going);
  }
}
