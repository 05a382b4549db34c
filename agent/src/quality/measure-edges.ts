/**
 * How sharp a picture's edges are, whatever its contrast. A step that is sharp rises in a pixel or two; behind fog it is
 * lower but as sharp; out of focus it takes many. So steps are compared with themselves at two distances. Pure.
 */
import type { Cells } from './cells.ts';
import { quantileOf, type SmallPicture } from './small-picture.ts';

export function measureEdges(small: SmallPicture, cells: Cells) {
  return { ...steepness(cells), ...softEdges(small) };
}

/** Clocks and names stand in the uppermost and lowest tenth: they stay sharp whatever happens to the lens. */
const MARGIN = 0.12;

function steepness({ columns, rows, step1, step4, spread }: Cells) {
  const noise = quantileOf(spread, 0.1);
  const enough = Math.max(14, noise * 9);
  const found: number[] = [];
  let [sharp, count] = [0, 0];
  for (let row = Math.ceil(rows * MARGIN); row < Math.floor(rows * (1 - MARGIN)); row += 1)
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      count += 1;
      const four = step4[at] as number;
      if (four < enough) continue;
      const steep = (step1[at] as number) / four;
      found.push(steep);
      if (steep > 0.45) sharp += 1;
    }
  return {
    edgeShare: count === 0 ? 0 : found.length / count,
    sharpShare: count === 0 ? 0 : sharp / count,
    steepness: found.length < 8 ? 1 : quantileOf(found, 0.9),
    steepnessMedian: found.length < 8 ? 1 : quantileOf(found, 0.5),
  };
}

const REACH = 6;
const [NONE, SHARP, SOFT] = [0, 1, 2];

/** What rises strongly around this pixel, and whether softly: no step of it is a large part of the rise. */
function edgeAt(luma: Float32Array, at: number, stride: number): number {
  const end = at + REACH * stride;
  let before = luma[at - REACH * stride] as number;
  const rise = Math.abs((luma[end] as number) - before);
  if (rise < 36) return NONE;
  const much = rise * 0.28;
  for (let next = at - (REACH - 1) * stride; next <= end; next += stride) {
    const here = luma[next] as number;
    if (Math.abs(here - before) >= much) return SHARP;
    before = here;
  }
  return SOFT;
}

/** Strong edges that rise softly although others are sharp: something stands too near to be in focus. */
function softEdges({ width, height, luma }: SmallPicture) {
  let [soft, strong, softDark, samples] = [0, 0, 0, 0];
  // One for each way of looking: along the rows, the columns, and both diagonals.
  const [strongAlong, softAlong] = [new Float64Array(4), new Float64Array(4)];
  const look = (at: number, way: number, stride: number) => {
    const kind = edgeAt(luma, at, stride);
    if (kind === NONE) return;
    strongAlong[way] = (strongAlong[way] as number) + 1;
    if (kind === SOFT) softAlong[way] = (softAlong[way] as number) + 1;
    if (way > 1) return;
    strong += 1;
    if (kind !== SOFT) return;
    soft += 1;
    // The near thing stands before the light: its side is dark.
    if (Math.min(luma[at - REACH * stride] as number, luma[at + REACH * stride] as number) < 90) softDark += 1;
  };
  const top = Math.ceil(height * MARGIN);
  const end = Math.floor(height * (1 - MARGIN));
  for (let y = Math.max(REACH, top); y < Math.min(height - REACH, end); y += 2)
    for (let x = REACH; x < width - REACH; x += 2) {
      samples += 1;
      const at = y * width + x;
      look(at, 0, 1);
      look(at, 1, width);
      look(at, 2, width + 1);
      look(at, 3, width - 1);
    }
  return {
    softEdgeShare: samples === 0 ? 0 : soft / samples,
    softDarkEdgeShare: samples === 0 ? 0 : softDark / samples,
    strongEdgeShare: samples === 0 ? 0 : strong / samples,
    ...shaken(strongAlong, softAlong, samples),
  };
}

/**
 * How much softer edges are one way than the other: a camera that shook, or was turned while it looked, draws every edge out
 * along its way and leaves those across it sharp. 0 where one of the two ways has too few edges to compare.
 */
function shaken(strong: Float64Array, soft: Float64Array, samples: number) {
  const enough = Math.max(20, samples * 0.004);
  const shares = [0, 1, 2, 3].map((way) =>
    (strong[way] as number) < enough ? null : (soft[way] as number) / (strong[way] as number),
  );
  let [shakenSoft, shakenSharp] = [0, 0];
  for (const [one, other] of ACROSS) {
    const [a, b] = [shares[one] ?? null, shares[other] ?? null];
    if (a === null || b === null || Math.max(a, b) < shakenSoft) continue;
    shakenSoft = Math.max(a, b);
    shakenSharp = 1 - Math.min(a, b);
  }
  return { shakenSoft, shakenSharp };
}

/** Ways that cross at a right angle. */
const ACROSS = [
  [0, 1],
  [2, 3],
] as const;
