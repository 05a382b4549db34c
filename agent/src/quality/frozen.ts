/**
 * Tells when a camera that says it is live shows one picture again and again.
 * Promise: three slots in a row and at least a minute without a change outside the edges, where clocks stand. Every live
 * sensor has grain: two of its pictures differ in many places, a picture that is only sent again in none, also when it was
 * encoded anew. Memory: one small print a camera (29 kB), forgotten with the camera; it outlasts a restart from the second picture
 * without a change on (keepsake.ts).
 */
import type { CameraId, Verdict } from '@slowlight/protocol';
import { z } from 'zod';
import type { Picture } from '../frame.ts';
import { type Keepsake, NO_KEEPSAKE } from './keepsake.ts';

const [COLUMNS, ROWS] = [160, 90];
/** Each print is a sum of so many pixels by so many. */
const SIDE = 4;
/** A change of three quarters of a level, in sums. */
const CHANGE = SIDE * SIDE * 0.75;
/** Of the prints: fewer changes than this are those of one picture encoded twice. */
const STILL_SHARE = 0.004;
const MARGIN = 0.14;
const SLOTS = 3;
const AT_LEAST_MS = 60_000;
const MOST_POINTS = 50;

type Pixels = Pick<Picture, 'pixels' | 'widthPx' | 'heightPx'>;
interface Seen {
  print: Uint16Array;
  /** Since when nothing has changed, wall time in ms, and for how many pictures. */
  since: number;
  pictures: number;
}

/** What is kept of one camera; the print as base64 of its numbers. */
export const frozenPast = z.object({
  print: z.string().length((COLUMNS * ROWS * 2 * 4) / 3),
  since: z.number(),
  pictures: z.int().min(1),
});
type Kept = z.infer<typeof frozenPast>;

const kept = ({ print, ...seen }: Seen): Kept => ({ ...seen, print: Buffer.from(print.buffer).toString('base64') });
const seenOf = ({ print, ...past }: Kept): Seen => ({
  ...past,
  print: new Uint16Array(Uint8Array.from(Buffer.from(print, 'base64')).buffer),
});

export function createFrozenCheck({ keepsake = NO_KEEPSAKE }: { keepsake?: Keepsake<Kept> } = {}) {
  const cameras = new Map<CameraId, Seen>();
  const of = (camera: CameraId): Seen | undefined => {
    const known = cameras.get(camera);
    if (known !== undefined) return known;
    const past = keepsake.read(camera);
    return past === null ? undefined : seenOf(past);
  };
  return {
    /** The verdict, with `frozen` where that is so. Pictures that are bad for another reason are left as they are. */
    look(camera: CameraId, { at, ...picture }: Pixels & { at: number }, verdict: Verdict): Verdict {
      const print = printOf(picture);
      const before = of(camera);
      const same = before !== undefined && changedShare(before.print, print) < STILL_SHARE;
      const seen = same ? { ...before, pictures: before.pictures + 1 } : { print, since: at, pictures: 1 };
      cameras.set(camera, seen);
      // Live cameras never come to two, and leave two only once.
      if (seen.pictures > 1 || (before?.pictures ?? 0) > 1)
        keepsake.keep(camera, () => kept(seen), seen.pictures <= SLOTS);
      const measures = { ...verdict.measures, unchangedPictures: seen.pictures };
      if (verdict.faults.length > 0 || seen.pictures < SLOTS || at - seen.since < AT_LEAST_MS)
        return { ...verdict, measures };
      return { ...verdict, measures, faults: ['frozen'], score: Math.min(verdict.score, MOST_POINTS) };
    },
    /** Forgets cameras that the settings do not hold any more. */
    keepOnly(ids: readonly CameraId[]): void {
      for (const id of cameras.keys()) if (!ids.includes(id)) cameras.delete(id);
    },
  };
}

export type FrozenCheck = ReturnType<typeof createFrozenCheck>;

/** Sums of green, which carries most of the light. */
function printOf({ pixels, widthPx, heightPx }: Pixels): Uint16Array {
  const print = new Uint16Array(COLUMNS * ROWS);
  const side = Math.min(SIDE, widthPx, heightPx);
  for (let row = 0; row < ROWS; row += 1)
    for (let column = 0; column < COLUMNS; column += 1) {
      const left = Math.floor(((widthPx - side) * column) / (COLUMNS - 1));
      const top = Math.floor(((heightPx - side) * row) / (ROWS - 1));
      let sum = 0;
      for (let y = top; y < top + side; y += 1)
        for (let x = left; x < left + side; x += 1) sum += pixels[(y * widthPx + x) * 3 + 1] ?? 0;
      print[row * COLUMNS + column] = sum;
    }
  return print;
}

function changedShare(a: Uint16Array, b: Uint16Array): number {
  const from = Math.ceil(ROWS * MARGIN) * COLUMNS;
  const to = Math.floor(ROWS * (1 - MARGIN)) * COLUMNS;
  let changed = 0;
  for (let at = from; at < to; at += 1) if (Math.abs((a[at] ?? 0) - (b[at] ?? 0)) > CHANGE) changed += 1;
  return changed / (to - from);
}
