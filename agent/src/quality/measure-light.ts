/**
 * What kind of light a picture's colours stand in. Light is multiplied: it leaves black black, and what is green under it is
 * as much warmer or colder as the rest. Electronics add, and exchange. Pure.
 */
import type { Cells } from './cells.ts';
import { quantileIn, quantileOf } from './small-picture.ts';

/** `greenGain`, `greenOffset`: green as gain × (mean of red and blue) + offset, over all cells, and how well that holds (0 to 1). */
export function measureLight(cells: Cells) {
  return { ...greenAgainstRest(cells), ...measureLeaves(cells), ...sunAndShade(cells) };
}

function greenAgainstRest({ red, green, blue }: Cells) {
  let [count, rest, squares, greens, greenSquares, both] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < green.length; at += 1) {
    const x = ((red[at] as number) + (blue[at] as number)) / 2;
    const y = green[at] as number;
    // What is white or lost at an end says nothing.
    if (x > 235 || y > 250 || y < 2) continue;
    count += 1;
    rest += x;
    squares += x * x;
    greens += y;
    greenSquares += y * y;
    both += x * y;
  }
  const spread = squares - (rest * rest) / Math.max(1, count);
  const greenSpread = greenSquares - (greens * greens) / Math.max(1, count);
  if (count < 20 || spread < count * 4) return { greenGain: 1, greenOffset: 0, greenFit: 0 };
  const shared = both - (rest * greens) / count;
  const gain = shared / spread;
  return {
    greenGain: gain,
    greenOffset: (greens - gain * rest) / count,
    greenFit: greenSpread <= 0 ? 0 : (shared * shared) / (spread * greenSpread),
  };
}

/** Red against blue, −1 to 1: warm is above 0. */
const warmthOf = (r: number, g: number, b: number) => (r - b) / (r + g + b + 12);

/** Leaves take blue light more than red: they are warmer than the light that they stand in. */
function measureLeaves({ red, green, blue, luma }: Cells) {
  const warmths: number[] = [];
  let lit = 0;
  for (let at = 0; at < luma.length; at += 1) {
    const r = red[at] as number;
    const g = green[at] as number;
    const b = blue[at] as number;
    if (g < 40) continue;
    lit += 1;
    if (g > Math.max(r, b) * 1.06 + 2) warmths.push(warmthOf(r, g, b));
  }
  return {
    leafShare: lit === 0 ? 0 : warmths.length / luma.length,
    leafWarmth: quantileOf(warmths, 0.5),
    leafWarmest: quantileOf(warmths, 0.85),
  };
}

/** In the lower half: whether what lies in the light is warmer than what lies in the shade, which the sky lights. */
function sunAndShade({ red, green, blue, luma, columns, rows }: Cells) {
  const from = Math.floor(rows / 2) * columns;
  const [all, warmth] = [luma.subarray(from), new Float32Array(luma.length - from)];
  for (let at = from; at < luma.length; at += 1)
    warmth[at - from] = warmthOf(red[at] as number, green[at] as number, blue[at] as number);
  const sorted = all.slice().sort();
  const [dark, light] = [quantileIn(sorted, 0.3), quantileIn(sorted, 0.7)];
  const [shade, sun] = [[] as number[], [] as number[]];
  for (let k = 0; k < all.length; k += 1) {
    const value = all[k] as number;
    if (value <= dark) shade.push(warmth[k] as number);
    else if (value >= light) sun.push(warmth[k] as number);
  }
  const below = warmth.sort();
  return {
    shadeWarmth: quantileOf(shade, 0.5),
    sunWarmth: quantileOf(sun, 0.5),
    groundWarmest: quantileIn(below, 0.9),
    groundColdest: quantileIn(below, 0.1),
  };
}
