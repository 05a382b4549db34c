/**
 * Where a film is cut into segments. Pure.
 *
 * The cuts come from the time at which frames are filed, not from their number: time is halved, from its whole length
 * down, until no half holds more than `most` frames. So a frame that comes late changes only the piece it falls into (which
 * grows, or falls in two), whatever stands before and behind it; and films of the same frames share their pieces.
 */

/** A closed group of pictures: long enough that key pictures cost little, short enough that a new frame costs little. */
export const MOST_FRAMES = 64;
/** Times below 2^53 ms are exact whole numbers. */
const WHOLE_TIME_MS = 2 ** 53;

export interface Cut {
  /** Index of the first frame, and of the first one behind. */
  from: number;
  to: number;
}

/** @param times when the frames are filed, ms since the epoch, in ascending order */
export function cutSegments(times: ArrayLike<number>, most = MOST_FRAMES): Cut[] {
  const cuts: Cut[] = [];
  halve({ from: 0, to: times.length }, { beginsAt: 0, lastsMs: WHOLE_TIME_MS });
  return cuts;

  function halve({ from, to }: Cut, { beginsAt, lastsMs }: { beginsAt: number; lastsMs: number }): void {
    if (from === to) return;
    if (to - from <= most) cuts.push({ from, to });
    else if (lastsMs <= 1)
      for (let at = from; at < to; at += most) cuts.push({ from: at, to: Math.min(to, at + most) });
    else {
      const half = lastsMs / 2;
      const middle = firstNotBefore(times, beginsAt + half, { from, to });
      halve({ from, to: middle }, { beginsAt, lastsMs: half });
      halve({ from: middle, to }, { beginsAt: beginsAt + half, lastsMs: half });
    }
  }
}

/** Index of the first frame that is filed at `at` or later. */
function firstNotBefore(times: ArrayLike<number>, at: number, { from, to }: Cut): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
