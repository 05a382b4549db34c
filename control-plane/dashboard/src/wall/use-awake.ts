import { useEffect } from 'react';

/** Keeps the screen on as long as the caller is on the page. Where the browser cannot (plain HTTP), nothing happens. */
export function useAwake(): void {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return undefined;
    let lock: WakeLockSentinel | null = null;
    let left = false;
    const hold = () => {
      if (document.visibilityState !== 'visible') return;
      navigator.wakeLock.request('screen').then(
        (held) => {
          if (left) void held.release();
          else lock = held;
        },
        () => {
          // The battery is low, or somebody forbids it: the pictures are shown all the same.
        },
      );
    };
    hold();
    // It is taken away whenever the page is not seen.
    document.addEventListener('visibilitychange', hold);
    return () => {
      left = true;
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  }, []);
}
