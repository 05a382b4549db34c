/** Lets a few through at once, in the order in which they came: decoders cost a core each. */
export interface Turnstile {
  /** @throws the signal's reason when it aborts while waiting */
  pass<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

export function createTurnstile(most: number): Turnstile {
  let inside = 0;
  const waiting: (() => void)[] = [];

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (inside < most) {
      inside += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      waiting.push(go);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  function leave(): void {
    // Whoever waits takes the place over; only when nobody does, it becomes free.
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  }

  return {
    async pass(work, signal) {
      await enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
