/**
 * Measures a picture for the fast judge: every fourth pixel of every fourth row (fewer above 1080p), luma weighed after
 * ITU-R BT.709. Pure, no more than some milliseconds.
 */
export interface Measures {
  /** Luma, 0 to 255. */
  brightness: number;
  /** Standard deviation of luma. */
  contrast: number;
  /** Luma below which 0.5 %, 50 % and 99.5 % of the pixels lie. */
  darkest: number;
  median: number;
  lightest: number;
  /** Largest minus smallest of R, G, B: mean over the picture, 0 to 255. */
  saturation: number;
  /** Shares of the pixels, 0 to 1. */
  nearBlackShare: number;
  nearWhiteShare: number;
  /** Close to the picture's most frequent colour. */
  oneColourShare: number;
  /** Saturation of that colour. */
  oneColourSaturation: number;
  /** The green that a decoder makes of missing chroma and luma. */
  decoderGreenShare: number;
  /** Shares of the height, from the lower edge up: flat mid-grey, and rows that repeat the one above them exactly. */
  greyLowerShare: number;
  repeatedLowerShare: number;
  /** Share of the height that is dead black from one edge on and ends in one straight line. */
  blackBandShare: number;
}

export interface Pixels {
  /** 8-bit RGB. */
  pixels: Uint8Array;
  widthPx: number;
  heightPx: number;
}

interface Row {
  mean: number;
  least: number;
  most: number;
  saturation: number;
  /** Mean difference from one sample to the next, and to the row above. */
  across: number;
  down: number;
}

export function measurePicture(picture: Pixels): Measures {
  const stepX = stepOf(picture.widthPx, 480);
  const stepY = stepOf(picture.heightPx, 270);
  const columns = Math.ceil(picture.widthPx / stepX);
  const histogram = new Uint32Array(256);
  const colours = new Map<number, number>();
  const rows: Row[] = [];
  let above = new Uint8Array(columns);
  let current = new Uint8Array(columns);
  let saturationSum = 0;
  let green = 0;

  for (let y = 0; y < picture.heightPx; y += stepY) {
    // The real row above, not the sampled one: torn and smeared pictures show at full scale.
    if (y > 0) readLuma(picture, { y: y - 1, stepX, into: above });
    let sum = 0;
    let least = 255;
    let most = 0;
    let rowSaturation = 0;
    let across = 0;
    let down = 0;
    let column = 0;
    for (let x = 0; x < picture.widthPx; x += stepX) {
      const at = (y * picture.widthPx + x) * 3;
      const r = picture.pixels[at] ?? 0;
      const g = picture.pixels[at + 1] ?? 0;
      const b = picture.pixels[at + 2] ?? 0;
      const luma = (54 * r + 183 * g + 19 * b + 128) >> 8;
      const spread = Math.max(r, g, b) - Math.min(r, g, b);
      current[column] = luma;
      histogram[luma] = (histogram[luma] ?? 0) + 1;
      // 16 steps for each of R, G and B.
      const colour = ((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4);
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
      if (r < 24 && b < 24 && g > 90 && g < 165) green += 1;
      sum += luma;
      rowSaturation += spread;
      if (luma < least) least = luma;
      if (luma > most) most = luma;
      if (column > 0) across += Math.abs(luma - (current[column - 1] ?? 0));
      if (y > 0) down += Math.abs(luma - (above[column] ?? 0));
      column += 1;
    }
    saturationSum += rowSaturation;
    rows.push({
      mean: sum / column,
      least,
      most,
      saturation: rowSaturation / column,
      across: across / Math.max(1, column - 1),
      down: y > 0 ? down / column : Number.POSITIVE_INFINITY,
    });
    [above, current] = [current, above];
  }

  const count = rows.length * columns;
  const brightness = rows.reduce((sum, row) => sum + row.mean, 0) / rows.length;
  const [dominant, dominantCount] = mostFrequent(colours);
  return {
    brightness,
    contrast: deviation(histogram, count, brightness),
    darkest: quantile(histogram, count, 0.005),
    median: quantile(histogram, count, 0.5),
    lightest: quantile(histogram, count, 0.995),
    saturation: saturationSum / count,
    nearBlackShare: shareOf(histogram, 0, 24, count),
    nearWhiteShare: shareOf(histogram, 250, 256, count),
    oneColourShare: dominantCount / count,
    oneColourSaturation: saturationOf(dominant),
    decoderGreenShare: green / count,
    greyLowerShare: shareFromBelow(rows, isDecoderGrey),
    repeatedLowerShare: shareFromBelow(rows, (row) => row.down < 0.02 && row.across > 1),
    blackBandShare: blackBand(rows),
  };
}

const stepOf = (lengthPx: number, samples: number) => Math.max(1, Math.floor(lengthPx / samples));

function readLuma(
  { pixels, widthPx }: Pixels,
  { y, stepX, into }: { y: number; stepX: number; into: Uint8Array },
): void {
  for (let x = 0, column = 0; x < widthPx; x += stepX, column += 1) {
    const at = (y * widthPx + x) * 3;
    into[column] = (54 * (pixels[at] ?? 0) + 183 * (pixels[at + 1] ?? 0) + 19 * (pixels[at + 2] ?? 0) + 128) >> 8;
  }
}

function mostFrequent(colours: ReadonlyMap<number, number>): [number, number] {
  let best: [number, number] = [0, 0];
  for (const entry of colours) if (entry[1] > best[1]) best = entry;
  return best;
}

function saturationOf(colour: number): number {
  const parts = [(colour >> 8) & 15, (colour >> 4) & 15, colour & 15];
  return (Math.max(...parts) - Math.min(...parts)) * 16;
}

function quantile(histogram: Uint32Array, count: number, share: number): number {
  let seen = 0;
  for (let level = 0; level < 256; level += 1) {
    seen += histogram[level] ?? 0;
    if (seen >= count * share) return level;
  }
  return 255;
}

function shareOf(histogram: Uint32Array, from: number, to: number, count: number): number {
  let sum = 0;
  for (let level = from; level < to; level += 1) sum += histogram[level] ?? 0;
  return sum / count;
}

function deviation(histogram: Uint32Array, count: number, mean: number): number {
  let sum = 0;
  for (let level = 0; level < 256; level += 1) sum += (histogram[level] ?? 0) * (level - mean) ** 2;
  return Math.sqrt(sum / count);
}

/** What a decoder fills in for slices that never came: luma and chroma 128. */
const isDecoderGrey = (row: Row) =>
  row.most - row.least <= 4 && row.mean > 118 && row.mean < 140 && row.saturation <= 6;

function shareFromBelow(rows: readonly Row[], is: (row: Row) => boolean): number {
  let count = 0;
  while (count < rows.length) {
    const row = rows[rows.length - 1 - count];
    if (row === undefined || !is(row)) break;
    count += 1;
  }
  return count / rows.length;
}

/** Night is dark too, but its rows are not all alike, and it does not end in a straight line from side to side. */
function blackBand(rows: readonly Row[]): number {
  const isDead = (row: Row) => row.most <= 18 && row.most - row.least <= 3;
  return Math.max(bandOf(rows, isDead), bandOf(rows.toReversed(), isDead));
}

function bandOf(rows: readonly Row[], isDead: (row: Row) => boolean): number {
  const end = rows.findIndex((row) => !isDead(row));
  if (end <= 0) return 0;
  // The first whole row behind the edge (one may be a mixture): its darkest pixel must be clear of the band's black.
  const behind = rows[Math.min(rows.length - 1, end + 1)];
  return behind !== undefined && behind.least > 24 ? end / rows.length : 0;
}
