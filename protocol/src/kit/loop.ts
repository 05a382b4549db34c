import { type Backoff, backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { type Failure, toFailure } from './failure.ts';

export interface LoopOptions {
  clock: Clock;
  /** Called with each failure of a turn, and with how long the loop waits before the next. */
  onFailure: (failure: Failure, waitMs: number) => void;
  backoff?: Backoff;
}

/**
 * Runs turns until the signal aborts. A turn returns how long to wait before the next one, in ms. A turn that throws is
 * reported and repeated with full jitter; one success resets the count. Never rejects.
 */
export async function runLoop(
  turn: (signal: AbortSignal) => Promise<number>,
  { clock, onFailure, backoff = { firstMs: 250, mostMs: 30_000 } }: LoopOptions,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      waitMs = await turn(signal);
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) return;
      failures += 1;
      waitMs = backoffMs(failures, backoff);
      onFailure(toFailure(thrown), waitMs);
    }
    await clock.sleep(waitMs, signal);
  }
}

/** A bell: `ring` wakes whoever waits; a ring that nobody heard is kept for the next `wait`. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or when the signal aborts. */
  wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(clock, ms, signal) {
      if (!rung) {
        const heard = new AbortController();
        // With a reason of its own: the usual one takes a stack trace each time.
        wake = () => heard.abort('rung');
        await clock.sleep(ms, AbortSignal.any([signal, heard.signal]));
        wake = null;
      }
      rung = false;
    },
  };
}
