/**
 * What would the judge say of this file? The one public way in for pictures that are files: `slowlight-agent judge FILE`,
 * snapshots of cameras, tests, benches.
 *
 * ```ts
 * const { score, faults } = await judgeJpeg(await readFile('picture.jpg'));
 * ```
 */
import type { Verdict } from '@slowlight/protocol';
import sharp, { type Sharp } from 'sharp';
import { measureCodes } from './measure-codes.ts';
import { type Checks, type Measures, measurePicture, measureSmall } from './measure-picture.ts';
import { type Pixels, shrinkOf, smallPicture } from './small-picture.ts';
import { verdictOf } from './verdict-of.ts';

/** More pixels than any camera gives: such a file is not opened. */
const MOST_PIXELS = 400_000_000;
/** And more than any video has: such a picture is only looked at small. */
const MOST_PIXELS_WHOLE = 8192 * 4320;

/**
 * Never throws for what a file holds: empty or unreadable gives `undecodable`, cut short gives `truncated`.
 * @param bytes a JPEG (PNG and WebP are read too), whole
 * @param options.checks `heavy` (the default): every fault; `fast`: what needs no look at edges
 * @returns score 0 to 100 (100 = perfect, below 70 is bad), the faults by name, and the measures they follow from
 */
export async function judgeJpeg(bytes: Uint8Array, { checks = 'heavy' }: { checks?: Checks } = {}): Promise<Verdict> {
  return verdictOf({ ...(await measureJpeg(bytes, checks)), sizeBytes: bytes.length });
}

async function measureJpeg(bytes: Uint8Array, checks: Checks): Promise<Measures> {
  const cut = {
    ...(isCutShort(bytes) && { truncated: 1 }),
    ...(checks === 'heavy' && bytes[0] === 0xff && measureCodes(bytes)),
  };
  try {
    return { ...(await decodeAndMeasure(bytes, { checks, failOn: 'warning' })), ...cut };
  } catch (complaint) {
    try {
      const measures = await decodeAndMeasure(bytes, { checks, failOn: 'none' });
      return { ...measures, ...cut, ...(isDamage(complaint) && { truncated: 1 }) };
    } catch {
      return { undecodable: 1 };
    }
  }
}

async function decodeAndMeasure(
  bytes: Uint8Array,
  { checks, failOn }: { checks: Checks; failOn: 'warning' | 'none' },
): Promise<Measures> {
  const open = () => sharp(bytes, { failOn, limitInputPixels: MOST_PIXELS });
  const { width, height } = await open().metadata();
  if (checks === 'heavy' && width * height <= MOST_PIXELS_WHOLE) return measurePicture(await pixelsOf(open()), checks);
  const shrink = shrinkOf(width, height);
  // The decoder itself makes a JPEG smaller: that costs a fraction of decoding it whole.
  const small = open().resize(Math.max(1, Math.floor(width / shrink)), Math.max(1, Math.floor(height / shrink)), {
    fit: 'fill',
    kernel: 'linear',
  });
  return measureSmall(smallPicture(await pixelsOf(small), 1), checks);
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture
    .flatten({ background: '#000000' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = info.channels === 3 ? data : spread(data, info.channels);
  return { pixels, widthPx: info.width, heightPx: info.height };
}

/** Grey as red, green and blue. */
function spread(data: Buffer, channels: number): Buffer {
  const pixels = Buffer.alloc((data.length / channels) * 3);
  for (let at = 0, to = 0; at < data.length; at += channels, to += 3) pixels.fill(data[at] ?? 0, to, to + 3);
  return pixels;
}

/** Bytes too many before a marker harm nobody; codes that cannot be, or an end too early, do. */
const isDamage = (complaint: unknown) =>
  complaint instanceof Error && /premature|huffman|truncat|unexpected end|bad|invalid/i.test(complaint.message);

/** Whether a JPEG's picture has no end; thumbnails in its head have ends of their own. ITU-T T.81, B.1.1. */
export function isCutShort(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (marker === 0xda)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf('ffd9', at, 'hex') === -1;
    else at += 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
  }
  return true;
}
