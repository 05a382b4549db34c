/**
 * Things that stand too near to be in focus: even patches, without any texture, whose outline rises softly while they differ
 * plainly from what is behind them. What stands in the scene has a sharp outline, a texture, or both. Pure.
 */
import type { SmallPicture } from './small-picture.ts';

const SIDE = 4;
/** How far across an outline is looked, px of the small picture: as far as a thing on the lens is soft. */
const REACH = 34;
/** What is plainly another light or colour. */
const PLAIN = 24;
/** From a fifth to seven tenths of the change: a sharp outline takes about one pixel. */
const SOFT_PX = 1.6;
/** Square of the outline by the area; a circle of cells has 20. */
const RAGGED = 70;

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
  let [near, nearLargest, largest, whole] = [0, 0, 0, 0];
  for (const { size, soft, hard, outline, darker, spread, luma, top, bottom } of patches) {
    const share = size / cells;
    if (share > largest) {
      largest = share;
      whole = Math.min(top, bottom);
    }
    const seen = soft + hard;
    // A sky lies along the upper edge alone; fog and snow are lighter than anything that stands before the light.
    const isSky = top > 0.5 && bottom < 0.05;
    if (isSky || luma > 165 || share < 0.008 || luma < 10 || spread > 11 || seen < outline * 0.1 || seen < 8) continue;
    // What is so soft has a smooth outline too; clouds and trees have ragged ones.
    if (soft < seen * 0.55 || (share < 0.4 && outline ** 2 > size * RAGGED)) continue;
    // The near thing stands before the light; where it is quite plain, it may be lighter than the scene.
    const lighter = darker < seen * 0.6;
    if (lighter && (spread > 3 || bottom < top * 0.5 || (luma > 110 && (soft < seen * 0.7 || bottom < 0.05)))) continue;
    near += share;
    nearLargest = Math.max(nearLargest, share);
  }
  return { nearShare: near, nearLargest, patchLargest: largest, patchThrough: whole };
}

function gridOf({ width, height, luma, red, green, blue }: SmallPicture): Grid {
  const columns = Math.max(1, Math.floor(width / SIDE));
  const rows = Math.max(1, Math.floor(height / SIDE));
  const values = [0, 1, 2].map(() => new Float32Array(columns * rows));
  const rough = new Float32Array(columns * rows);
  const planes = [luma, red, blue];
  void green;
  const [high, wide] = [Math.min(SIDE, height), Math.min(SIDE, width)];
  for (let cy = 0; cy < rows; cy += 1)
    for (let cx = 0; cx < columns; cx += 1) {
      const to = cy * columns + cx;
      planes.forEach((plane, k) => {
        let sum = 0;
        for (let y = 0; y < high; y += 1)
          for (let x = 0; x < wide; x += 1) sum += plane[(cy * SIDE + y) * width + cx * SIDE + x] as number;
        (values[k] as Float32Array)[to] = sum / (high * wide);
      });
      let most = 0;
      for (let y = 0; y < high - 1; y += 1)
        for (let x = 0; x < wide - 1; x += 1) {
          const at = (cy * SIDE + y) * width + cx * SIDE + x;
          const here = luma[at] as number;
          most = Math.max(
            most,
            Math.abs((luma[at + 1] as number) - here),
            Math.abs((luma[at + width] as number) - here),
          );
        }
      rough[to] = most;
    }
  return { columns, rows, values, rough };
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
  const near = (a: number, b: number) =>
    values.every((plane) => Math.abs((plane[a] as number) - (plane[b] as number)) < 5);
  for (let start = 0; start < owner.length; start += 1) {
    if (owner[start] !== -1 || (rough[start] as number) > even) continue;
    const id = patches.length;
    const members: number[] = [];
    owner[start] = id;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      members.push(at);
      const x = at % columns;
      for (const next of [x > 0 ? at - 1 : -1, x + 1 < columns ? at + 1 : -1, at - columns, at + columns]) {
        if (next < 0 || next >= owner.length || owner[next] !== -1 || (rough[next] as number) > even || !near(at, next))
          continue;
        owner[next] = id;
        stack.push(next);
      }
    }
    patches.push(describe(members, { owner, id, columns, rows, luma: values[0] as Float32Array, small }));
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
    const [x, y] = [at % columns, Math.floor(at / columns)];
    for (const [dx, dy] of DIRECTIONS) {
      const [nx, ny] = [x + dx, y + dy];
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
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / values.length - (sum / values.length) ** 2));
}
