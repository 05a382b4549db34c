/** Light and colour of a picture, from its pixels and its cells. Pure. */
import type { Cells } from './cells.ts';
import { quantileIn, quantileOf, type SmallPicture } from './small-picture.ts';

export function measureTones(small: SmallPicture, cells: Cells) {
  const count = small.luma.length;
  const sums: Sums = { sum: 0, squares: 0, saturation: 0, white: 0, black: 0, deadGrey: 0, deadGreen: 0 };
  const histogram = new Uint32Array(256);
  for (let from = 0; from < count; from += small.width) addRow(sums, histogram, small, from);
  const { sum, squares, saturation, white, black, deadGrey, deadGreen } = sums;
  const mean = sum / count;
  const contrast = Math.sqrt(Math.max(0, squares / count - mean * mean));
  const sorted = cells.luma.slice().sort();
  return {
    brightness: mean,
    contrast,
    darkest: levelIn(histogram, count, 0.005),
    median: levelIn(histogram, count, 0.5),
    lightest: levelIn(histogram, count, 0.995),
    saturation: saturation / count,
    nearBlackShare: black / count,
    nearWhiteShare: white / count,
    deadGreyShare: deadGrey / count,
    deadGreenShare: deadGreen / count,
    ...measureCells(cells, contrast, sorted),
    ...measureColour(cells, sorted),
    ...measureFlatness(cells),
  };
}

interface Sums {
  sum: number;
  squares: number;
  saturation: number;
  white: number;
  black: number;
  deadGrey: number;
  deadGreen: number;
}

/** A function of its own: V8 compiles it for good, where it throws away a long loop at its end. */
function addRow(
  sums: Sums,
  histogram: Uint32Array,
  { luma, red, green, blue, width }: SmallPicture,
  from: number,
): void {
  let sum = 0;
  let squares = 0;
  let saturation = 0;
  let white = 0;
  let black = 0;
  let deadGrey = 0;
  let deadGreen = 0;
  for (let at = from; at < from + width; at += 1) {
    const y = luma[at] as number;
    const r = red[at] as number;
    const g = green[at] as number;
    const b = blue[at] as number;
    sum += y;
    squares += y * y;
    let most = r;
    let least = r;
    if (g > most) most = g;
    else least = g;
    if (b > most) most = b;
    else if (b < least) least = b;
    saturation += most - least;
    if (y >= 249) white += 1;
    if (y < 24) black += 1;
    // What a decoder fills in for what never came: luma and chroma 128.
    if (most - least <= 5 && y > 124 && y < 133) deadGrey += 1;
    // And what it makes of zeros: luma that grows, chroma at its end.
    else if (g > 110 && r < 16 && b < 16) deadGreen += 1;
    const level = y | 0;
    histogram[level] = (histogram[level] as number) + 1;
  }
  sums.sum += sum;
  sums.squares += squares;
  sums.saturation += saturation;
  sums.white += white;
  sums.black += black;
  sums.deadGrey += deadGrey;
  sums.deadGreen += deadGreen;
}

function levelIn(histogram: Uint32Array, count: number, share: number): number {
  let seen = 0;
  for (let level = 0; level < 256; level += 1) {
    seen += histogram[level] as number;
    if (seen >= count * share) return level;
  }
  return 255;
}

/** @param sorted the cells' luma, from dark to light */
function measureCells({ luma, spread, columns, rows }: Cells, contrast: number, sorted: Float32Array) {
  const at = (share: number) => quantileIn(sorted, share);
  let [sum, squares, sideways, still, brightest] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row += 1) {
    let [rowSum, rowSquares] = [0, 0];
    for (let column = 0; column < columns; column += 1) {
      const value = luma[row * columns + column] as number;
      if (row > rows * 0.12 && row < rows * 0.88 && value > brightest) brightest = value;
      rowSum += value;
      rowSquares += value * value;
      if ((spread[row * columns + column] as number) < 2) still += 1;
    }
    sum += rowSum;
    squares += rowSquares;
    sideways += Math.max(0, rowSquares / columns - (rowSum / columns) ** 2);
  }
  const count = columns * rows;
  const coarse = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  return {
    cellDark: at(0.04),
    cellLow: at(0.1),
    cellHigh: at(0.9),
    cellBright: at(0.96),
    cellBrightest: at(0.985),
    /** How much of the contrast is left when 8 × 8 pixels are averaged: an eighth in static, nearly all in scenes. */
    coarseShare: contrast > 0.5 ? coarse / contrast : 1,
    /** Deviation from side to side, rows' means taken out: fog, sky and sea lie in layers. */
    sideways: Math.sqrt(sideways / rows),
    stillShare: still / count,
    /** The lightest cell away from where clocks stand: a single lamp makes a night. */
    brightestMiddle: brightest,
    noise: quantileOf(spread, 0.1),
  };
}

