import type { ServerResponse } from 'node:http';

export interface SseSink {
  write(text: string): number;
  drained(signal: AbortSignal): Promise<void>;
}

/** The open response of a viewer as a sink that counts what has not been taken yet, in bytes. */
export function createSseSink(response: ServerResponse): SseSink {
  let held = 0;
  let waiters: (() => void)[] = [];
  const wakeAll = () => {
    const waking = waiters;
    waiters = [];
    for (const wake of waking) wake();
  };
  return {
    write(text) {
      const sizeBytes = Buffer.byteLength(text);
      held += sizeBytes;
      response.write(text, () => {
        held -= sizeBytes;
        if (held === 0) wakeAll();
      });
      return held;
    },
    drained(signal) {
      if (held === 0 || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiters.push(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
}
