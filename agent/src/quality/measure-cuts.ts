/**
 * Cuts: rows between which the picture breaks off within one pixel, at the source's own scale. Lenses do not draw so: an edge
 * in a scene takes two or three rows, and one that is straight, level and that hard is rare. What displaces pixels does: a
 * stream that lost its place. Two kinds are told by what nature does not do:
 * - a tear heals: pushed sideways, the lower row fits the upper one as well as neighbours fit each other anyway;
 * - blocks that lie elsewhere begin and end on the codec's grid of 16 rows, all of them, and not on that of 8, which is how
 *   compressing a still makes its own edges.
 * Pure.
 */
import { measureWrap } from './measure-wrap.ts';
import { apart, COARSE, coarse, type Lines, pairOf, type Row, rowOf } from './rows.ts';
import type { Pixels } from './small-picture.ts';

/** Rows are looked at in pieces of a macroblock's width. */
const PIECE = 16;
const GRID = 16;
/** As many pieces side by side are no accident. */
const LEAST_RUN = 3;
const MOST_OF_A_ROW = 2;
/** Beyond this many pixels pieces are skipped evenly. */
const MOST_PIXELS = 1_100_000;
const CANDIDATES = 6;
/** Of the width: a row that breaks off along less is not looked at. */
const LEAST_SHARE = 0.35;
/** Of the width; less is how a slanting edge goes on, more leaves too little to compare. */
const [LEAST_SHIFT, MOST_SHIFT] = [0.012, 0.5];

/** Zero everywhere for pictures too small to say. Shares are of the width, shifts too. */
export function measureCuts(picture: Pixels) {
  const { widthPx, heightPx } = picture;
  if (widthPx < 160 || heightPx < 80) return { ...NO_TEAR, ...NO_GRID };
  const steps = stepsOf(picture);
  return { ...tearOf(picture, steps), ...gridOf(steps), ...measureWrap(picture) };
}

const NO_TEAR = { tearShare: 0, tearStep: 0, tearHeal: 0, tearAlone: 0, tearLeft: 0, tearUsual: 0, tearShift: 0 };
const NO_GRID = { gridCuts: 0, gridCutsHalf: 0, gridCutsOther: 0 };

interface Steps {
  /** Pieces that are looked at in a row. */
  pieces: number;
  rows: number;
  /** Mean step of light from row y to row y + 1, by row and piece. */
  mean: Float32Array;
}

function stepsOf({ pixels, widthPx, heightPx }: Lines): Steps {
  const stride = PIECE * Math.max(1, Math.ceil((widthPx * heightPx) / MOST_PIXELS));
  const pieces = Math.floor((widthPx - PIECE) / stride) + 1;
  const mean = new Float32Array(heightPx * pieces);
  const line = widthPx * 3;
  for (let y = 0; y + 1 < heightPx; y += 1)
    stepsOfRow(mean, pixels, { to: y * pieces, pieces, from: y * line + 1, line, apart: stride * 3 });
  return { pieces, rows: heightPx - 1, mean };
}

/** A function of its own: V8 compiles it for good, where it throws away a long loop at each of its ends (4 times slower). */
function stepsOfRow(
  mean: Float32Array,
  pixels: Uint8Array,
  { to, pieces, from, line, apart }: { to: number; pieces: number; from: number; line: number; apart: number },
): void {
  for (let piece = 0; piece < pieces; piece += 1) {
    let sum = 0;
    const start = from + piece * apart;
    // Every second pixel says enough.
    for (let at = start; at < start + PIECE * 3; at += 6)
      sum += Math.abs((pixels[at + line] as number) - (pixels[at] as number));
    mean[to + piece] = sum / (PIECE / 2);
  }
}

/** How many runs of pieces break off on rows of the grid: at its best phase, half a grid away, and at most elsewhere. */
function gridOf({ pieces, rows, mean }: Steps) {
  const runs = new Float64Array(GRID);
  for (let y = 4; y < rows - 4; y += 1) {
    const here = runsOfRow(mean, y * pieces, pieces);
    // A ridge or a wall is one row, however often it is broken.
    runs[(y + 1) % GRID] = (runs[(y + 1) % GRID] as number) + Math.min(MOST_OF_A_ROW, here);
  }
  const phase = runs.indexOf(Math.max(...runs));
  const half = (phase + GRID / 2) % GRID;
  const others = runs.filter((_, k) => k !== phase && k !== half);
  return { gridCuts: runs[phase] ?? 0, gridCutsHalf: runs[half] ?? 0, gridCutsOther: Math.max(...others) };
}

