/** Waiting, for pages and for the worker that they share. */

/** Calls back once, later; the answer calls it off. */
export function later(waitMs: number, call: () => void): () => void {
  const timer = setTimeout(call, waitMs);
  return () => clearTimeout(timer);
}

/** A wait of up to `capMs` that grows with each attempt, with full jitter. */
export function backOffMs(attempt: number, capMs = 10_000): number {
  return 250 + Math.random() * Math.min(capMs, 500 * 2 ** Math.min(attempt, 10));
}