function measureColour({ red, green, blue, luma, columns, rows }: Cells, sorted: Float32Array) {
  const [reds, greens, blues] = [quantileOf(red, 0.97), quantileOf(green, 0.97), quantileOf(blue, 0.97)];
  const most = Math.max(reds, greens, blues, 1);
  const middle = quantileIn(sorted, 0.6);
  const bright = quantileIn(sorted, 0.88);
  let [magenta, green1, teal, lit, brightGreen, brightCount] = [0, 0, 0, 0, 0, 0];
  let [top, topCount, low, lowCount] = [0, 0, 0, 0];
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      const r = red[at] as number;
      const g = green[at] as number;
      const b = blue[at] as number;
      const peak = Math.max(r, g, b);
      if (peak < 40) continue;
      lit += 1;
      if (peak >= 60 && Math.min(r, b) - g > 0.14 * peak) magenta += 1;
      // Leaves have more red than blue; a cast of green leaves both alike, and does not spare the light.
      if (g - Math.max(r, b) > 0.12 * peak && r - b < 0.12 * peak && (luma[at] as number) >= middle) green1 += 1;
      if ((luma[at] as number) >= bright) {
        brightCount += 1;
        if (g - Math.max(r, b) > 0.12 * peak && r - b < 0.15 * peak) brightGreen += 1;
      }
      if (g - r > 0.12 * peak && b - r > 0.05 * peak && g > b) teal += 1;
      const warmth = (r - b) / (r + g + b);
      if (row < rows * 0.3) {
        top += warmth;
        topCount += 1;
      } else if (row > rows * 0.5) {
        low += warmth;
        lowCount += 1;
      }
    }
  const share = (part: number) => (lit === 0 ? 0 : part / lit);
  return {
    litShare: lit / (columns * rows),
    weakestChannel: Math.min(reds, greens, blues) / most,
    ...stuckChannel([red, green, blue]),
    ...measureTint({ red, green, blue, luma }, bright),
    magentaShare: share(magenta),
    greenShare: share(green1),
    brightGreenShare: brightCount === 0 ? 0 : brightGreen / brightCount,
    tealShare: share(teal),
    warmthAbove: topCount === 0 ? 0 : top / topCount,
    warmthBelow: lowCount === 0 ? 0 : low / lowCount,
  };
}

/** Keeps the logarithm from telling tales of what is nearly black. */
const DARK = 6;

/**
 * Light is warm or cold; green against magenta it hardly changes. ln(G² ÷ (R·B)) is about 0 for whatever is white or grey
 * from candle light to blue sky, positive on leaves, negative on few things: told for the least green twentieth and the
 * greenest of the cells, and for the lightest of them, which are clouds, walls and lamps.
 */
function measureTint({ red, green, blue, luma }: Pick<Cells, 'red' | 'green' | 'blue' | 'luma'>, bright: number) {
  const [all, lightest] = [[] as number[], [] as number[]];
  for (let at = 0; at < luma.length; at += 1) {
    const r = red[at] as number;
    const g = green[at] as number;
    const b = blue[at] as number;
    if (Math.max(r, g, b) < 40) continue;
    const tint = Math.log((g + DARK) ** 2 / ((r + DARK) * (b + DARK)));
    all.push(tint);
    if ((luma[at] as number) >= bright) lightest.push(tint);
  }
  const sorted = Float32Array.from(all).sort();
  return {
    tintLeast: quantileIn(sorted, 0.1),
    tintMost: quantileIn(sorted, 0.95),
    tintOfLight: quantileOf(lightest, 0.5),
  };
}

/** The colour in which most of the cells are dead even; scenes have grain, and light that changes from place to place. */
function measureFlatness({ red, green, blue, luma, spread, rows, columns }: Cells) {
  const bins = new Float64Array(4096);
  let [dead, best] = [0, 0];
  const levelOf = (light: number) => (light + 0.5) >> 4;
  const binOf = (at: number) =>
    (levelOf(red[at] as number) << 8) | (levelOf(green[at] as number) << 4) | levelOf(blue[at] as number);
  const isDead = (at: number) => (spread[at] as number) < 1;
  for (let at = 0; at < luma.length; at += 1) {
    if (!isDead(at)) continue;
    dead += 1;
    const bin = binOf(at);
    bins[bin] = (bins[bin] as number) + 1;
    if ((bins[bin] as number) > (bins[best] as number)) best = bin;
  }
  const members: number[] = [];
  for (let at = 0; at < luma.length; at += 1) if (isDead(at) && binOf(at) === best) members.push(at);
  const middle = (plane: Float32Array) => {
    const values = new Float32Array(members.length);
    for (let k = 0; k < values.length; k += 1) values[k] = plane[members[k] as number] as number;
    return quantileIn(values.sort(), 0.5);
  };
  const [r, g, b] = [middle(red), middle(green), middle(blue)];
  let alike = 0;
  for (let at = 0; at < luma.length; at += 1)
    if (
      isDead(at) &&
      Math.abs((red[at] as number) - r) < 1.6 &&
      Math.abs((green[at] as number) - g) < 1.6 &&
      Math.abs((blue[at] as number) - b) < 1.6
    )
      alike += 1;
  const count = rows * columns;
  return {
    deadShare: dead / count,
    oneColourShare: alike / count,
    oneColourLuma: 0.2126 * r + 0.7152 * g + 0.0722 * b,
    oneColourSaturation: Math.max(r, g, b) - Math.min(r, g, b),
  };
}

/** A channel that says the same everywhere while the others vary. */
function stuckChannel(planes: readonly Float32Array[]) {
  const found = planes.map((plane) => {
    let sum = 0;
    let squares = 0;
    for (let at = 0; at < plane.length; at += 1) {
      const value = plane[at] as number;
      sum += value;
      squares += value * value;
    }
    const mean = sum / plane.length;
    return { mean, spread: Math.sqrt(Math.max(0, squares / plane.length - mean * mean)) };
  });
  found.sort((a, b) => a.spread - b.spread);
  const [least, middle] = [found[0], found[1]];
  if (!least || !middle || middle.spread < 8) return { stuckChannel: 1, stuckLevel: 0 };
  return { stuckChannel: least.spread / middle.spread, stuckLevel: least.mean };
}
