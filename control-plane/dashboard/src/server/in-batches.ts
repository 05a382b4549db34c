/**
 * Brings together what comes in bursts: the first of a burst goes on at once, what follows within the pause goes on together
 * after it. So a picture that comes alone is not late, and a hundred events a second are drawn ten times, not a hundred.
 */
import { stopwatch } from './clock.ts';
import { later } from './timer.ts';

export interface Batches<Item> {
  add(item: Item): void;
  /** What waits goes on now: something that must not overtake it comes after. */
  flush(): void;
  /** What waits is let go. */
  close(): void;
}

/** @param apply called with at least one, in the order in which they were added */
export function createBatches<Item>(apply: (items: readonly Item[]) => void, pauseMs: number): Batches<Item> {
  let waiting: Item[] = [];
  let callOff: (() => void) | null = null;
  let sinceLast: (() => number) | null = null;

  function flush(): void {
    callOff?.();
    callOff = null;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    sinceLast = stopwatch();
    apply(items);
  }
  return {
    add(item) {
      waiting.push(item);
      callOff ??= later(Math.max(0, pauseMs - (sinceLast?.() ?? pauseMs)), flush);
    },
    flush,
    close() {
      callOff?.();
      callOff = null;
      waiting = [];
    },
  };
}
