import type { Clock } from '@slowlight/protocol/kit';

export interface HandClock extends Clock {
  /** Moves time forwards; whoever sleeps until then wakes, in order, before this resolves. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock alone, as an administrator or NTP would; monotonic time and sleepers go on. */
  setWall(at: number): void;
  readonly sleepers: number;
}

/**
 * Time that moves only by hand. Wall time starts at `start`, ms since the epoch.
 * @param turns how many turns of the event loop whoever was woken gets before time goes on
 */
export function createHandClock(start = Date.UTC(2026, 5, 1, 12), turns = 20): HandClock {
  let monotonic = 0;
  let wallAhead = start;
  const sleeping = new Set<{ until: number; wake: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => Math.round(wallAhead + monotonic),
    monotonicMs: () => monotonic,
    sleep(ms, signal) {
      if (signal.aborted || ms <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const entry = { until: monotonic + ms, wake };
        function wake() {
          sleeping.delete(entry);
          signal.removeEventListener('abort', wake);
          resolve();
        }
        sleeping.add(entry);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
    async advance(ms) {
      const end = monotonic + ms;
      await settle();
      for (;;) {
        const next = [...sleeping].filter((entry) => entry.until <= end).sort((a, b) => a.until - b.until)[0];
        if (next === undefined) break;
        monotonic = Math.max(monotonic, next.until);
        next.wake();
        await settle();
      }
      monotonic = end;
      await settle();
    },
    setWall(at) {
      wallAhead = at - monotonic;
    },
    get sleepers() {
      return sleeping.size;
    },
  };
}
