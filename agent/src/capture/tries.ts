/** Whether a failed try is made again inside its slot. Pure. */
import type { Retry } from '@slowlight/protocol/kit';

export const MOST_TRIES = 3;
const WAITS_MS = [2000, 4000];
/** A try that has less time than this cannot bring a picture, ms. */
const SHORTEST_TRY_MS = 500;

export interface Tried {
  /** Tries made so far. */
  tries: number;
  retry: Retry;
  now: number;
  deadlineAt: number;
}

/** How long to wait before the next try, ms; null: no more. */
export function waitBeforeNextTry({ tries, retry, now, deadlineAt }: Tried): number | null {
  const waitMs = WAITS_MS[tries - 1];
  if (retry !== 'soon' || tries >= MOST_TRIES || waitMs === undefined) return null;
  return now + waitMs + SHORTEST_TRY_MS > deadlineAt ? null : waitMs;
}
