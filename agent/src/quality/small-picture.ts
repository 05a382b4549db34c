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
  { pixels, widthPx, heightPx }: Pixels,
  shrink = shrinkOf(widthPx, heightPx),
  room: SmallPicture | null = null,
): SmallPicture {
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
  for (let y = 0; y < height; y += 1) {
    sums.fill(0);
    for (let line = 0; line < shrink; line += every)
      addRow(sums, pixels, { at: (y * shrink + line) * widthPx * 3, width, shrink });
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
  if (shrink === 4) addRowOfFours(sums, pixels, at);
  else {
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
}

/** The same for four pixels at a time, the scale of 1080p: without the inner loop it takes half as long. */
function addRowOfFours(sums: Uint32Array, pixels: Uint8Array, at: number): void {
  for (let to = 0, from = at; to < sums.length; to += 3, from += 12) {
    const r =
      (pixels[from] as number) +
      (pixels[from + 3] as number) +
      (pixels[from + 6] as number) +
      (pixels[from + 9] as number);
    const g =
      (pixels[from + 1] as number) +
      (pixels[from + 4] as number) +
      (pixels[from + 7] as number) +
      (pixels[from + 10] as number);
    const b =
      (pixels[from + 2] as number) +
      (pixels[from + 5] as number) +
      (pixels[from + 8] as number) +
      (pixels[from + 11] as number);
    sums[to] = (sums[to] as number) + r;
    sums[to + 1] = (sums[to + 1] as number) + g;
    sums[to + 2] = (sums[to + 2] as number) + b;
  }
}

/** The value below which `share` of them lie; sorts a copy. */
export function quantileOf(values: Float32Array | readonly number[], share: number): number {
  return values.length === 0 ? 0 : quantileIn(new Float32Array(values).sort(), share);
}

/** The same for what is sorted already; 0 where there is nothing. */
export const quantileIn = (sorted: Float32Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
