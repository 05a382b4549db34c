/**
 * Tells when a camera looks another way than before.
 * Promise: turned, tilted, zoomed or rolled by a twentieth of the width or more, it is told at the third picture of the new
 * view; light, weather and a swaying pole are no new view; after twelve pictures the new view is the camera's own, which is
 * said once (`onFollowed`). Compared are where edges lie and which way they run (view-print.ts), with a baseline of the
 * camera's good pictures that follows slowly, and with the last of them: day turns into night by steps that fit each other.
 * Pictures that are bad for another reason, or show next to nothing, say nothing about the view. Memory: three prints a
 * camera (125 kB), forgotten with the camera and by a restart, after which five pictures make a new baseline.
 */
import type { CameraId, Verdict } from '@slowlight/protocol';
import type { Picture } from '../frame.ts';
import { blended, matchViews, type ViewPrint, viewPrintOf } from './view-print.ts';

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

export function createViewCheck({ onFollowed }: { onFollowed?: (camera: CameraId) => void } = {}) {
  const cameras = new Map<CameraId, Seen>();
  return {
    /** The verdict, with `view-moved` where that is so. */
    look(camera: CameraId, picture: Pick<Picture, 'pixels' | 'widthPx' | 'heightPx'>, verdict: Verdict): Verdict {
      if (verdict.faults.length > 0) return verdict;
      const print = viewPrintOf(picture);
      if (print.weight < LEAST_WEIGHT) return verdict;
      const before = cameras.get(camera);
      if (before === undefined) {
        cameras.set(camera, { baseline: print, last: print, pictures: 1, other: null, others: 0 });
        return verdict;
      }
      const match = matchViews(before.baseline, print);
      const movedThere = match.awayShare >= AWAY_SHARE && match.best > SAME && match.best > match.here * BETTER;
      const fitsLast = matchViews(before.last, print, true).here > SAME;
      const isSame = !movedThere && (match.here > OTHER || (before.other === null && fitsLast));
      const measures = { ...verdict.measures, viewAlike: Math.round(match.here * 1000) / 1000 };
      if (isSame || before.pictures < ENOUGH_PICTURES) {
        const share = Math.max(SHARE, 1 / (before.pictures + 1));
        cameras.set(camera, {
          baseline: blended(before.baseline, print, share),
          last: print,
          pictures: Math.min(ENOUGH_PICTURES, before.pictures + 1),
          other: null,
          others: 0,
        });
        return { ...verdict, measures };
      }
      // Things that pass by differ from picture to picture; a new view stays what it is.
      const stays = before.other !== null && matchViews(before.other, print, true).here > SAME;
      const others = stays ? before.others + 1 : 1;
      cameras.set(camera, { ...before, other: print, others });
      if (others >= FOLLOWED_AT) {
        cameras.set(camera, { baseline: print, last: print, pictures: 1, other: null, others: 0 });
        onFollowed?.(camera);
      }
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
