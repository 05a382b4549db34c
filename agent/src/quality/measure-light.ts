/** What kind of light a picture's colours stand in. Light is multiplied: it leaves black black. Electronics add. Pure. */
import type { Cells } from './cells.ts';

/** `greenGain`, `greenOffset`: green as gain × (mean of red and blue) + offset, over all cells, and how well that holds (0 to 1). */
export function measureLight({ red, green, blue }: Cells) {
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
