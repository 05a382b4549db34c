/** What lies along whole rows: rows that repeat or are drawn out, parts that are dead. Pure. */
import type { Cells } from './cells.ts';
import type { SmallPicture } from './small-picture.ts';

export function measureLines(small: SmallPicture, cells: Cells) {
  return { ...repeats(small), ...bands(cells), ...drawnRows(cells) };
}

const PARTS = 10;
/** What bends, as a share of what changes sideways, at least: light that fades does not. */
const BENT = 0.25;
/** Rows that say the same as the row six above although they vary from side to side: the last good row, drawn out. */
function repeats({ width, height, luma }: SmallPicture) {
  const far = 6;
  let [longest, run, all] = [0, 0, 0];
  for (let y = 0; y + far < height; y += 1) {
    let [same, textured] = [0, 0];
    const part = Math.max(8, Math.floor(width / PARTS));
    for (let k = 0; k + part <= width; k += part) {
      let [down, across, bent] = [0, 0, 0];
      for (let x = k; x < k + part - far; x += 1) {
        const at = y * width + x;
        const value = luma[at] as number;
        const beside = luma[at + far] as number;
        down += Math.abs((luma[at + far * width] as number) - value);
        across += Math.abs(beside - value);
        bent += Math.abs(value + beside - 2 * (luma[at + far / 2] as number));
      }
      const count = Math.max(1, part - far);
      // What only grows lighter or darker is the glow around a light.
      if (across / count < 1 || bent < across * BENT) continue;
      textured += 1;
      if (down < across * 0.22) same += 1;
    }
    if (textured >= 3 && same >= textured * 0.75) {
      run += 1;
      all += 1;
      longest = Math.max(longest, run);
    } else run = 0;
  }
  return { repeatedShare: longest / height, repeatedAllShare: all / height };
}

/** One hard edge must not speak for a row of cells. */
const MOST_STEP = 12;
/** What changes downwards, as a share of what changes sideways, where rows are drawn out. */
const DRAWN = 0.4;

/**
 * The longest run of rows of cells, and the lowest, as shares of the height, along which the picture goes on changing sideways and hardly
 * changes downwards, in light and in colour. Grain and what came later over a smear are averaged away in cells; skies, seas
 * and streets change downwards, and trunks and facades are never all there is from one end of a row to the other.
 */
function drawnRows({ columns, rows, red, green, blue }: Cells) {
  const planes = [red, green, blue];
  let [longest, run] = [0, 0];
  for (let row = 0; row + 1 < rows; row += 1) {
    let [down, side, most] = [0, 0, 0];
    for (const plane of planes)
      for (let at = row * columns; at + 1 < (row + 1) * columns; at += 1) {
        const value = plane[at] as number;
        const step = Math.min(MOST_STEP, Math.abs((plane[at + 1] as number) - value));
        down += Math.min(MOST_STEP, Math.abs((plane[at + columns] as number) - value));
        side += step;
        if (step > most) most = step;
      }
    // Waves of light are soft; of what is drawn out something had an edge.
    run = most > MOST_STEP * 0.6 && side > 0.4 * 3 * columns && down < side * DRAWN ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return { drawnRowsShare: longest / rows, drawnRowsLow: run / rows };
}

/** Parts of the picture, from an edge on, in which nothing is: dead black, or one colour and no light or shadow. */
function bands({ columns, rows, luma, red, green, blue, spread }: Cells) {
  const isBlack = (at: number) => (luma[at] as number) < 22 && (spread[at] as number) < 2.2;
  const line = (index: number, upright: boolean) =>
    Array.from({ length: upright ? rows : columns }, (_, k) => (upright ? k * columns + index : index * columns + k));
  let unevenness = 0;
  const blackFrom = (upright: boolean, back: boolean) => {
    const size = upright ? columns : rows;
    let [count, texts] = [0, 0];
    for (let index = 0; index < size; index += 1) {
      const cells = line(back ? size - 1 - index : index, upright);
      const dead = cells.filter(isBlack).length / cells.length;
      if (dead >= 0.88) {
        texts += index - count;
        count = index + 1;
      } else if (index - count >= 4 || dead < 0.3) break; // A clock may stand in what is dead.
    }
    if (count === 0 || count === size) return 0;
    // Behind the edge of what is dead, nearly everything is alive at once: a skyline does not end in a straight line.
    const behind = Math.min(size - 1, count + 1);
    const cells = line(back ? size - 1 - behind : behind, upright);
    const alive = cells.filter((at) => (luma[at] as number) > 22 || (spread[at] as number) > 3).length / cells.length;
    const inside = line(back ? size - count : count - 1, upright);
    const straight = inside.filter(isBlack).length > inside.length * 0.93 || texts > 0;
    if (alive <= 0.75 || !straight) return 0;
    const dead = Array.from({ length: count }, (_, k) => line(back ? size - 1 - k : k, upright))
      .flat()
      .filter(isBlack);
    unevenness = Math.max(unevenness, unevennessOf(Float32Array.from(dead, (at) => luma[at] as number)));
    return count / size;
  };
  const [top, low, left, right] = [
    blackFrom(false, false),
    blackFrom(false, true),
    blackFrom(true, false),
    blackFrom(true, true),
  ];
  const oneSided = Math.max(Math.abs(top - low), Math.abs(left - right));

  let deadRows = 0;
  const last = (rows - 1) * columns;
  const middle = { r: median(red.subarray(last)), g: median(green.subarray(last)), b: median(blue.subarray(last)) };
  for (; deadRows < rows; deadRows += 1) {
    const cells = line(rows - 1 - deadRows, false);
    const dead = cells.filter(
      (at) =>
        (spread[at] as number) < 1.2 &&
        Math.abs((red[at] as number) - middle.r) < 2.5 &&
        Math.abs((green[at] as number) - middle.g) < 2.5 &&
        Math.abs((blue[at] as number) - middle.b) < 2.5,
    );
    if (dead.length < cells.length * 0.8) break;
  }
  const level = 0.2126 * middle.r + 0.7152 * middle.g + 0.0722 * middle.b;
  return {
    blackBandShare: oneSided,
    blackBandUneven: unevenness,
    deadLowerShare: level < 22 ? 0 : deadRows / rows,
    deadLowerLevel: level,
    deadLowerTint: Math.max(middle.r, middle.g, middle.b) - Math.min(middle.r, middle.g, middle.b),
  };
}

/** From the lightest to the darkest tenth. */
function unevennessOf(values: Float32Array): number {
  const sorted = values.sort();
  return (sorted[Math.floor(sorted.length * 0.9)] ?? 0) - (sorted[Math.floor(sorted.length * 0.1)] ?? 0);
}

const median = (values: Float32Array) => Float32Array.from(values).sort()[values.length >> 1] ?? 0;
