/**
 * Things that stand too near to be in focus: even patches, without any texture, whose outline rises softly while they differ
 * plainly from what is behind them. What stands in the scene has a sharp outline, a texture, or both. Pure.
 */
import type { SmallPicture } from './small-picture.ts';
import { standsNear, standsOutOfTheDark, standsPlainlyNear } from './stands-near.ts';

const SIDE = 4;
/** How far across an outline is looked, px of the small picture: as far as a thing on the lens is soft. */
const REACH = 34;
/** What is plainly another light or colour. */
const PLAIN = 24;
/** From a fifth to seven tenths of the change: a sharp outline takes about one pixel. */
const SOFT_PX = 1.6;

interface Grid {
  columns: number;
  rows: number;
  values: Float32Array[];
  rough: Float32Array;
}

export interface Patch {
  size: number;
  soft: number;
  hard: number;
  outline: number;
  luma: number;
  darker: number;
  borders: number;
  /** Deviation of luma in it. */
  spread: number;
  /** Which share of the uppermost and the lowest row of the picture it takes. */
  top: number;
  bottom: number;
}

export function measureNear(small: SmallPicture) {
  const grid = gridOf(small);
  const patches = patchesOf(grid, small);
  const cells = grid.columns * grid.rows;
  const even: { share: number; luma: number }[] = [];
  let [near, nearLargest, inTheDark, plainly, largest, whole] = [0, 0, 0, 0, 0, 0];
  for (const patch of patches) {
    const share = patch.size / cells;
    if (share > largest) {
      largest = share;
      whole = Math.min(patch.top, patch.bottom);
    }
    if (standsPlainlyNear(patch, share)) plainly = Math.max(plainly, share);
    if (!standsNear(patch, share)) continue;
    near += share;
    // Their outlines are seen: between them and the scene light changes.
    if (patch.spread < 2 && patch.soft + patch.hard > patch.outline * 0.4) even.push({ share, luma: patch.luma });
    nearLargest = Math.max(nearLargest, share);
    if (standsOutOfTheDark(patch)) inTheDark = Math.max(inTheDark, share);
  }
  return {
    nearShare: near,
    nearLargest,
    nearInTheDark: inTheDark,
    nearPlainly: plainly,
    nearAlike: alike(even),
    patchLargest: largest,
    patchThrough: whole,
  };
}

/** The most that patches of one light take together: the two halves of a leaf. */
function alike(patches: readonly { share: number; luma: number }[]): number {
  const sumAt = (level: number) =>
    patches.reduce((sum, { share, luma }) => sum + (Math.abs(luma - level) < 5 ? share : 0), 0);
  return Math.max(0, ...patches.map(({ luma }) => sumAt(luma)));
}

function gridOf({ width, height, luma, red, blue }: SmallPicture): Grid {
  const columns = Math.max(1, Math.floor(width / SIDE));
  const rows = Math.max(1, Math.floor(height / SIDE));
  const [high, wide] = [Math.min(SIDE, height), Math.min(SIDE, width)];
  const grid = { columns, rows, width, high, wide };
  const values = [luma, red, blue].map((plane) => meansOf(plane, grid));
  return { columns, rows, values, rough: roughnessOf(luma, grid) };
}

interface GridShape {
  columns: number;
  rows: number;
  /** Of the small picture, and of a cell. */
  width: number;
  high: number;
  wide: number;
}

function meansOf(plane: Float32Array, { columns, rows, width, high, wide }: GridShape): Float32Array {
  const means = new Float32Array(columns * rows);
  for (let cy = 0; cy < rows; cy += 1)
    for (let cx = 0; cx < columns; cx += 1) {
      const from = cy * SIDE * width + cx * SIDE;
      let sum = 0;
      for (let line = from; line < from + high * width; line += width)
        for (let at = line; at < line + wide; at += 1) sum += plane[at] as number;
      means[cy * columns + cx] = sum / (high * wide);
    }
  return means;
}

/** The largest step from a pixel to the next inside each cell. */
function roughnessOf(luma: Float32Array, { columns, rows, width, high, wide }: GridShape): Float32Array {
  const rough = new Float32Array(columns * rows);
  for (let cy = 0; cy < rows; cy += 1)
    for (let cx = 0; cx < columns; cx += 1) {
      const from = cy * SIDE * width + cx * SIDE;
      let most = 0;
      for (let line = from; line < from + (high - 1) * width; line += width)
        for (let at = line; at < line + wide - 1; at += 1) {
          const here = luma[at] as number;
          const across = Math.abs((luma[at + 1] as number) - here);
          const down = Math.abs((luma[at + width] as number) - here);
          if (across > most) most = across;
          if (down > most) most = down;
        }
      rough[cy * columns + cx] = most;
    }
  return rough;
}

