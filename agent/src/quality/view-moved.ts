/**
 * Tells when a camera looks another way than before.
 * Promise: turned, tilted, zoomed or rolled by a twentieth of the width or more, it is told at the third picture of the new
 * view; light, weather and a swaying pole are no new view; after twelve pictures the new view is the camera's own, which is
 * said once (`onFollowed`). Compared are where edges lie and which way they run (view-print.ts), with a baseline of the
 * camera's good pictures that follows slowly, and with the last of them: day turns into night by steps that fit each other.
 * Pictures that are bad for another reason, or show next to nothing, say nothing about the view. Memory: three prints a
 * camera (125 kB), forgotten with the camera. Baseline and suspicion outlast a restart (keepsake.ts), so a camera that was
 * turned meanwhile is told too.
 */
import type { CameraId, Verdict } from '@slowlight/protocol';
import { z } from 'zod';
import type { Picture } from '../frame.ts';
import { type Keepsake, NO_KEEPSAKE } from './keepsake.ts';
import { blended, matchViews, printOfText, textOfPrint, type ViewPrint, viewPrintOf } from './view-print.ts';

const ENOUGH_PICTURES = 5;
const TOLD_AT = 3;
const FOLLOWED_AT = 12;
const MOST_POINTS = 50;
/** How fast the baseline follows. */
const SHARE = 0.12;
/** Mean weight of edges below which nothing can be said: fog, a dark night. */
const LEAST_WEIGHT = 0.03;
/** Alike at least so much, it is the same view; between the two it is not known. */
const SAME = 0.3;
const OTHER = 0.2;
/** So much better elsewhere, it has moved there. */
const BETTER = 1.2;
const AWAY_SHARE = 0.03;

interface Seen {
  baseline: ViewPrint;
  last: ViewPrint;
  pictures: number;
  /** The last picture of what may be a new view, and how many there were in a row. */
  other: ViewPrint | null;
  others: number;
}

/** What is kept of one camera; prints as base64. */
export const viewPast = z.object({
  baseline: z.string(),
  last: z.string(),
  pictures: z.int().min(1),
  other: z.string().nullable(),
  others: z.int().min(0),
});
type Kept = z.infer<typeof viewPast>;

const kept = ({ baseline, last, other, ...seen }: Seen): Kept => ({
  ...seen,
  baseline: textOfPrint(baseline),
  last: textOfPrint(last),
  other: other && textOfPrint(other),
});

function seenOf(past: Kept | null): Seen | undefined {
  if (past === null) return undefined;
  const [baseline, last] = [printOfText(past.baseline), printOfText(past.last)];
  const other = past.other === null ? null : printOfText(past.other);
  return baseline && last ? { ...past, baseline, last, other, others: other ? past.others : 0 } : undefined;
}

export interface ViewCheckOptions {
  /** The camera's baseline is its new view from now on. */
  onFollowed?: (camera: CameraId) => void;
  keepsake?: Keepsake<Kept>;
}

export function createViewCheck({ onFollowed, keepsake = NO_KEEPSAKE }: ViewCheckOptions = {}) {
  const cameras = new Map<CameraId, Seen>();
  function note(camera: CameraId, seen: Seen, before?: Seen): void {
    cameras.set(camera, seen);
    const isNew = seen.pictures === ENOUGH_PICTURES && (before?.pictures ?? 0) < ENOUGH_PICTURES;
    const isTold = seen.others === TOLD_AT || ((before?.others ?? 0) >= TOLD_AT && seen.others === 0);
    keepsake.keep(camera, () => kept(seen), isNew || isTold);
  }
  return {
    /** The verdict, with `view-moved` where that is so. */
    look(camera: CameraId, picture: Pick<Picture, 'pixels' | 'widthPx' | 'heightPx'>, verdict: Verdict): Verdict {
      if (verdict.faults.length > 0) return verdict;
      const print = viewPrintOf(picture);
      if (print.weight < LEAST_WEIGHT) return verdict;
      const before = cameras.get(camera) ?? seenOf(keepsake.read(camera));
      if (before === undefined) {
        note(camera, { baseline: print, last: print, pictures: 1, other: null, others: 0 });
        return verdict;
      }
      const match = matchViews(before.baseline, print);
      const movedThere = match.awayShare >= AWAY_SHARE && match.best > SAME && match.best > match.here * BETTER;
      const fitsLast = matchViews(before.last, print, true).here > SAME;
      const isSame = !movedThere && (match.here > OTHER || (before.other === null && fitsLast));
      const measures = { ...verdict.measures, viewAlike: Math.round(match.here * 1000) / 1000 };
      if (isSame || before.pictures < ENOUGH_PICTURES) {
        const share = Math.max(SHARE, 1 / (before.pictures + 1));
        const pictures = Math.min(ENOUGH_PICTURES, before.pictures + 1);
        const baseline = blended(before.baseline, print, share);
        note(camera, { baseline, last: print, pictures, other: null, others: 0 }, before);
        return { ...verdict, measures };
      }
      // Things that pass by differ from picture to picture; a new view stays what it is.
      const stays = before.other !== null && matchViews(before.other, print, true).here > SAME;
      const others = stays ? before.others + 1 : 1;
      if (others >= FOLLOWED_AT) {
        note(camera, { baseline: print, last: print, pictures: 1, other: null, others: 0 }, before);
        onFollowed?.(camera);
      } else note(camera, { ...before, other: print, others }, before);
      if (others < TOLD_AT) return { ...verdict, measures };
      return { ...verdict, measures, faults: ['view-moved'], score: Math.min(verdict.score, MOST_POINTS) };
    },
    /** Forgets cameras that the settings do not hold any more. */
    keepOnly(ids: readonly CameraId[]): void {
      for (const id of cameras.keys()) if (!ids.includes(id)) cameras.delete(id);
    },
  };
}

export type ViewCheck = ReturnType<typeof createViewCheck>;
