/** Pictures as bytes, and what is done to them pixel by pixel. Nothing here knows what a fault is. */
import sharp, { type Sharp } from 'sharp';

export interface Raster {
  widthPx: number;
  heightPx: number;
  /** 8-bit RGB. */
  pixels: Buffer;
}
export interface Size {
  widthPx: number;
  heightPx: number;
}
export type Random = () => number;
export type Rgb = readonly [number, number, number];

export const between = (random: Random, from: number, to: number) => from + random() * (to - from);
export function oneOf<T>(random: Random, list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new RangeError('nothing to choose from');
  return found;
}
/** Normal with mean 0 and deviation 1 (sum of four, good enough for sensors). */
export const normal = (random: Random) => (random() + random() + random() + random() - 2) * 1.732;
const byte = (value: number) => (value < 0 ? 0 : Math.min(value, 255));

export async function rasterOf(input: Buffer | string, size?: Size): Promise<Raster> {
  const image = sharp(input, { limitInputPixels: false, failOn: 'none' }).flatten({ background: '#000' });
  const sized = size ? image.resize(size.widthPx, size.heightPx, { fit: 'cover' }) : image;
  const { data, info } = await sized.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, pixels: data };
}

export const asSharp = ({ pixels, widthPx, heightPx }: Raster) =>
  sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } });

export const encode = (raster: Raster, quality: number): Promise<Buffer> =>
  asSharp(raster).jpeg({ quality }).toBuffer();

export const rasterBack = async (image: Sharp, { widthPx, heightPx }: Size): Promise<Raster> => ({
  widthPx,
  heightPx,
  pixels: await image.removeAlpha().raw().toBuffer(),
});

export const blurred = (raster: Raster, sigmaPx: number) =>
  sigmaPx < 0.3 ? Promise.resolve(raster) : rasterBack(asSharp(raster).blur(sigmaPx), raster);

/** Draws an SVG of the picture's size over it; blurred, it is drawn on a larger sheet, so that it does not fade at the edges. */
export async function drawnOver(raster: Raster, content: string, blurPx = 0): Promise<Raster> {
  const { widthPx, heightPx } = raster;
  const pad = blurPx > 0.2 ? Math.ceil(blurPx * 4) : 0;
  const wide = widthPx + pad * 2;
  const high = heightPx + pad * 2;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="${-pad} ${-pad} ${wide} ${high}">${content}</svg>`;
  const drawn = sharp(Buffer.from(svg), { limitInputPixels: false });
  const sheet =
    pad === 0
      ? drawn
      : sharp(await drawn.blur(blurPx).raw().toBuffer(), { raw: { width: wide, height: high, channels: 4 } }).extract({
          left: pad,
          top: pad,
          width: widthPx,
          height: heightPx,
        });
  return rasterBack(
    asSharp(raster).composite([{ input: await sheet.png({ compressionLevel: 0 }).toBuffer() }]),
    raster,
  );
}

export async function svgRaster({ widthPx, heightPx }: Size, content: string): Promise<Raster> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">${content}</svg>`;
  return rasterBack(sharp(Buffer.from(svg)).flatten({ background: '#000' }), { widthPx, heightPx });
}

/** A new picture, channel by channel; `change` gets x, y and the old colour. */
export function mapped(raster: Raster, change: (x: number, y: number, r: number, g: number, b: number) => Rgb): Raster {
  const { widthPx, heightPx, pixels } = raster;
  const out = Buffer.alloc(pixels.length);
  for (let y = 0, at = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1, at += 3) {
      const [r, g, b] = change(x, y, pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
      out[at] = byte(r + 0.5);
      out[at + 1] = byte(g + 0.5);
      out[at + 2] = byte(b + 0.5);
    }
  return { widthPx, heightPx, pixels: out };
}

export const flat = ({ widthPx, heightPx }: Size, [r, g, b]: Rgb): Raster => {
  const pixels = Buffer.alloc(widthPx * heightPx * 3);
  for (let at = 0; at < pixels.length; at += 3) {
    pixels[at] = r;
    pixels[at + 1] = g;
    pixels[at + 2] = b;
  }
  return { widthPx, heightPx, pixels };
};

/** Sensor noise: mostly luma, `colour` of it in each channel alone; grows with the root of the light when `shot`. */
export function noisy(
  raster: Raster,
  random: Random,
  { sigma, colour = 0.3, shot = false }: { sigma: number; colour?: number; shot?: boolean },
): Raster {
  if (sigma <= 0) return raster;
  return mapped(raster, (_x, _y, r, g, b) => {
    const scale = shot ? sigma * Math.sqrt(0.15 + g / 160) : sigma;
    const luma = normal(random) * scale;
    const own = scale * colour;
    return [r + luma + normal(random) * own, g + luma + normal(random) * own, b + luma + normal(random) * own];
  });
}

/** Smooth noise between 0 and 1 whose features are about `cellPx` wide. */
export function cloudiness(
  random: Random,
  { widthPx, heightPx }: Size,
  cellPx: number,
): (x: number, y: number) => number {
  const columns = Math.ceil(widthPx / cellPx) + 2;
  const rows = Math.ceil(heightPx / cellPx) + 2;
  const cells = Float32Array.from({ length: columns * rows }, random);
  return (x, y) => {
    const cx = Math.floor(x / cellPx);
    const cy = Math.floor(y / cellPx);
    const fx = x / cellPx - cx;
    const fy = y / cellPx - cy;
    const sx = fx * fx * (3 - 2 * fx);
    const sy = fy * fy * (3 - 2 * fy);
    const at = cy * columns + cx;
    const top = (cells[at] ?? 0) * (1 - sx) + (cells[at + 1] ?? 0) * sx;
    const low = (cells[at + columns] ?? 0) * (1 - sx) + (cells[at + columns + 1] ?? 0) * sx;
    return top * (1 - sy) + low * sy;
  };
}

/** Several octaves of it. */
export function texture(random: Random, size: Size, cellPx: number, octaves = 4): (x: number, y: number) => number {
  const layers = Array.from({ length: octaves }, (_, k) => cloudiness(random, size, Math.max(1, cellPx / 2 ** k)));
  const total = layers.reduce((sum, _, k) => sum + 0.6 ** k, 0);
  return (x, y) => layers.reduce((sum, layer, k) => sum + layer(x, y) * 0.6 ** k, 0) / total;
}

export const lumaAt = ({ pixels, widthPx }: Raster, x: number, y: number): number => {
  const at = (y * widthPx + x) * 3;
  return 0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0);
};
