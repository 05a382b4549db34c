/**
 * Combed: what a decoder makes of rows of blocks that it has lost, out of those above and below. Light goes from the one to
 * the other evenly, so that downwards nothing bends, while sideways everything does; over most of the width, for some rows of
 * blocks. Trunks, curtains and facades are upright too, but not all there is from one side to the other. Pure.
 */
import type { SmallPicture } from './small-picture.ts';

/** px */
const [PART, LAG] = [32, 4];
/** Levels that a part bends sideways where it says anything, and what it bends downwards as a share of that. */
const [BENDS, STRAIGHT] = [1, 0.35];
/** Rows that are taken together, of the height; and how many parts of a row must say something. */
const [BAND, SPEAK] = [0.06, 0.25];

/** `combed`: of the parts of some rows that bend sideways, how many do not bend downwards, where they are the most, and where the fewest. */
export function measureCombed({ width, height, luma }: SmallPicture) {
  const parts = Math.floor((width - 2 * LAG) / PART);
  const band = Math.max(6, Math.round(height * BAND));
  const [spoken, straight] = [new Uint16Array(height), new Uint16Array(height)];
  let [most, least, all, even] = [0, 1, 0, 0];
  for (let y = LAG; y < height - LAG; y += 1) {
    for (let part = 0; part < parts; part += 1) {
      const { across, down } = bendsOf(luma, y * width + LAG + part * PART, width);
      if (across < BENDS * PART) continue;
      spoken[y] = (spoken[y] as number) + 1;
      if (down < across * STRAIGHT) straight[y] = (straight[y] as number) + 1;
    }
    all += (spoken[y] as number) - (spoken[y - band] ?? 0);
    even += (straight[y] as number) - (straight[y - band] ?? 0);
    if (y < LAG + band || all === 0 || all < band * parts * SPEAK) continue;
    most = Math.max(most, even / all);
    least = Math.min(least, even / all);
  }
  return { combed: most, combedLeast: Math.min(most, least) };
}

function bendsOf(luma: Float32Array, from: number, width: number): { across: number; down: number } {
  let [across, down] = [0, 0];
  for (let at = from; at < from + PART; at += 1) {
    const here = 2 * (luma[at] as number);
    across += Math.abs((luma[at - LAG] as number) + (luma[at + LAG] as number) - here);
    down += Math.abs((luma[at - LAG * width] as number) + (luma[at + LAG * width] as number) - here);
  }
  return { across, down };
}
