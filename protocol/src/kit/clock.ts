/** The only place that asks the system for the time or waits for it. Everything else is given a `Clock`. */

export interface Clock {
  /** Wall time, whole ms since the epoch. It can jump. */
  now(): number;
  /** Monotonic time, ms since an arbitrary moment of this boot. It never jumps. */
  monotonicMs(): number;
  /**
   * Resolves after `ms` (at once when it is not positive), or as soon as the signal aborts; never rejects. Look at the
   * signal afterwards.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Longest single timer, ms: Node fires longer ones at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted || ms <= 0) return resolve();
      // Not the timer that rejects when it is aborted: its error, with a stack, would be made at every ring of a bell.
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, LONGEST_TIMER_MS));
      signal.addEventListener('abort', end, { once: true });
    }),
};

/**
 * A signal that aborts after `ms` or with `parent`, and a `clear` that must be called when the work is over.
 * The reason of a time-out is a `DOMException` named `TimeoutError`.
 */
export function deadline(clock: Clock, ms: number, parent: AbortSignal): { signal: AbortSignal; clear: () => void } {
  const over = new AbortController();
  const done = new AbortController();
  const waiting = AbortSignal.any([parent, done.signal]);
  void clock.sleep(ms, waiting).then(() => {
    if (!waiting.aborted) over.abort(new DOMException(`took longer than ${ms} ms`, 'TimeoutError'));
  });
  return { signal: AbortSignal.any([parent, over.signal]), clear: () => done.abort() };
}