function runsOfRow(mean: Float32Array, from: number, pieces: number): number {
  let [run, found] = [0, 0];
  for (let at = from; at < from + pieces; at += 1) {
    run = breaksOff(mean, at, pieces) ? run + 1 : 0;
    if (run === LEAST_RUN) found += 1;
  }
  return found;
}

/** Plainly more than from row to row on either side. */
function breaksOff(mean: Float32Array, at: number, pieces: number): boolean {
  const here = mean[at] as number;
  return (
    here >= 4 &&
    here > (mean[at - pieces] as number) * 1.6 + 1 &&
    here > (mean[at + pieces] as number) * 1.6 + 1 &&
    here > (mean[at - 2 * pieces] as number) * 1.6 + 1 &&
    here > (mean[at + 2 * pieces] as number) * 1.6 + 1
  );
}

/** The row that heals best among those that break off along most of the width; and how wide any breaks off. */
function tearOf(lines: Lines, { pieces, rows, mean }: Steps) {
  const candidates: { y: number; share: number }[] = [];
  let widest = 0;
  const edge = Math.ceil(rows * 0.04);
  for (let y = Math.max(2, edge); y < rows - Math.max(2, edge); y += 1) {
    const count = brokenInRow(mean, y * pieces, pieces);
    widest = Math.max(widest, count / pieces);
    if (count > pieces * LEAST_SHARE) candidates.push({ y, share: count / pieces });
  }
  candidates.sort((a, b) => b.share - a.share);
  let best = NO_TEAR;
  for (const { y, share } of candidates.slice(0, CANDIDATES)) {
    const found = { ...healed(lines, y), tearShare: share };
    if (weightOf(found) > weightOf(best)) best = found;
  }
  return { ...best, cutWidest: widest };
}

function brokenInRow(mean: Float32Array, from: number, pieces: number): number {
  let count = 0;
  for (let at = from; at < from + pieces; at += 1) {
    const here = mean[at] as number;
    if (here >= 3 && here > (mean[at - pieces] as number) * 1.4 + 1 && here > (mean[at + pieces] as number) * 1.4 + 1)
      count += 1;
  }
  return count;
}

const weightOf = ({ tearHeal, tearAlone, tearShare }: typeof NO_TEAR) =>
  tearHeal * tearAlone * Math.min(1, tearShare * 2);

/** How well row y + 1 fits row y when it is pushed sideways, where both then lie over one another. */
function healed(lines: Lines, y: number) {
  const [above, upper, lower, below] = [y - 1, y, y + 1, y + 2].map((row) => rowOf(lines, row)) as [Row, Row, Row, Row];
  const width = upper.length;
  const usual = Math.max(apart(pairOf(above, upper, 1), 0).left, apart(pairOf(lower, below, 1), 0).left);
  const pair = pairOf(upper, lower, 1);
  const coarsePair = pairOf(coarse(upper), coarse(lower), COARSE);
  const most = Math.floor(coarsePair.upper.length * MOST_SHIFT);
  const tried: { shift: number; left: number }[] = [];
  for (let shift = -most; shift <= most; shift += 1) {
    if (Math.abs(shift) * COARSE < width * LEAST_SHIFT) continue;
    const { left, unmoved } = apart(coarsePair, shift);
    tried.push({ shift, left: left / Math.max(1.5, unmoved) });
  }
  tried.sort((a, b) => a.left - b.left);
  const [first, usually] = [tried[0], tried[Math.floor(tried.length * 0.12)]];
  if (!first || !usually) return NO_TEAR;
  let best = { share: 2, left: 0, unmoved: 0, shift: 0 };
  for (const { shift } of tried.slice(0, 3))
    for (let fine = shift * COARSE - COARSE + 1; fine < shift * COARSE + COARSE; fine += 1) {
      const { left, unmoved } = apart(pair, fine);
      const share = left / Math.max(1.5, unmoved);
      if (share < best.share) best = { share, left, unmoved, shift: fine };
    }
  return {
    tearStep: best.unmoved,
    tearHeal: Math.max(0, 1 - best.share),
    // What fits at every shift is a smooth row; the right shift stands out.
    tearAlone: usually.left === 0 ? 0 : 1 - first.left / usually.left,
    tearLeft: best.left,
    tearUsual: usual,
    tearShift: best.shift / width,
  };
}
