/**
 * One tap for a camera, whoever wants pictures of it: slots that lie close together share it, so that a camera never sees two
 * viewers of ours for that. Opened for the first who comes; closed when the last has left and nobody came back for a while.
 * A tap that ends while it is kept for the next slot is opened anew before that, after a random time (full jitter), so that the
 * cameras of a site do not all come back at the same moment.
 *
 * Promise: a tap that has ended, failed, or whose stream has stopped is not lent again; after `close` all that was opened is
 * closed and nothing is opened any more. When opening fails, everybody who waits for it gets the failure, and the next one opens anew.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import type { Tap } from './tap.ts';

export interface TapLoan {
  tap: Tap;
  /** `again`: the tap was good and is likely to be wanted again soon. */
  release(again: boolean): void;
}

export interface SharedTap {
  /** @throws what opening throws; the signal's reason when it aborts */
  borrow(signal: AbortSignal): Promise<TapLoan>;
  /** Ends the tap for everybody; resolves when all that was opened is closed. */
  close(): Promise<void>;
}

export interface SharedTapDeps {
  clock: Clock;
  open: (signal: AbortSignal) => Promise<Tap>;
  isAlive: (tap: Tap) => boolean;
  /** How long a good tap is kept when nobody uses it, ms; 0: not at all. */
  lingerMs: () => number;
  /** Between 0 and 1. */
  random: () => number;
}

interface Opening {
  tap: Promise<Tap>;
  opened: Tap | null;
  users: number;
  stop: AbortController;
  /** Resolves when it has ended or could not be opened; `refused`: and trying again without a change does harm. */
  over: Promise<'ended' | 'failed' | 'refused'>;
}

/** Before a tap that ended is opened anew, ms; doubled with each failure. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export function createSharedTap({ clock, open, isAlive, lingerMs, random }: SharedTapDeps): SharedTap {
  let current: Opening | null = null;
  const closing = new Set<Promise<void>>();
  let closed = false;
  /** Ends the waiting for somebody to come back. */
  let wanted = new AbortController();

  function begin(): Opening {
    const stop = new AbortController();
    const tap = open(stop.signal);
    const opening: Opening = {
      tap,
      opened: null,
      users: 0,
      stop,
      over: tap.then(
        async (opened) => {
          opening.opened = opened;
          await opened.ended;
          return 'ended' as const;
        },
        (cause: unknown) => (problemOf(cause)?.retry === 'soon' ? ('failed' as const) : ('refused' as const)),
      ),
    };
    void opening.over.then(() => {
      if (current === opening) current = null;
    });
    return opening;
  }

  function end(opening: Opening): void {
    if (current === opening) current = null;
    opening.stop.abort();
    const done: Promise<void> = opening.tap
      .then((tap) => tap.close())
      .catch(() => {})
      .finally(() => closing.delete(done));
    closing.add(done);
  }

  function leave(opening: Opening, again: boolean): void {
    opening.users -= 1;
    if (opening.users > 0) return;
    const ms = lingerMs();
    if (!again || ms <= 0 || current !== opening) {
      end(opening);
      return;
    }
    wanted = new AbortController();
    void keep(opening, clock.monotonicMs() + ms, wanted.signal);
  }

  /** Until somebody comes back or it is not worth waiting any more: whatever ends is opened anew. */
  async function keep(first: Opening, untilMs: number, back: AbortSignal): Promise<void> {
    let opening = first;
    for (let failures = 0; ; failures += 1) {
      const slept = clock.sleep(untilMs - clock.monotonicMs(), back).then(() => 'slept' as const);
      const what = await Promise.race([slept, opening.over]);
      if (back.aborted) return;
      if (what === 'slept') return end(opening);
      if (what === 'refused') return;
      if (what === 'ended') failures = 0;
      await clock.sleep(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures), back);
      if (back.aborted || clock.monotonicMs() >= untilMs) return;
      opening = begin();
      current = opening;
    }
  }

  function enter(): Opening {
    if (current?.opened && !isAlive(current.opened)) {
      const dead = current;
      current = null;
      if (dead.users === 0) end(dead);
    }
    current ??= begin();
    wanted.abort();
    current.users += 1;
    return current;
  }

  return {
    async borrow(signal) {
      signal.throwIfAborted();
      if (closed) throw goneFromSettings();
      const opening = enter();
      let lent = true;
      const release = (again: boolean) => {
        if (lent) leave(opening, again);
        lent = false;
      };
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      try {
        return { tap: await Promise.race([opening.tap, aborted.promise]), release };
      } catch (cause) {
        // Whoever has no more time may come back for it; whoever was called off does not.
        release(signal.aborted && isTimeout(signal.reason));
        throw cause;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async close() {
      closed = true;
      wanted.abort();
      if (current !== null) end(current);
      await Promise.all(closing);
    },
  };
}

const isTimeout = (reason: unknown) => reason instanceof DOMException && reason.name === 'TimeoutError';

const goneFromSettings = () =>
  cameraFailure(
    'unreachable',
    'the camera’s settings were changed while its picture was taken',
    'Nothing is to be done: the next slot uses the new ones.',
  );
