/**
 * Where a picture's edges lie and which way they run, whatever the light: 96 × 54 directions. An edge that is dark on the left
 * by day and light on the left by night runs the same way, so angles are doubled, and a faint edge counts nearly as much as a
 * strong one. Pure.
 */
import type { Picture } from '../frame.ts';

const [COLUMNS, ROWS] = [96, 54];
/** Clocks and names stand above and below. */
const MARGIN = 7;
/** How far a moved view is looked for, cells: a fifth of the width and of the height. */
const [FAR_X, FAR_Y] = [18, 10];
/** Samples across each cell and down it. */
const SAMPLES = 6;
/** Steps of light that are less than this are grain. */
const FAINT = 2.5;

export interface ViewPrint {
  /** Doubled direction times weight, across and down. */
  across: Float32Array;
  down: Float32Array;
  /** Mean weight, 0 to 1: how much there is to compare. */
  weight: number;
}

export function viewPrintOf({
  pixels,
  widthPx,
  heightPx,
}: Pick<Picture, 'pixels' | 'widthPx' | 'heightPx'>): ViewPrint {
  const light = new Float32Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS * SAMPLES; row += 1) {
    const y = Math.floor(((row + 0.5) * heightPx) / (ROWS * SAMPLES));
    for (let column = 0; column < COLUMNS * SAMPLES; column += 1) {
      const x = Math.floor(((column + 0.5) * widthPx) / (COLUMNS * SAMPLES));
      const to = Math.floor(row / SAMPLES) * COLUMNS + Math.floor(column / SAMPLES);
      light[to] = (light[to] ?? 0) + (pixels[(y * widthPx + x) * 3 + 1] ?? 0) / SAMPLES ** 2;
    }
  }
  const across = new Float32Array(COLUMNS * ROWS);
  const down = new Float32Array(COLUMNS * ROWS);
  const strengths: number[] = [];
  for (let y = 1; y < ROWS - 1; y += 1)
    for (let x = 1; x < COLUMNS - 1; x += 1) {
      const at = y * COLUMNS + x;
      across[at] = (light[at + 1] ?? 0) - (light[at - 1] ?? 0);
      down[at] = (light[at + COLUMNS] ?? 0) - (light[at - COLUMNS] ?? 0);
      strengths.push(Math.hypot(across[at] ?? 0, down[at] ?? 0));
    }
  strengths.sort((a, b) => a - b);
  const usual = Math.max(FAINT, strengths[Math.floor(strengths.length * 0.7)] ?? 0);
  let weight = 0;
  for (let at = 0; at < across.length; at += 1) {
    const [gx, gy] = [across[at] ?? 0, down[at] ?? 0];
    const strength = Math.hypot(gx, gy);
    const part = strength < FAINT ? 0 : strength ** 2 / (strength ** 2 + usual ** 2);
    // The double of the angle, without the angle.
    across[at] = strength === 0 ? 0 : (part * (gx * gx - gy * gy)) / strength ** 2;
    down[at] = strength === 0 ? 0 : (part * 2 * gx * gy) / strength ** 2;
    weight += part / across.length;
  }
  return { across, down, weight };
}

/** A print as base64 of bytes, a 127th exact: directions first, then the weight. */
export function textOfPrint({ across, down, weight }: ViewPrint): string {
  const values = [...across, ...down, weight];
  return Buffer.from(Int8Array.from(values, (value) => Math.round(value * 127)).buffer).toString('base64');
}

/** Null where the text is no print, such as one of another version. */
export function printOfText(text: string): ViewPrint | null {
  const bytes = Buffer.from(text, 'base64');
  const cells = COLUMNS * ROWS;
  if (bytes.length !== cells * 2 + 1) return null;
  const plane = (from: number, to: number) =>
    Float32Array.from({ length: to - from }, (_, k) => bytes.readInt8(from + k) / 127);
  return { across: plane(0, cells), down: plane(cells, cells * 2), weight: bytes.readInt8(cells * 2) / 127 };
}

/** `share` of the way from one print to another: what stays is kept, what changes fades. */
export function blended(from: ViewPrint, to: ViewPrint, share: number): ViewPrint {
  const mix = (a: Float32Array, b: Float32Array) => a.map((value, at) => value + ((b[at] ?? 0) - value) * share);
  return {
    across: mix(from.across, to.across),
    down: mix(from.down, to.down),
    weight: from.weight + (to.weight - from.weight) * share,
  };
}

export interface ViewMatch {
  /** How alike they are where they lie, swaying allowed: 1 the same, 0 nothing in common. */
  here: number;
  /** And where they fit best, and how far that is away, as a share of the width. */
  best: number;
  awayShare: number;
}

/** `nearby` only looks where they lie. */
export function matchViews(a: ViewPrint, b: ViewPrint, nearby = false): ViewMatch {
  const match: ViewMatch = { here: -1, best: -1, awayShare: 0 };
  const look = (dx: number, dy: number): number => {
    const alike = alikeAt(a, b, { dx, dy });
    if (Math.abs(dx) <= SWAY && Math.abs(dy) <= SWAY) match.here = Math.max(match.here, alike);
    if (alike > match.best) {
      match.best = alike;
      match.awayShare = Math.hypot(dx, dy) / COLUMNS;
    }
    return alike;
  };
  const around = ({ dx, dy }: { dx: number; dy: number }) => {
    for (let y = dy - SWAY; y <= dy + SWAY; y += 1) for (let x = dx - SWAY; x <= dx + SWAY; x += 1) look(x, y);
  };
  around({ dx: 0, dy: 0 });
  if (nearby) return match;
  // Every second cell, as edges are two or three wide, and then around the best that lies apart.
  let [most, apart] = [-1, { dx: 0, dy: 0 }];
  for (let dy = -FAR_Y; dy <= FAR_Y; dy += 2)
    for (let dx = -FAR_X; dx <= FAR_X; dx += 2) {
      const alike = look(dx, dy);
      if (alike <= most || Math.hypot(dx, dy) <= SWAY * 2) continue;
      most = alike;
      apart = { dx, dy };
    }
  around(apart);
  return match;
}

/** Cells: a pole in the wind. */
const SWAY = 1;

function alikeAt(a: ViewPrint, b: ViewPrint, { dx, dy }: { dx: number; dy: number }): number {
  let [both, own, other] = [0, 0, 0];
  const top = Math.max(MARGIN, MARGIN - dy);
  const end = Math.min(ROWS - MARGIN, ROWS - MARGIN - dy);
  const left = Math.max(1, 1 - dx);
  const right = Math.min(COLUMNS - 1, COLUMNS - 1 - dx);
  for (let y = top; y < end; y += 1)
    for (let x = left, at = y * COLUMNS + left, to = at + dy * COLUMNS + dx; x < right; x += 1, at += 1, to += 1) {
      const [ax, ay] = [a.across[at] as number, a.down[at] as number];
      const [bx, by] = [b.across[to] as number, b.down[to] as number];
      both += ax * bx + ay * by;
      own += ax * ax + ay * ay;
      other += bx * bx + by * by;
    }
  return own === 0 || other === 0 ? 0 : both / Math.sqrt(own * other);
}
