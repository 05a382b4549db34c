export interface Backoff {
  firstMs: number;
  mostMs: number;
}

/**
 * How long to wait before try number `attempt` (1 = the first retry), in ms: exponential with full jitter, so that many
 * agents that lost one server do not come back together.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * @param random between 0 and 1
 */
export function backoffMs(attempt: number, { firstMs, mostMs }: Backoff, random = Math.random()): number {
  const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 40));
  return Math.round(ceiling * random);
}
