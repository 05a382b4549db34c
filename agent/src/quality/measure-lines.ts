/** What lies along whole rows: seams where a picture is torn, rows that repeat, parts that are dead. Pure. */
import type { Cells } from './cells.ts';
import type { SmallPicture } from './small-picture.ts';

export function measureLines(small: SmallPicture, cells: Cells) {
  return { ...repeats(small), ...bands(cells) };
}

const PARTS = 10;
/** Rows this far apart are compared, so that one row that mixes both sides of a seam lies between them. */
const GAP = 2;
const PAIRS = [
  [0, GAP],
  [0, 1],
  [1, GAP],
] as const;
/** Less is how a slanting edge goes on. */
const LEAST_SHIFT = 6;
/** Rows of a seam lie together. */
const APART = 4;

/**
 * A seam: at one row the picture breaks off along the width. Where houses meet a street it breaks too; but a torn picture
 * heals: its rows fit together again as soon as the lower one is pushed sideways.
 */
export function measureSeams({ width, height, luma }: SmallPicture) {
  let best = { seamHeal: 0, seamAlone: 0, seamStep: 0, seamShift: 0, seamBreadth: 0 };
  let seamWidth = 0;
  if (width < 80 || height < 40) return { ...best, seamWidth, seamRivals: 0 };
  const difference = Array.from({ length: height - GAP }, (_, y) =>
    differenceOf(luma, y * width, (y + GAP) * width, width),
  );
  const at = (y: number) => difference[y] ?? 0;
  const candidates: { y: number; jump: number }[] = [];
  const edge = Math.ceil(height * 0.04);
  for (let y = Math.max(5, edge); y < difference.length - Math.max(5, edge); y += 1) {
    const usual = Math.max(at(y - 3), at(y + 3), Math.min(at(y - 5), at(y + 5)), 0.7);
    if (at(y) > 3.5 && at(y) > usual * 1.3) candidates.push({ y, jump: at(y) / usual });
    if (y > height * 0.1 && y < height * 0.9) seamWidth = Math.max(seamWidth, brokenWidth(luma, y, width));
  }
  candidates.sort((a, b) => b.jump - a.jump);
  for (const { y, jump } of candidates.slice(0, 12)) {
    // Bars of the camera are even: what is torn has a picture on both sides.
    if (Math.min(spreadOf(luma, (y - 1) * width, width), spreadOf(luma, (y + GAP + 1) * width, width)) < 5) continue;
    // Fine texture is another one two rows below: where no row mixes both sides, neighbours say more.
    const { heal, shift, alone } = PAIRS.map(([up, down]) =>
      bestFit(luma, { above: (y + up) * width, below: (y + down) * width, width }),
    ).reduce((a, b) => (b.heal * b.alone > a.heal * a.alone ? b : a));
    const found = {
      seamHeal: heal,
      seamAlone: alone,
      seamStep: jump,
      seamShift: shift / width,
      seamBreadth: breadthOf(luma, y * width, width),
    };
    if (weightOf(found) > weightOf(best)) best = found;
  }
  return { ...best, seamWidth, seamRivals: rivalsOf(candidates) };
}

interface Seam {
  seamHeal: number;
  seamAlone: number;
  seamBreadth: number;
}
/** A short seam says little, however well it heals. */
const weightOf = ({ seamHeal, seamAlone, seamBreadth }: Seam) => seamHeal * seamAlone * Math.min(1, seamBreadth * 2);

/** How many other rows break off about as much: a tear has few, blinds and facades have one on every floor. */
function rivalsOf(candidates: readonly { y: number; jump: number }[]): number {
  const most = candidates[0]?.jump ?? 0;
  const rows: number[] = [];
  for (const { y, jump } of candidates)
    if (jump > most * 0.6 && rows.every((other) => Math.abs(other - y) > APART)) rows.push(y);
  return Math.max(0, rows.length - 1);
}

/** Share of the width where the two rows differ plainly. */
function breadthOf(luma: Float32Array, above: number, width: number): number {
  let count = 0;
  for (let x = 0; x < width; x += 1)
    if (Math.abs((luma[above + x] as number) - (luma[above + GAP * width + x] as number)) > 5) count += 1;
  return count / width;
}

/** A difference, but one hard edge must not speak for the whole row. */
const off = (a: number, b: number) => Math.min(MOST, Math.abs(a - b));
const MOST = 18;

