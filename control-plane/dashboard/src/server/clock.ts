/**
 * The page's clock: the server's time as well as this device can tell it, and one tick a second for everything that counts.
 * The only file that reads the device's clock; `timer.ts` is the only one that sets a timer.
 */
import { useSyncExternalStore } from 'react';
import { later } from './timer.ts';

export { backOffMs, later } from './timer.ts';

let aheadMs = 0;

/** The server's time now, ms. */
export function serverNow(): number {
  return Date.now() + aheadMs;
}

/** Milliseconds of this device that only grow: for measuring how long something took. */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

/** Learns the server's time from an answer that took `tookMs`: it is thought to have been written half-way. */
export function learnServerTime(serverTime: number, tookMs: number): void {
  const ahead = serverTime + tookMs / 2 - Date.now();
  // Less than a second apart is network jitter, not a wrong clock: the countdown must not jump about.
  aheadMs = Math.abs(ahead - aheadMs) < 1000 ? aheadMs : ahead;
}

const listeners = new Set<() => void>();
let stop: (() => void) | null = null;

const thisSecond = () => Math.floor(serverNow() / 1000) * 1000;
const untilNextSecond = () => 1000 - (serverNow() % 1000);

function beat(): void {
  for (const listener of listeners) listener();
  stop = later(untilNextSecond(), beat);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  stop ??= later(untilNextSecond(), beat);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop?.();
    stop = null;
  };
}

/** The server's time in whole seconds, ms; the component is drawn again each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, thisSecond);
}

/**
 * What follows from the server's time in whole seconds, ms. It is asked each second; the component is drawn again only when
 * the answer is another.
 */
export function useByClock<Answer extends string | number | boolean | null>(ask: (now: number) => Answer): Answer {
  return useSyncExternalStore(subscribe, () => ask(thisSecond()));
}
