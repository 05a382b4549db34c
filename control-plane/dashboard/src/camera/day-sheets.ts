/**
 * The small pictures of a day, as few answers of the server. Promise: after the first sheet there is something to show for
 * every moment, and what is near where somebody looks becomes exact first. Bitmaps that are far away are let go; the
 * browser's cache still has them. What cannot be had stays coarse, and is asked for again when somebody comes near.
 */
import { type CameraId, type FrameId, SHEET_COLUMNS, SHEET_MOST, sheetTile } from '@slowlight/protocol';
import { sheetOf } from '../server/watch-queries.ts';
import { type DayMoments, outwards, planSheets } from './day-moments.ts';

const AT_ONCE = 2;
/** Six megabytes each, decoded. */
const MOST_FINE = 14;

export interface Tile {
  bitmap: ImageBitmap;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Whether it is of that very frame. */
  exact: boolean;
}
export interface DaySheets {
  /** The best that is there for the `index`th frame; null: nothing yet. Also says where somebody looks. */
  tile(index: number): Tile | null;
  close(): void;
}

/** @param changed called when a tile may look better than before */
export function openDaySheets(
  { camera, moments }: { camera: CameraId; moments: DayMoments },
  changed: () => void,
): DaySheets {
  const { ids, ratio } = moments;
  const size = sheetTile(ratio);
  const plan = planSheets(ids.length);
  const left = new AbortController();
  const fine = new Map<number, ImageBitmap>();
  const asked = new Set<number>();
  let coarse: ImageBitmap | null = null;
  let near = plan.fine.length - 1;
  let running = 0;
  /** Until somebody drags, the coarse sheet is enough. */
  let looked = false;

  async function fetchSheet(indexes: readonly number[]): Promise<ImageBitmap | null> {
    const wanted = indexes.map((index) => ids[index] as FrameId);
    try {
      // Before anybody takes hold of the day, what the page shows comes first.
      const priority = looked ? 'high' : 'low';
      const answer = await fetch(sheetOf(camera, wanted), { signal: left.signal, priority });
      return answer.ok ? await createImageBitmap(await answer.blob()) : null;
    } catch {
      return null;
    }
  }

  function next(): void {
    while (looked && running < AT_ONCE && coarse !== null && !left.signal.aborted) {
      const wanted = outwards(plan.fine.length, near)
        .slice(0, MOST_FINE)
        .find((one) => !fine.has(one) && !asked.has(one));
      if (wanted === undefined) return;
      asked.add(wanted);
      running += 1;
      void fetchSheet(plan.fine[wanted]?.indexes ?? []).then((bitmap) => {
        running -= 1;
        if (left.signal.aborted) return bitmap?.close();
        // Not asked for again at once where the server is away: when somebody comes near.
        if (bitmap !== null) keep(wanted, bitmap);
        next();
      });
    }
  }

  function keep(index: number, bitmap: ImageBitmap): void {
    fine.set(index, bitmap);
    asked.delete(index);
    const far = outwards(plan.fine.length, near)
      .filter((one) => fine.has(one))
      .slice(MOST_FINE);
    for (const one of far) {
      fine.get(one)?.close();
      fine.delete(one);
    }
    changed();
  }

  if (ids.length > 0)
    void fetchSheet(plan.coarse.indexes).then((bitmap) => {
      if (left.signal.aborted) return bitmap?.close();
      coarse = bitmap;
      changed();
      next();
    });

  const cut = (bitmap: ImageBitmap, place: number, exact: boolean): Tile => ({
    bitmap,
    left: (place % SHEET_COLUMNS) * size.widthPx,
    top: Math.floor(place / SHEET_COLUMNS) * size.heightPx,
    width: size.widthPx,
    height: size.heightPx,
    exact,
  });

  return {
    tile(index) {
      const stretch = Math.floor(index / SHEET_MOST);
      if (stretch !== near || !looked) {
        looked = true;
        near = stretch;
        asked.clear();
        next();
      }
      const sheet = fine.get(stretch);
      if (sheet !== undefined) return cut(sheet, index % SHEET_MOST, true);
      if (coarse === null) return null;
      const few = plan.coarse.indexes.length;
      const place = ids.length > 1 ? Math.round((index * (few - 1)) / (ids.length - 1)) : 0;
      return cut(coarse, place, plan.coarse.indexes[place] === index);
    },
    close() {
      left.abort();
      coarse?.close();
      for (const bitmap of fine.values()) bitmap.close();
      fine.clear();
    },
  };
}
