/** Says of the same thing over and over only once in a while, with how often it was: whoever floods us must not fill the log. */
import type { Clock } from '@slowlight/protocol/kit';

const ONCE_IN_MS = 60_000;
/** Names that are remembered; with more at once, the oldest is forgotten and would be said again. */
const MOST_NAMES = 500;

export interface Seldom {
  /**
   * Calls `say` for the first of its name within a minute.
   * @param say gets how many of the same name were kept quiet since it was said last
   */
  about(name: string, say: (kept: number) => void): void;
}

export function createSeldom(clock: Pick<Clock, 'monotonicMs'>): Seldom {
  const known = new Map<string, { saidAtMs: number; kept: number }>();
  return {
    about(name, say) {
      const nowMs = clock.monotonicMs();
      const before = known.get(name);
      if (before !== undefined && nowMs - before.saidAtMs < ONCE_IN_MS) {
        before.kept += 1;
        return;
      }
      known.delete(name);
      known.set(name, { saidAtMs: nowMs, kept: 0 });
      const [oldest] = known.keys();
      if (known.size > MOST_NAMES && oldest !== undefined) known.delete(oldest);
      say(before?.kept ?? 0);
    },
  };
}
