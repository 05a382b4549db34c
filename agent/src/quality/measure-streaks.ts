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
  let all = 0;
  for (let strip = 0; strip < strips; strip += 1) {
    let run = 0;
    for (let k = 0; k <= length - LAG; k += 1) {
      if (k < length - LAG && isDrawnOut(luma, strip * STRIP * across + k * along, along, across)) run += 1;
      else {
        if (run >= least && run < length * MOST_RUN) all += run;
        run = 0;
      }
    }
  }
  return strips === 0 ? 0 : all / (strips * length);
}

function isDrawnOut(luma: Float32Array, from: number, along: number, across: number): boolean {
  let [down, side] = [0, 0];
  for (let k = 0, at = from; k < STRIP; k += 1, at += across) {
    const value = luma[at] as number;
    down += Math.abs((luma[at + LAG * along] as number) - value);
    if (k > 0) side += Math.abs(value - (luma[at - across] as number));
  }
  return side > VARIES * (STRIP - 1) && down / STRIP < (side / (STRIP - 1)) * ALONG + 0.25;
}
