/**
 * The end of the feed, held once for all viewers. Promise: `after` gives every entry behind a position, in order, from
 * memory when it is recent and from the records when it is not. One loop reads the table, however many look on.
 * When the records fail, the loop tries again with back-off; viewers hear nothing meanwhile and miss nothing.
 */
import type { FeedEntry } from '@slowlight/protocol';
import { type Clock, createBell, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { FeedRecords } from '../ports.ts';

const PORTION = 500;

export interface Tail {
  /** Reads the feed as it grows, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Entries after a position, in ascending order, some hundred at most; empty at the end. */
  after(position: number): Promise<readonly FeedEntry[]>;
  /** Up to where the loop has read. */
  position(): number;
  kept(): Promise<{ first: number; last: number }>;
  /** Calls back when there is more; gives the verb that ends it. */
  onMore(listener: () => void): () => void;
}

export interface TailOptions {
  /** How many entries are held in memory. */
  heldEntries?: number;
  /** How often to look even if nobody said that there is more, ms. */
  lookEveryMs?: number;
}

export function createTail(
  deps: { records: FeedRecords; clock: Clock; onFailure: (failure: Failure, waitMs: number) => void },
  { heldEntries = 2000, lookEveryMs = 5000 }: TailOptions = {},
): Tail {
  const { records, clock, onFailure } = deps;
  const listeners = new Set<() => void>();
  let held: FeedEntry[] = [];
  /** Every entry after this position and up to `readTo` is in `held`. */
  let heldAfter: number | null = null;
  let readTo = 0;

  async function readOn(): Promise<void> {
    if (heldAfter === null) {
      readTo = await records.lastPosition();
      heldAfter = readTo;
    }
    for (;;) {
      const portion = await records.feedAfter(readTo, PORTION);
      const newest = portion.at(-1);
      if (newest === undefined) return;
      held.push(...portion);
      readTo = newest.position;
      if (held.length > heldEntries) {
        const dropped = held.splice(0, held.length - heldEntries);
        heldAfter = dropped.at(-1)?.position ?? heldAfter;
      }
      for (const listener of listeners) listener();
    }
  }

  return {
    async run(signal) {
      const bell = createBell();
      const stopListening = records.onAppended(() => bell.ring());
      try {
        const turn = async () => {
          await readOn();
          await bell.wait(clock, lookEveryMs, signal);
          return 0;
        };
        await runLoop(turn, { clock, onFailure }, signal);
      } finally {
        stopListening();
        held = [];
        heldAfter = null;
      }
    },
    async after(position) {
      if (heldAfter === null || position < heldAfter) return records.feedAfter(position, PORTION);
      if (position >= readTo) return [];
      return held.slice(firstAfter(held, position), firstAfter(held, position) + PORTION);
    },
    position: () => readTo,
    async kept() {
      const [first, last] = [await records.firstPosition(), await records.lastPosition()];
      return { first, last };
    },
    onMore(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The index of the first entry behind a position, by bisection. */
function firstAfter(entries: readonly FeedEntry[], position: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.position ?? Number.POSITIVE_INFINITY) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
