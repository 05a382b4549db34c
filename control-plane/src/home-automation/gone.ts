/**
 * What was taken away from a broker, remembered so that it can be said again. A broker passes a removal on once, to those who
 * listen at that moment, and keeps nothing of it: whoever was away keeps what is gone.
 */
import type { Clock } from '@slowlight/protocol/kit';

/** Home Assistant tells everybody when it comes back; of others nothing is known after a day. */
const KEPT_FOR_MS = 86_400_000;
const MOST = 2000;

export interface Gone {
  add(topic: string): void;
  /** It is there again. */
  delete(topic: string): void;
  /** What was taken away within so many milliseconds, the oldest first. */
  within(ms: number): string[];
}

/** Keeps a day, and the last 2,000 topics at most. */
export function createGone(clock: Pick<Clock, 'monotonicMs'>): Gone {
  const since = new Map<string, number>();
  return {
    add(topic) {
      since.delete(topic);
      since.set(topic, clock.monotonicMs());
      for (const [old, at] of since) {
        if (since.size <= MOST && clock.monotonicMs() - at <= KEPT_FOR_MS) break;
        since.delete(old);
      }
    },
    delete: (topic) => void since.delete(topic),
    within(ms) {
      const first = clock.monotonicMs() - Math.min(ms, KEPT_FOR_MS);
      return [...since].filter(([, at]) => at >= first).map(([topic]) => topic);
    },
  };
}
