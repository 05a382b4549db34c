/** A few small pictures as a GIF or a WebP that moves by itself. */
import type { AnimationType } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';

export interface Animation {
  widthPx: number;
  heightPx: number;
  /** How many pictures. */
  count: number;
  /** Red, green, blue, one byte each; one picture after the other. */
  rgb: Uint8Array;
}

export const LONGEST_SIDE_PX = 480;
const LONGEST_MS = 5000;
const PICTURE_MS = 100;
export const MOST_PICTURES = LONGEST_MS / PICTURE_MS;
const MOST_BYTES = 2_000_000;
/** What is tried, one after the other, until it is small enough: share of the size, every how many pictures. */
const STEPS = [
  { scale: 1, every: 1 },
  { scale: 0.8, every: 1 },
  { scale: 0.65, every: 1 },
  { scale: 0.65, every: 2 },
  { scale: 0.5, every: 2 },
  { scale: 0.35, every: 2 },
  { scale: 0.25, every: 4 },
] as const;
const GIF = { loop: 0, effort: 4, colours: 128, dither: 0.6, interFrameMaxError: 3 } as const;
// The encoder takes pixels for the same that differ by less than its quality lets pass: at 62 a dusk would stand still and jump.
const WEBP = { loop: 0, quality: 85, effort: 3 } as const;

/** @throws Failure `animation.too-large`; the signal's reason */
export async function encodeAnimation(
  all: Animation,
  type: AnimationType,
  signal: AbortSignal,
  mostBytes = MOST_BYTES,
): Promise<Buffer> {
  for (const { scale, every } of STEPS) {
    signal.throwIfAborted();
    const { rgb, count, widthPx, heightPx } = await smaller(every === 1 ? all : everyNth(all, every), scale);
    const raw = { width: widthPx, height: heightPx * count, channels: 3, pageHeight: heightPx } as const;
    const pictures = sharp(rgb, { raw, limitInputPixels: false });
    // The last one may stand for fewer.
    const delay = Array.from({ length: count }, (_, index) => PICTURE_MS * Math.min(every, all.count - index * every));
    const bytes = await (type === 'gif'
      ? pictures.gif({ ...GIF, delay })
      : pictures.webp({ ...WEBP, delay })
    ).toBuffer();
    if (bytes.length <= mostBytes) return bytes;
  }
  throw new Failure({
    code: 'animation.too-large',
    message: `the animated preview cannot be made smaller than ${Math.round(mostBytes / 1e6)} MB`,
    hint: 'Nothing is to be done: pictures of this film hardly resemble each other.',
    retry: 'never',
  });
}

/** Pure. The first of each group stands for all of it. */
function everyNth({ rgb, count, widthPx, heightPx }: Animation, every: number): Animation {
  const one = widthPx * heightPx * 3;
  const kept = Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every * one);
  const fewer = Buffer.concat(kept.map((from) => rgb.subarray(from, from + one)));
  return { widthPx, heightPx, count: kept.length, rgb: fewer };
}

async function smaller(all: Animation, scale: number): Promise<Animation> {
  if (scale === 1) return all;
  const raw = { width: all.widthPx, height: all.heightPx, channels: 3 } as const;
  const side = (px: number) => Math.max(2, Math.round(px * scale));
  const [widthPx, heightPx] = [side(all.widthPx), side(all.heightPx)];
  const one = all.widthPx * all.heightPx * 3;
  const pictures = Array.from({ length: all.count }, (_, index) =>
    sharp(all.rgb.subarray(index * one, (index + 1) * one), { raw })
      .resize(widthPx, heightPx, { fit: 'fill' })
      .raw()
      .toBuffer(),
  );
  return { widthPx, heightPx, count: all.count, rgb: Buffer.concat(await Promise.all(pictures)) };
}
