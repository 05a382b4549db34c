/** Small pictures for people who look at once: test shots and stills. Frames never go through here. */
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { ShapedPicture } from '../frame.ts';

export interface SmallLimits {
  /** Of the longer side. */
  mostPx: number;
  mostBytes: number;
}

/** From good to poor, until one fits. */
const QUALITIES = [75, 60, 45, 30, 15];

/**
 * The same picture within the limits; nothing is enlarged.
 * @throws Failure `picture.too-large` when even the poorest does not fit
 */
export async function shrinkPicture(
  { bytes }: ShapedPicture,
  { mostPx, mostBytes }: SmallLimits,
): Promise<ShapedPicture> {
  for (const quality of QUALITIES) {
    const { data, info } = await sharp(bytes)
      .resize({ width: mostPx, height: mostPx, fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality })
      .toBuffer({ resolveWithObject: true });
    if (data.length <= mostBytes)
      return { bytes: data, type: 'image/jpeg', widthPx: info.width, heightPx: info.height };
  }
  throw new Failure({
    code: 'picture.too-large',
    message: `the picture cannot be made smaller than ${mostBytes} bytes`,
    hint: 'Look at a frame instead: this picture is too noisy for a preview.',
    retry: 'later',
  });
}
