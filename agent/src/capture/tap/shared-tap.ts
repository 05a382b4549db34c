/**
 * One tap for a camera, whoever wants pictures of it: slots that lie close together share it, so that a camera never sees two
 * viewers of ours for that. Opened for the first who comes; closed when the last has left and nobody came back for a while.
 *
 * Promise: a tap that has ended, failed, or whose stream has stopped is not lent again; after `close` all that was opened is
 * closed and nothing is opened any more. When opening fails, everybody who waits for it gets the failure, and the next one opens anew.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
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
}

interface Opening {
  tap: Promise<Tap>;
  opened: Tap | null;
  users: number;
  stop: AbortController;
  /** Ends the waiting for somebody to come back. */
  wanted: AbortController;
}

export function createSharedTap({ clock, open, isAlive, lingerMs }: SharedTapDeps): SharedTap {
  let current: Opening | null = null;
  const closing = new Set<Promise<void>>();
  let closed = false;

  function begin(): Opening {
    const stop = new AbortController();
    const opening: Opening = { tap: open(stop.signal), opened: null, users: 0, stop, wanted: new AbortController() };
    const forget = () => {
      if (current === opening) current = null;
    };
    opening.tap.then((tap) => {
      opening.opened = tap;
      void tap.ended.then(forget);
    }, forget);
    return opening;
  }

  function end(opening: Opening): void {
    if (current === opening) current = null;
    opening.wanted.abort();
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
    const wanted = new AbortController();
    opening.wanted = wanted;
    void clock.sleep(ms, wanted.signal).then(() => {
      if (!wanted.signal.aborted) end(opening);
    });
  }

  function enter(): Opening {
    if (current?.opened && !isAlive(current.opened)) {
      const dead = current;
      current = null;
      if (dead.users === 0) end(dead);
    }
    current ??= begin();
    current.wanted.abort();
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