function patchesOf({ columns, rows, values, rough }: Grid, small: SmallPicture): Patch[] {
  const noise = rough.slice().sort()[Math.floor(rough.length * 0.15)] ?? 0;
  // In dim light texture is faint too: what counts as even goes with the picture's contrast.
  const even = Math.max(4 * Math.max(0.3, Math.min(1, spreadOf(small.luma) / 45)), noise * 2.2);
  const owner = new Int32Array(columns * rows).fill(-1);
  const patches: Patch[] = [];
  // Where noise is as large as an outline, nothing can be said.
  if (noise * 5 > PLAIN) return patches;
  const stack: number[] = [];
  const [luma, red, blue] = values as [Float32Array, Float32Array, Float32Array];
  const near = (a: number, b: number) =>
    Math.abs((luma[a] as number) - (luma[b] as number)) < 5 &&
    Math.abs((red[a] as number) - (red[b] as number)) < 5 &&
    Math.abs((blue[a] as number) - (blue[b] as number)) < 5;
  for (let start = 0; start < owner.length; start += 1) {
    if (owner[start] !== -1 || (rough[start] as number) > even) continue;
    const id = patches.length;
    const members: number[] = [];
    owner[start] = id;
    stack.push(start);
    const join = (at: number, next: number) => {
      if (next < 0 || next >= owner.length || owner[next] !== -1 || (rough[next] as number) > even || !near(at, next))
        return;
      owner[next] = id;
      stack.push(next);
    };
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      members.push(at);
      const x = at % columns;
      if (x > 0) join(at, at - 1);
      if (x + 1 < columns) join(at, at + 1);
      join(at, at - columns);
      join(at, at + columns);
    }
    patches.push(describe(members, { owner, id, columns, rows, luma, small }));
  }
  return patches;
}

interface Surroundings {
  owner: Int32Array;
  id: number;
  columns: number;
  rows: number;
  luma: Float32Array;
  small: SmallPicture;
}

function describe(members: readonly number[], { owner, id, columns, rows, luma, small }: Surroundings): Patch {
  const patch: Patch = {
    size: members.length,
    soft: 0,
    hard: 0,
    outline: 0,
    luma: 0,
    darker: 0,
    borders: 0,
    spread: 0,
    top: 0,
    bottom: 0,
  };
  let squares = 0;
  for (const at of members) {
    patch.luma += luma[at] as number;
    squares += (luma[at] as number) ** 2;
    if (at < columns * 3) patch.top += 1 / (columns * 3);
    if (at >= columns * (rows - 3)) patch.bottom += 1 / (columns * 3);
    if (members.length < columns * rows * 0.004) continue;
    const x = at % columns;
    const y = Math.floor(at / columns);
    for (const [dx, dy] of DIRECTIONS) {
      const nx = x + dx;
      const ny = y + dy;
      if (nx < 0 || ny < 0 || nx >= columns || ny >= rows) {
        patch.borders += 1;
        continue;
      }
      if (owner[ny * columns + nx] === id) continue;
      patch.outline += 1;
      const found = outlineAt(small, { x: x * SIDE + 2, y: y * SIDE + 2, dx, dy });
      if (found === null) continue;
      if (found.soft) patch.soft += 1;
      else patch.hard += 1;
      if (found.rise > -8) patch.darker += 1;
    }
  }
  patch.luma /= members.length;
  patch.spread = Math.sqrt(Math.max(0, squares / members.length - patch.luma ** 2));
  return patch;
}

const DIRECTIONS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

/**
 * How the light or the colour changes from inside a patch outwards, until it is plainly another: in less than two pixels at a
 * sharp outline, in more at a soft one. Null where it does not change.
 */
function outlineAt(
  { width, height, luma, red, blue }: SmallPicture,
  { x, y, dx, dy }: { x: number; y: number; dx: number; dy: number },
) {
  const stride = dx + dy * width;
  const room = Math.min(REACH, dx > 0 ? width - 1 - x : dx < 0 ? x : dy > 0 ? height - 1 - y : y);
  const start = y * width + x;
  let best: { soft: boolean; rise: number; k: number } | null = null;
  for (const plane of [luma, red, blue]) {
    const inside = plane[start] as number;
    const awayAt = (k: number) => Math.abs((plane[start + k * stride] as number) - inside);
    for (let k = 1; k <= room && (best === null || k < best.k); k += 1) {
      if (awayAt(k) < PLAIN) continue;
      let whole = 0;
      for (let more = k; more <= Math.min(room, k + 4); more += 1) whole = Math.max(whole, awayAt(more));
      const length = crossing(awayAt, room, whole * 0.7) - crossing(awayAt, room, whole * 0.2);
      best = { soft: length > SOFT_PX, rise: (luma[start + k * stride] as number) - (luma[start] as number), k };
      break;
    }
  }
  return best;
}

/** Where `level` is first passed, between pixels. */
function crossing(awayAt: (k: number) => number, room: number, level: number): number {
  let before = 0;
  for (let k = 1; k <= room; k += 1) {
    const away = awayAt(k);
    if (away >= level) return k - (away - level) / Math.max(0.01, away - before);
    before = away;
  }
  return room;
}

/** Standard deviation. */
function spreadOf(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / values.length - (sum / values.length) ** 2));
}
