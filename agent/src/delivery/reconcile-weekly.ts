/** Once a week the list of what is on the card is said, so that it can be compared with the records. */
import { type Clock, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

export interface ReconcileWeeklyDeps {
  clock: Clock;
  log: Log;
  /** When it was last said, wall time in ms; null: never. */
  listedAt(): number | null;
  /** From now on a week is counted. */
  beginWeek(): void;
  /** Says the list; gives how many frames it holds. */
  listHeld(): number;
  wake(): void;
}

const WEEK_MS = 7 * 86_400_000;
const LOOK_MS = 3_600_000;

/** Whether it is time; a moment that lies ahead comes from a clock that was set back. Pure. */
export const isReconcileDue = (listedAt: number, now: number): boolean => now - listedAt >= WEEK_MS || listedAt > now;

export function createReconcileWeekly({ clock, log, listedAt, beginWeek, listHeld, wake }: ReconcileWeeklyDeps) {
  return (signal: AbortSignal): Promise<void> =>
    runLoop(
      async () => {
        const last = listedAt();
        if (last === null) beginWeek();
        else if (isReconcileDue(last, clock.now())) {
          log.info({ frames: listHeld() }, 'the frames on the card are compared with the records');
          wake();
        }
        return LOOK_MS;
      },
      {
        clock,
        onFailure: ({ code, hint, message }, waitMs) =>
          log.error({ code, hint, waitMs }, `the frames on the card could not be listed: ${message}`),
      },
      signal,
    );
}
