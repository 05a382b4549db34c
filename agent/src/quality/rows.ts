/** Rows of a picture at its own scale, and how well they fit when they are laid over one another. Pure. */

/** Lines of green: most of the light, and every source has it. */
export interface Lines {
  widthPx: number;
  heightPx: number;
  pixels: Uint8Array;
}

/** One hard edge must not speak for a whole row. */
const MOST_STEP = 40;
/** How many neighbours a coarse row sums up. */
export const COARSE = 4;

/** Whole numbers: light, or sums of it. */
export type Row = Int32Array;

/** Two rows that are laid over one another. */
export interface Pair {
  upper: Row;
  lower: Row;
  /** What one level of light is in them. */
  unit: number;
  /** How far apart they are as they lie, summed up from the left to before each pixel. */
  upTo: Row;
}

export function rowOf({ pixels, widthPx }: Lines, y: number): Row {
  const row = new Int32Array(widthPx);
  for (let x = 0, at = y * widthPx * 3 + 1; x < widthPx; x += 1, at += 3) row[x] = pixels[at] as number;
  return row;
}

/** Sums of neighbours. */
export function coarse(row: Row): Row {
  const small = new Int32Array(Math.floor(row.length / COARSE));
  for (let x = 0; x < small.length; x += 1) {
    let sum = 0;
    for (let k = 0; k < COARSE; k += 1) sum += row[x * COARSE + k] as number;
    small[x] = sum;
  }
  return small;
}

export function pairOf(upper: Row, lower: Row, unit: number): Pair {
  const upTo = new Int32Array(upper.length + 1);
  let sum = 0;
  for (let x = 0; x < upper.length; x += 1) {
    sum += Math.min(MOST_STEP * unit, Math.abs((upper[x] as number) - (lower[x] as number)));
    upTo[x + 1] = sum;
  }
  return { upper, lower, unit, upTo };
}

/** Mean difference of two rows where they overlap, with the lower one pushed by `shift`, and as they lie. */
export function apart({ upper, lower, unit, upTo }: Pair, shift: number): { left: number; unmoved: number } {
  const from = Math.max(0, shift);
  const length = upper.length - Math.abs(shift);
  const left = differenceOf(upper, lower, { from, end: from + length, shift, most: MOST_STEP * unit });
  const unmoved = (upTo[from + length] as number) - (upTo[from] as number);
  return { left: left / unit / length, unmoved: unmoved / unit / length };
}

function differenceOf(
  upper: Row,
  lower: Row,
  { from, end, shift, most }: { from: number; end: number; shift: number; most: number },
): number {
  let sum = 0;
  for (let x = from; x < end; x += 1) {
    const step = (upper[x] as number) - (lower[x - shift] as number);
    const away = step < 0 ? -step : step;
    sum += away < most ? away : most;
  }
  return sum;
}
