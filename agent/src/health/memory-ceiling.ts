/**
 * Promise: the agent's own process does not grow until the system kills it in the middle of a commit: above its ceiling it
 * stops clean and is started again, which costs a few seconds instead of a slot being torn away.
 */
import type { Clock } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

const LOOK_EVERY_MS = 10_000;
/** So many looks in a row, so that one large picture does not count. */
const LOOKS = 3;

/** @param limitBytes resident memory; null: no ceiling */
export function createMemoryCeiling(
  deps: { clock: Clock; log: Log; residentBytes(): number; restart(): void },
  limitBytes: number | null,
) {
  return async (signal: AbortSignal): Promise<void> => {
    let above = 0;
    while (limitBytes !== null && !signal.aborted) {
      await deps.clock.sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      const bytes = deps.residentBytes();
      above = bytes > limitBytes ? above + 1 : 0;
      if (above < LOOKS) continue;
      deps.log.error({ bytes, limitBytes }, 'the agent uses more memory than it may: it restarts');
      deps.restart();
      return;
    }
  };
}
