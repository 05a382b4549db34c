/**
 * Pieces of streams, pictures and the numbers of the judge lie outside of V8's heap, which holds only a word for each: it seems
 * small and quiet while tens of megabytes wait behind it. Where the launcher lets us (`--expose-gc`), the young ones are
 * collected after each judgement (1 to 2 ms), and all when so much has come since the last time that it counts (20 to 40 ms,
 * once in a slot or two with 8 cameras; what nobody was given is given back without, see `agent/src/capture/give-back.ts`). Elsewhere
 * nothing happens.
 */
import type { Clock } from '@slowlight/protocol/kit';

/** Longer than the pictures of a slot are in hand: what is still used need not be looked at. */
const EVERY_MS = 3000;
const MOST_BYTES = 8 * 1024 * 1024;

export function collectYoung(): void {
  void globalThis.gc?.({ type: 'minor' });
}

/** Ends when the signal aborts. */
export function createGarbageCollection(clock: Clock): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    let keptBytes = outside();
    while (!signal.aborted) {
      await clock.sleep(EVERY_MS, signal);
      const bytes = outside();
      const isMuch = bytes > keptBytes + MOST_BYTES;
      if (isMuch) void globalThis.gc?.({ type: 'major' });
      keptBytes = isMuch ? outside() : Math.min(keptBytes, bytes);
    }
  };
}

const outside = () => process.memoryUsage().arrayBuffers;
