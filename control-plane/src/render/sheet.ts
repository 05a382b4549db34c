/**
 * Many small pictures in one, for those who drag through a day: one answer instead of sixty.
 *
 * Promise: each picture fills its place, in the order that was asked for; a place whose picture cannot be had stays dark, and
 * the answer says that it is not whole. At most two sheets are drawn at once: whoever drags asks for many.
 */
import { SHEET_COLUMNS, sheetTile, thumbnailKey } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { ObjectStore } from '../frame.ts';
import type { SheetFrame } from '../ports-watching.ts';
import { MOST_PIXELS } from './pictures.ts';
import { readObject } from './read-object.ts';

const AT_ONCE = 2;
const MOST_BYTES = 200_000_000;
const QUALITY = 72;
const CHANNELS = 3;
const GROUND = [0x18, 0x16, 0x14] as const;

export interface Sheet {
  jpeg: Buffer;
  /** Every place shows its own thumbnail: it will never look otherwise. */
  whole: boolean;
}

/** @returns draws the frames in their order; null: no such frame. At least one is none of null. */
export function createSheets({ objects }: { objects: Pick<ObjectStore, 'read'> }) {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  async function bytesOf(frame: SheetFrame, signal: AbortSignal): Promise<{ bytes: Buffer; own: boolean } | null> {
    const read = (key: string) =>
      readObject(objects, key, { mostBytes: MOST_BYTES, signal }).catch((thrown: unknown) => {
        if (thrown instanceof Failure && thrown.code === 'object.not-found') return null;
        throw thrown;
      });
    const small = frame.thumbnail ? await read(thumbnailKey(frame.id, 'small')) : null;
    if (small !== null) return { bytes: small, own: true };
    const whole = frame.key === null ? null : await read(frame.key);
    return whole === null ? null : { bytes: whole, own: false };
  }

  return (frames: readonly (SheetFrame | null)[], signal: AbortSignal): Promise<Sheet> =>
    turn(async () => {
      signal.throwIfAborted();
      const shape = frames.findLast((frame) => frame !== null);
      const tile = sheetTile(shape === undefined ? 16 / 9 : shape.widthPx / shape.heightPx);
      const width = Math.min(SHEET_COLUMNS, frames.length) * tile.widthPx;
      const height = Math.ceil(frames.length / SHEET_COLUMNS) * tile.heightPx;
      const pixels = Buffer.alloc(width * height * CHANNELS, Uint8Array.from(GROUND));
      let whole = true;
      await Promise.all(
        frames.map(async (frame, index) => {
          const found = frame === null ? null : await bytesOf(frame, signal);
          if (found?.own !== true) whole = false;
          if (found === null) return;
          const drawn = await sharp(found.bytes, { limitInputPixels: MOST_PIXELS, failOn: 'none' })
            .autoOrient()
            .resize(tile.widthPx, tile.heightPx, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: true })
            .toColourspace('srgb')
            .removeAlpha()
            .raw()
            .toBuffer()
            .catch(() => null);
          if (drawn?.length !== tile.widthPx * tile.heightPx * CHANNELS) return;
          const left = (index % SHEET_COLUMNS) * tile.widthPx;
          const top = Math.floor(index / SHEET_COLUMNS) * tile.heightPx;
          // Row by row: composing sixty pictures as layers costs more than all the rest.
          for (let row = 0; row < tile.heightPx; row += 1)
            drawn.copy(
              pixels,
              ((top + row) * width + left) * CHANNELS,
              row * tile.widthPx * CHANNELS,
              (row + 1) * tile.widthPx * CHANNELS,
            );
        }),
      );
      signal.throwIfAborted();
      const jpeg = await sharp(pixels, { raw: { width, height, channels: CHANNELS } })
        .jpeg({ quality: QUALITY })
        .toBuffer();
      return { jpeg, whole };
    });
}
