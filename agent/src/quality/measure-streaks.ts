/**
 * Pixels drawn out: strips, as wide as a macroblock, along which nothing changes although they vary across. A decoder that
 * has lost the rest says its last good pixels again; what stands in the scene bends, ends, and has grain. Pure.
 */
import type { SmallPicture } from './small-picture.ts';

const STRIP = 8;
const LAG = 4;
/** Least variation across a strip, and the most along it as a share of that. */
const [VARIES, ALONG] = [1.2, 0.16];
/** A strip that is drawn out at all is so for this share of the picture. */
const LEAST_RUN = 0.16;
/** And what goes through all of it are blinds, or a horizon. */
const MOST_RUN = 0.92;

/** Shares of the picture that lie in such strips, upright and lying. */
export function measureStreaks({ width, height, luma }: SmallPicture) {
  return {
    streakUpright: streaked(luma, { length: height, strips: Math.floor(width / STRIP), along: width, across: 1 }),
    drawnTogether: drawnTogether({ width, height, luma }),
    streakLying: streaked(luma, { length: width, strips: Math.floor(height / STRIP), along: 1, across: width }),
  };
}

interface Direction {
  length: number;
  strips: number;
  /** From one pixel to the next along a strip, and across it. */
  along: number;
  across: number;
}

function streaked(luma: Float32Array, { length, strips, along, across }: Direction): number {
  const least = Math.max(LAG * 2, Math.floor(length * LEAST_RUN));
  let [all, cut] = [0, 0];
  for (let strip = 0; strip < strips; strip += 1) {
    let run = 0;
    for (let k = 0; k <= length - LAG; k += 1) {
      if (k < length - LAG && isDrawnOut(luma, strip * STRIP * across + k * along, along, across)) run += 1;
      else {
        if (run >= least && run < length * MOST_RUN) {
          // Folds hang.
          if (along === 1 || goesOn(luma, strip * STRIP * across + (k - run) * along, k - run)) all += run;
          else cut += run;
        }
        run = 0;
      }
    }
  }
  // Where many strips begin with an edge, the others only lie before what is as light as they are.
  return strips === 0 || cut > all * 0.5 ? 0 : all / (strips * length);

  /** What is drawn out goes on from what lies before it; a cloth with folds has an edge there. */
  function goesOn(plane: Float32Array, from: number, before: number): boolean {
    if (before < BEFORE) return true;
    let [jump, side] = [0, 0];
    for (let k = 0, at = from; k < STRIP; k += 1, at += across) {
      jump += Math.abs((plane[at + along] as number) - (plane[at - BEFORE * along] as number));
      if (k > 0) side += Math.abs((plane[at] as number) - (plane[at - across] as number));
    }
    return jump / STRIP < (side / (STRIP - 1)) * 3 + 8;
  }
}

/** px back from where a strip begins to stay the same. */
const BEFORE = 3;

function isDrawnOut(luma: Float32Array, from: number, along: number, across: number): boolean {
  let side = 0;
  for (let k = 1, at = from + across; k < STRIP; k += 1, at += across)
    side += Math.abs((luma[at] as number) - (luma[at - across] as number));
  if (side <= VARIES * (STRIP - 1)) return false;
  const most = (side / (STRIP - 1)) * ALONG + 0.25;
  let down = 0;
  for (let k = 0, at = from; k < STRIP; k += 1, at += across) {
    down += Math.abs((luma[at + LAG * along] as number) - (luma[at] as number));
    if (down / STRIP >= most) return false;
  }
  return true;
}

/** Rows are taken together, so that grain and what later pictures have added to the smear are averaged away. */
const ROWS = 6;
const WIDE = 16;
const BESIDE = 3;
const WIDE_RUN = 0.16;

/**
 * The share of the picture that is drawn out downwards from one and the same row: that is where the decoder lost the stream.
 * Planks, trunks and facades are upright too, but each begins where it begins.
 */
function drawnTogether({ width, height, luma }: Pick<SmallPicture, 'width' | 'height' | 'luma'>): number {
  const rows = Math.floor(height / ROWS);
  const strips = Math.floor(width / WIDE);
  const lines = new Float32Array(rows * width);
  for (let y = 0; y < rows * ROWS; y += 1)
    addLine(lines, luma, { to: Math.floor(y / ROWS) * width, from: y * width, width });
  const begun = new Float64Array(rows + 1);
  for (let strip = 0; strip < strips; strip += 1) {
    let run = 0;
    for (let row = 0; row < rows; row += 1) {
      if (row + 1 < rows && staysSame(lines, row * width + strip * WIDE, width)) run += 1;
      else {
        const first = row - run;
        if (run >= rows * WIDE_RUN && first > 0 && !isEdge(lines, first * width + strip * WIDE, width))
          begun[first] = (begun[first] as number) + run + 1;
        run = 0;
      }
    }
  }
  let most = 0;
  for (let row = 1; row < rows; row += 1)
    most = Math.max(most, (begun[row - 1] as number) + (begun[row] as number) + (begun[row + 1] as number));
  return rows === 0 || strips === 0 ? 0 : most / (strips * rows);
}

/** Whether what begins here is plainly another light than what lies above it: the upper edge of a cloth. */
function isEdge(lines: Float32Array, at: number, width: number): boolean {
  let [jump, side] = [0, 0];
  for (let k = 0; k < WIDE; k += 1) {
    const value = lines[at + k] as number;
    jump += Math.abs(value - (lines[at + k - width] as number));
    if (k >= BESIDE) side += Math.abs(value - (lines[at + k - BESIDE] as number));
  }
  return jump / WIDE > (side / (WIDE - BESIDE)) * 2 + 8;
}

function addLine(
  lines: Float32Array,
  luma: Float32Array,
  { to, from, width }: { to: number; from: number; width: number },
): void {
  for (let x = 0; x < width; x += 1) lines[to + x] = (lines[to + x] as number) + (luma[from + x] as number) / ROWS;
}

function staysSame(lines: Float32Array, at: number, width: number): boolean {
  let down = 0;
  let side = 0;
  for (let k = 0; k < WIDE; k += 1) {
    const value = lines[at + k] as number;
    down += Math.abs((lines[at + k + width] as number) - value);
    if (k >= BESIDE) side += Math.abs(value - (lines[at + k - BESIDE] as number));
  }
  side /= WIDE - BESIDE;
  return side > 1.5 && down / WIDE < side * 0.22 + 0.3;
}
