/**
 * The picture at the judge's own scale: about 480 px wide, every pixel the mean of a square of the source's (of every
 * second line, where there are four or more), so that noise is averaged away and one number of pixels means the same share of
 * the picture at every size. Luma after ITU-R BT.709.
 */
export interface Pixels {
  /** 8-bit RGB, row by row: widthPx × heightPx × 3 bytes. */
  pixels: Uint8Array;
  widthPx: number;
  heightPx: number;
}

export interface SmallPicture {
  width: number;
  height: number;
  red: Float32Array;
  green: Float32Array;
  blue: Float32Array;
  luma: Float32Array;
}

const WIDTH = 480;
/** By what the source is divided. */
export const shrinkOf = (widthPx: number, heightPx: number) =>
  Math.max(1, Math.min(Math.round(widthPx / WIDTH), Math.floor(Math.min(widthPx, heightPx) / 16)));

/** @param room whose planes are filled, if they have the size; whoever keeps that picture has to copy it */
export function smallPicture(
  picture: Pixels,
  shrink = shrinkOf(picture.widthPx, picture.heightPx),
  room: SmallPicture | null = null,
): SmallPicture {
  const { pixels, widthPx, heightPx } = picture;
  const width = Math.max(1, Math.floor(widthPx / shrink));
  const height = Math.max(1, Math.floor(heightPx / shrink));
  const size = width * height;
  const make = () => new Float32Array(size);
  const planes = room?.luma.length === size ? room : { red: make(), green: make(), blue: make(), luma: make() };
  const { red, green, blue, luma } = planes;
  const sums = new Uint32Array(width * 3);
  // Where there are many lines, every second says enough.
  const every = shrink >= 4 ? 2 : 1;
  const count = shrink * Math.ceil(shrink / every);
  const words = shrink === 4 ? wordsOf(picture) : null;
  for (let y = 0; y < height; y += 1) {
    sums.fill(0);
    for (let line = 0; line < shrink; line += every) {
      const at = (y * shrink + line) * widthPx * 3;
      if (words !== null) addRowOfFours(sums, words, at / 4);
      else addRow(sums, pixels, { at, width, shrink });
    }
    meansOfRow({ red, green, blue, luma }, sums, { at: y * width, count });
  }
  return { width, height, red, green, blue, luma };
}

function meansOfRow(
  { red, green, blue, luma }: Omit<SmallPicture, 'width' | 'height'>,
  sums: Uint32Array,
  { at, count }: { at: number; count: number },
): void {
  for (let from = 0; from < sums.length; from += 3, at += 1) {
    const r = (sums[from] as number) / count;
    const g = (sums[from + 1] as number) / count;
    const b = (sums[from + 2] as number) / count;
    red[at] = r;
    green[at] = g;
    blue[at] = b;
    luma[at] = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}

function addRow(
  sums: Uint32Array,
  pixels: Uint8Array,
  { at, width, shrink }: { at: number; width: number; shrink: number },
): void {
  let from = at;
  for (let x = 0, to = 0; x < width; x += 1, to += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let k = 0; k < shrink; k += 1, from += 3) {
      r += pixels[from] as number;
      g += pixels[from + 1] as number;
      b += pixels[from + 2] as number;
    }
    sums[to] = (sums[to] as number) + r;
    sums[to + 1] = (sums[to + 1] as number) + g;
    sums[to + 2] = (sums[to + 2] as number) + b;
  }
}

/**
 * The same at the scale of 1080p, in half the time: four pixels are three words, r g b r, g b r g, b r g b.
 * @param sums of one row, laid over what is there
 */
function addRowOfFours(sums: Uint32Array, words: Int32Array, at: number): void {
  for (let to = 0, from = at; to < sums.length; to += 3, from += 3) {
    const one = words[from] as number;
    const two = words[from + 1] as number;
    const three = words[from + 2] as number;
    const r = (one & 255) + (one >>> 24) + ((two >>> 16) & 255) + ((three >>> 8) & 255);
    const g = ((one >>> 8) & 255) + (two & 255) + (two >>> 24) + ((three >>> 16) & 255);
    const b = ((one >>> 16) & 255) + ((two >>> 8) & 255) + (three & 255) + (three >>> 24);
    sums[to] = (sums[to] as number) + r;
    sums[to + 1] = (sums[to + 1] as number) + g;
    sums[to + 2] = (sums[to + 2] as number) + b;
  }
}

/** Null where rows do not begin on whole words, or this machine reads them the other way round. */
function wordsOf({ pixels, widthPx }: Pixels): Int32Array | null {
  if (pixels.byteOffset % 4 !== 0 || widthPx % 4 !== 0 || !LITTLE_ENDIAN) return null;
  return new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length >> 2);
}
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The value below which `share` of them lie; sorts a copy. */
export function quantileOf(values: Float32Array | readonly number[], share: number): number {
  return values.length === 0 ? 0 : quantileIn(new Float32Array(values).sort(), share);
}

/** The same for what is sorted already; 0 where there is nothing. */
export const quantileIn = (sorted: Float32Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
