/**
 * Threads: thin soft lines that are lighter than what lies on both of their sides and go on as such, one after another over
 * most of the picture. A web near the lens is lit and lies before everything; twigs before a sky are dark, and what has
 * texture has as many dark lines as light ones. Pure.
 */
import type { SmallPicture } from './small-picture.ts';

/** px: half of what a thread and its borders take; how far along it must go on. */
const ASIDE = 4;
const [NEAR, FAR] = [5, 10];
/** Levels of light between a line and both of its sides. */
const PLAIN = 12;
/** Parts of the picture across and down. */
const [ACROSS, DOWN] = [10, 6];
const ENOUGH = 0.03;

/** Shares of the picture on light and on dark lines, and of its parts that have as many light ones as a web. */
export function measureThreads({ width, height, luma }: SmallPicture) {
  const light = new Float64Array(ACROSS * DOWN);
  const [counts, margin] = [new Float64Array(ACROSS * DOWN), ASIDE + FAR + 2];
  let [lightAll, darkAll, all, sum, squares, whole, wholeSquares] = [0, 0, 0, 0, 0, 0, 0];
  for (let y = margin; y < height - margin; y += 3)
    for (let x = margin + (y % 2); x < width - margin; x += 2) {
      const at = y * width + x;
      const part = Math.floor((y * DOWN) / height) * ACROSS + Math.floor((x * ACROSS) / width);
      counts[part] = (counts[part] as number) + 1;
      all += 1;
      const value = luma[at] as number;
      whole += value;
      wholeSquares += value * value;
      const kind = threadAt(luma, at, width);
      if (kind > 0) {
        lightAll += 1;
        sum += value;
        squares += value * value;
        light[part] = (light[part] as number) + 1;
      } else if (kind < 0) darkAll += 1;
    }
  const parts = light.reduce((sum, value, k) => sum + (value > ENOUGH * (counts[k] as number) ? 1 : 0), 0);
  return {
    threadLight: all === 0 ? 0 : lightAll / all,
    threadDark: all === 0 ? 0 : darkAll / all,
    threadEven: Math.sqrt(spreadOf(sum, squares, lightAll) / Math.max(1, spreadOf(whole, wholeSquares, all))),
    threadParts: parts / (ACROSS * DOWN),
  };
}

const spreadOf = (sum: number, squares: number, count: number) =>
  count === 0 ? 0 : Math.max(0, squares / count - (sum / count) ** 2);

/** 1 on a light line, −1 on a dark one, else 0: across, down, and both diagonals. */
function threadAt(luma: Float32Array, at: number, width: number): number {
  return (
    threadAlong(luma, at, 1, width) ||
    threadAlong(luma, at, width, 1) ||
    threadAlong(luma, at, width + 1, width - 1) ||
    threadAlong(luma, at, width - 1, width + 1)
  );
}

function threadAlong(luma: Float32Array, at: number, along: number, aside: number): number {
  const here = ridge(luma, at, aside);
  if (here === 0) return 0;
  const near = NEAR * along;
  const far = FAR * along;
  return isNear(luma, at + near, aside, here) &&
    isNear(luma, at - near, aside, here) &&
    isNear(luma, at + far, aside, here) &&
    isNear(luma, at - far, aside, here)
    ? here
    : 0;
}

const isNear = (luma: Float32Array, at: number, aside: number, kind: number) =>
  ridge(luma, at, aside) === kind || ridge(luma, at + aside, aside) === kind || ridge(luma, at - aside, aside) === kind;

function ridge(luma: Float32Array, at: number, aside: number): number {
  const here = luma[at] as number;
  const one = luma[at + ASIDE * aside] as number;
  const other = luma[at - ASIDE * aside] as number;
  if (here > one + PLAIN && here > other + PLAIN) return 1;
  return here < one - PLAIN && here < other - PLAIN ? -1 : 0;
}