function differenceOf(luma: Float32Array, above: number, below: number, length: number): number {
  let sum = 0;
  for (let x = 0; x < length; x += 1) sum += Math.abs((luma[above + x] as number) - (luma[below + x] as number));
  return sum / length;
}

/** Share of the width along which the row breaks off although it varies above and below. */
function brokenWidth(luma: Float32Array, y: number, width: number): number {
  const part = Math.floor(width / PARTS);
  let broken = 0;
  for (let k = 0; k < PARTS; k += 1) {
    const from = k * part;
    const pair = (row: number) => differenceOf(luma, row * width + from, (row + GAP) * width + from, part);
    const here = pair(y);
    if (here < 6) continue;
    const usual = Math.max(pair(y - 3), pair(y + 3));
    if (
      here > usual * 2 &&
      spreadOf(luma, (y - 1) * width + from, part) > 5 &&
      spreadOf(luma, (y + GAP + 1) * width + from, part) > 5
    )
      broken += 1;
  }
  return broken / PARTS;
}

function spreadOf(luma: Float32Array, from: number, length: number): number {
  let [sum, squares] = [0, 0];
  for (let x = from; x < from + length; x += 1) {
    sum += luma[x] as number;
    squares += (luma[x] as number) ** 2;
  }
  return Math.sqrt(Math.max(0, squares / length - (sum / length) ** 2));
}

/**
 * How much of the difference between two rows goes away when the lower one is pushed sideways, where both then lie over one
 * another, and how far the best shift stands out. Every second pixel says enough.
 */
function bestFit(luma: Float32Array, { above, below, width }: { above: number; below: number; width: number }) {
  const upTo = new Float32Array(width + 1);
  for (let x = 0; x < width; x += 1)
    upTo[x + 1] = (upTo[x] as number) + off(luma[above + x] as number, luma[below + x] as number);
  const found: { left: number; shift: number }[] = [];
  const most = Math.floor(width * 0.42);
  for (let shift = -most; shift <= most; shift += 1) {
    if (Math.abs(shift) < LEAST_SHIFT) continue;
    const start = Math.max(0, shift);
    const length = width - Math.abs(shift);
    const unmoved = ((upTo[start + length] as number) - (upTo[start] as number)) / length;
    let sum = 0;
    for (let x = start; x < start + length; x += 2)
      sum += off(luma[above + x] as number, luma[below + x - shift] as number);
    found.push({ left: (sum * 2) / length / Math.max(3, unmoved), shift });
  }
  found.sort((a, b) => a.left - b.left);
  const [first, usually] = [found[0], found[Math.floor(found.length * 0.12)]];
  if (!first || !usually) return { heal: 0, shift: 0, alone: 0 };
  // What fits at every shift is no seam but a smooth row: the right shift stands out.
  return {
    heal: Math.max(0, 1 - first.left),
    shift: first.shift,
    alone: 1 - first.left / Math.max(0.02, usually.left),
  };
}

/** Rows that say the same as the row six above although they vary from side to side: the last good row, drawn out. */
function repeats({ width, height, luma }: SmallPicture) {
  const far = 6;
  let [longest, run, all] = [0, 0, 0];
  for (let y = 0; y + far < height; y += 1) {
    let [same, textured] = [0, 0];
    const part = Math.max(8, Math.floor(width / PARTS));
    for (let k = 0; k + part <= width; k += part) {
      let [down, across] = [0, 0];
      for (let x = k; x < k + part - far; x += 1) {
        const value = luma[y * width + x] as number;
        down += Math.abs((luma[(y + far) * width + x] as number) - value);
        across += Math.abs((luma[y * width + x + far] as number) - value);
      }
      const count = Math.max(1, part - far);
      if (across / count < 1) continue;
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

/** Parts of the picture, from an edge on, in which nothing is: dead black, or one colour and no light or shadow. */
function bands({ columns, rows, luma, red, green, blue, spread }: Cells) {
  const isBlack = (at: number) => (luma[at] as number) < 22 && (spread[at] as number) < 2.2;
  const line = (index: number, upright: boolean) =>
    Array.from({ length: upright ? rows : columns }, (_, k) => (upright ? k * columns + index : index * columns + k));
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
    return alive > 0.75 && straight ? count / size : 0;
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
    deadLowerShare: level < 22 ? 0 : deadRows / rows,
    deadLowerLevel: level,
    deadLowerTint: Math.max(middle.r, middle.g, middle.b) - Math.min(middle.r, middle.g, middle.b),
  };
}

const median = (values: Float32Array) => Float32Array.from(values).sort()[values.length >> 1] ?? 0;
