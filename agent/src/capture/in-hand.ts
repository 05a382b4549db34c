/**
 * Decoded pictures are large (1080p: 6 MB), and when the slots of many cameras fall together they would all be there at once.
 *
 * Promise: another picture is decoded only while less than the limit is in hand, that is, decoded and not let go; or when
 * nothing was let go for a moment, because a slot must not be lost over memory. What is let go is given back to the system at
 * once, not when the garbage is collected. What nobody lets go is not waited for any more after a while.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { giveBack } from './give-back.ts';
import type { RgbPicture } from './tap/ppm.ts';

export interface InHand {
  /** Waits until another picture may be decoded, and has it decoded. @throws what that throws; the signal's reason */
  decode<Result>(decode: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
  /** The same picture, with the way to let it go. */
  hold(picture: RgbPicture): RgbPicture;
}

/** So long one that should be let go is waited for at most, ms. */
const PATIENCE_MS = 250;
const FORGOTTEN_MS = 10_000;

export function createInHand(clock: Clock, mostBytes: number): InHand {
  const held = new Set<{ bytes: number; sinceMs: number }>();
  /** Being decoded, each as large as the last one was. */
  let begun = 0;
  let lastBytes = 0;
  const waiting = new Set<() => void>();

  function isFull(): boolean {
    let bytes = begun * lastBytes;
    for (const one of held)
      if (clock.monotonicMs() - one.sinceMs > FORGOTTEN_MS) held.delete(one);
      else bytes += one.bytes;
    return bytes >= mostBytes;
  }

  async function change(ms: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const wake = () => changed.abort();
    waiting.add(wake);
    await clock.sleep(ms, AbortSignal.any([signal, changed.signal]));
    waiting.delete(wake);
    signal.throwIfAborted();
  }

  function changed(): void {
    for (const wake of waiting) wake();
  }

  return {
    async decode(decode, signal) {
      const until = clock.monotonicMs() + PATIENCE_MS;
      for (let leftMs = PATIENCE_MS; leftMs > 0 && isFull(); leftMs = until - clock.monotonicMs())
        await change(leftMs, signal);
      begun += 1;
      try {
        return await decode();
      } finally {
        begun -= 1;
        changed();
      }
    },
    hold({ pixels, widthPx, heightPx }) {
      const one = { bytes: pixels.length, sinceMs: clock.monotonicMs() };
      lastBytes = one.bytes;
      held.add(one);
      let gone = false;
      const letGo = () => {
        if (gone) return;
        gone = true;
        held.delete(one);
        giveBack(pixels);
        changed();
      };
      return { pixels, widthPx, heightPx, letGo };
    },
  };
}
