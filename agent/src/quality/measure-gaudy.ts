/**
 * Confetti: pure magenta, green and blue beside one another along one row of blocks, or magenta all along it: what a decoder
 * makes of codes that it has misread. Flowers, lamps, shelves and cars have some of these hues, not all in one row. Pure.
 */
import type { SmallPicture } from './small-picture.ts';

/** Rows that are taken together: about a macroblock. */
const STRIP = 6;
/** Levels between the strongest and the weakest channel. */
const PURE = 64;
/** And of what is at the very end. */
const PUREST = 150;

/** `gaudyWorst`: the least of the three hues, as a share of the strip that has most of it; `gaudyMagentaStrip`: of pure magenta. */
export function measureGaudy({ red, green, blue, width, height }: SmallPicture) {
  const hues = new Float64Array(8);
  let [worst, widest, count, magenta, grey] = [0, 0, 0, 0, 0];
  for (let top = 0; top + STRIP <= height; top += STRIP) {
    const before = magenta;
    let seen = 0;
    hues.fill(0);
    for (let y = top; y < top + STRIP; y += 2)
      for (let at = y * width; at < (y + 1) * width - 1; at += 2) {
        seen += 1;
        const one = hueOf(red[at] as number, green[at] as number, blue[at] as number);
        if (one === 0) {
          if (isDeadGrey(red[at] as number, green[at] as number, blue[at] as number)) grey += 1;
          continue;
        }
        // Flowers have more red than blue.
        if (one > 8 && (one & 7) === 5 && Math.abs((red[at] as number) - (blue[at] as number)) < 40) magenta += 1;
        // Noise is another colour at the next pixel.
        if (hueOf(red[at + 1] as number, green[at + 1] as number, blue[at + 1] as number) !== one) continue;
        hues[one & 7] = (hues[one & 7] as number) + 1;
      }
    widest = Math.max(widest, (magenta - before) / Math.max(1, seen));
    const cold = (hues[4] as number) + (hues[6] as number);
    worst = Math.max(worst, Math.min(hues[2] as number, hues[5] as number, cold) / Math.max(1, seen));
    count += seen;
  }
  return {
    gaudyWorst: worst,
    gaudyMagenta: magenta / Math.max(1, count),
    gaudyMagentaStrip: widest,
    exactGreyShare: grey / Math.max(1, count),
  };
}

/** Luma and chroma 128, or next to it. */
const isDeadGrey = (r: number, g: number, b: number) =>
  g > 126.2 && g < 130.8 && Math.abs(r - g) < 2.2 && Math.abs(b - g) < 2.2;

/** One bit for each channel that is strong; 8 more where it is purest; 0 for what is nearly grey. */
function hueOf(r: number, g: number, b: number): number {
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  if (most - least < PURE) return 0;
  const middle = (most + least) / 2;
  return (r > middle ? 1 : 0) + (g > middle ? 2 : 0) + (b > middle ? 4 : 0) + (most - least > PUREST ? 8 : 0);
}
