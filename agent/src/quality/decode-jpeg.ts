import sharp from 'sharp';

/** More than 8K is no camera's picture. */
const MOST_PIXELS = 8192 * 4320;

/**
 * Decodes one whole JPEG to 8-bit RGB, row by row.
 * @throws Error when it is none, or damaged, or cut short
 */
export async function decodeJpeg(bytes: Buffer): Promise<{ pixels: Buffer; widthPx: number; heightPx: number }> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new Error('it does not begin as a JPEG');
  const { data, info } = await sharp(bytes, { failOn: 'warning', limitInputPixels: MOST_PIXELS })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`it has ${info.channels} channels instead of three`);
  return { pixels: data, widthPx: info.width, heightPx: info.height };
}
