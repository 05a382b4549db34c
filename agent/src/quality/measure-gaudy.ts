/**
 * Confetti: pure colours of opposite hues side by side, strip by strip: what a decoder makes of codes that it has misread.
 * Flowers, lamps and cars have one hue at a place, and it is rarely as pure. Pure.
 */
import type { SmallPicture } from './small-picture.ts';

/** Rows that are taken together; px between what is compared. */
const [STRIP, BESIDE] = [6, 5];
/** Levels between the strongest and the weakest channel. */
const PURE = 64;
/** And of what is at the very end. */
const PUREST = 150;

/** Shares of the worst strip, and of the picture, where opposite hues meet; `gaudyShare`: of what is purest. */
export function measureGaudy({ red, green, blue, width, height }: SmallPicture) {
  let [worst, all, count, purest, magenta, grey] = [0, 0, 0, 0, 0, 0];
  for (let top = 0; top + STRIP <= height; top += STRIP) {
    let [met, seen] = [0, 0];
    for (let y = top; y < top + STRIP; y += 2)
      for (let at = y * width; at < (y + 1) * width - BESIDE; at += 2) {
        seen += 1;
        const one = hueOf(red[at] as number, green[at] as number, blue[at] as number);
        if (one === 0) {
          if (isDeadGrey(red[at] as number, green[at] as number, blue[at] as number)) grey += 1;
          continue;
        }
        if (one > 8) purest += 1;
        if (one > 8 && (one & 7) === 5) magenta += 1;
        // Noise is another colour at the next pixel.
        if (hueOf(red[at + 1] as number, green[at + 1] as number, blue[at + 1] as number) !== one) continue;
        const next = at + BESIDE;
        const other = hueOf(red[next] as number, green[next] as number, blue[next] as number);
        if (other !== 0 && isOpposite(one & 7, other & 7)) met += 1;
      }
    worst = Math.max(worst, met / Math.max(1, seen));
    all += met;
    count += seen;
  }
  return {
    gaudyWorst: worst,
    gaudyMet: all / Math.max(1, count),
    gaudyShare: purest / Math.max(1, count),
    gaudyMagenta: magenta / Math.max(1, count),
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

/** At least two channels say the contrary. */
function isOpposite(one: number, other: number): boolean {
  const differ = one ^ other;
  return differ === 7 || differ === 3 || differ === 5 || differ === 6;
}
