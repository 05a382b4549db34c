/** The pictures of a day as a scrubber reads them. Pure. */
import { type FrameId, MOMENT_MARKS, type MomentsView, SHEET_MOST } from '@slowlight/protocol';

export interface DayMoments {
  /** Frames whose pictures are in the store, oldest first. */
  ids: readonly FrameId[];
  at: readonly number[];
  flagged: readonly boolean[];
  ratio: number;
}

export function dayMomentsOf(view: MomentsView): DayMoments {
  const shown = view.marks.flatMap((marks, index) => ((marks & MOMENT_MARKS.stored) === 0 ? [] : [index]));
  return {
    ids: shown.map((index) => view.ids[index] as FrameId),
    at: shown.map((index) => view.at[index] as number),
    flagged: shown.map((index) => ((view.marks[index] ?? 0) & MOMENT_MARKS.flagged) !== 0),
    ratio: view.ratio ?? 16 / 9,
  };
}

/** The index of the moment nearest to `at`; −1: there is none. `moments` ascend. */
export function nearest(moments: readonly number[], at: number): number {
  if (moments.length === 0) return -1;
  let [low, high] = [0, moments.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  return before >= 0 && at - (moments[before] as number) <= (moments[low] as number) - at ? before : low;
}

/** The frames of a sheet, as indexes of the day's. */
export interface SheetPlan {
  indexes: readonly number[];
}

/** First a sheet of the whole day, evenly; then every frame, in stretches of as many as a sheet holds. */
export function planSheets(frames: number): { coarse: SheetPlan; fine: SheetPlan[] } {
  const few = Math.min(frames, SHEET_MOST);
  const step = few > 1 ? (frames - 1) / (few - 1) : 0;
  const coarse = { indexes: Array.from({ length: few }, (_, index) => Math.round(index * step)) };
  const fine: SheetPlan[] = [];
  if (frames > SHEET_MOST)
    for (let start = 0; start < frames; start += SHEET_MOST)
      fine.push({ indexes: Array.from({ length: Math.min(SHEET_MOST, frames - start) }, (_, index) => start + index) });
  return { coarse, fine };
}

/** In which order the stretches are fetched when somebody is in the `near`th: that one, then its neighbours outwards. */
export function outwards(count: number, near: number): number[] {
  return Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => Math.abs(a - near) - Math.abs(b - near) || b - a,
  );
}
