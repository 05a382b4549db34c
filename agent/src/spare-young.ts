/**
 * Pieces of streams and the numbers of the judge lie outside of V8's young generation, which holds only a word for each: it
 * seems nearly empty for seconds while tens of megabytes wait behind it. Where the launcher lets us (`--expose-gc`), it is
 * collected after each picture and every few seconds: 1 to 2 ms each time. Elsewhere nothing happens.
 */
import type { Clock } from '@slowlight/protocol/kit';

const EVERY_MS = 2000;

export function spareYoung(): void {
  globalThis.gc?.({ type: 'minor' });
}

export function createSpareYoung(clock: Clock): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    while (!signal.aborted) {
      await clock.sleep(globalThis.gc === undefined ? 3_600_000 : EVERY_MS, signal);
      spareYoung();
    }
  };
}
