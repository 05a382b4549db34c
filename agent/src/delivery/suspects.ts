/**
 * Which event cuts the line. A broker that will not have an event closes the connection instead of saying no, and a row that
 * is sent first after each reconnect would then keep the line down for ever.
 *
 * Promise: whatever the broker had not taken when the line broke is suspect and goes alone on the next lines, so that the
 * guilty one is known by name. One that has cut the line three times in a row is set aside, for a longer time each time; it
 * is never given up. What the broker takes is free of suspicion. Kept in memory: after a restart the three are counted anew.
 */
import type { Clock } from '@slowlight/protocol/kit';

const CUTS_BEFORE_ASIDE = 3;
/** How long an event is set aside the first time, ms; then twice as long, up to six times. */
const ASIDE_MS = 600_000;
/** A broker that keeps the line and says nothing has no quarrel with an event, ms. */
const SILENT_MS = 10_000;
/** The oldest give way: they are then counted anew. */
const MOST_KEPT = 1000;

export function createSuspects(clock: Clock) {
  /** Sent on this connection and not taken yet; when, monotonic ms. */
  const onTheLine = new Map<number, number>();
  const cuts = new Map<number, number>();
  const aside = new Map<number, { times: number; until: number }>();

  function free(seq: number): void {
    onTheLine.delete(seq);
    cuts.delete(seq);
    aside.delete(seq);
  }

  function setAside(seq: number): number {
    const times = (aside.get(seq)?.times ?? 0) + 1;
    const forMs = ASIDE_MS * 2 ** Math.min(times - 1, 6);
    cuts.delete(seq);
    keep(aside, seq, { times, until: clock.monotonicMs() + forMs });
    return forMs;
  }

  return {
    begin: () => onTheLine.clear(),
    sent: (seq: number) => keep(onTheLine, seq, clock.monotonicMs()),
    /** The broker has taken it, or it is not to be said any more. */
    free,
    /** The line broke. Gives the event that is set aside for it, and for how long. */
    cut(): { seq: number; forMs: number } | null {
      const alone = onTheLine.size === 1;
      let guilty: { seq: number; forMs: number } | null = null;
      for (const seq of onTheLine.keys()) {
        const times = (cuts.get(seq) ?? 0) + 1;
        if (alone && times >= CUTS_BEFORE_ASIDE) guilty = { seq, forMs: setAside(seq) };
        else keep(cuts, seq, times);
      }
      onTheLine.clear();
      return guilty;
    },
    isAside: (seq: number) => aside.has(seq) && !cuts.has(seq),
    /** Suspects go first, one at a time. Null: there are none; `wait`: one is on the line; else the next one. */
    next(): { kind: 'wait'; forMs: number } | { kind: 'say'; seq: number } | null {
      const now = clock.monotonicMs();
      // One more cut sets it aside again.
      for (const [seq, { until }] of aside) if (until <= now && !cuts.has(seq)) cuts.set(seq, CUTS_BEFORE_ASIDE - 1);
      if (cuts.size === 0) return null;
      for (const [seq, at] of onTheLine) {
        if (at + SILENT_MS > now) return { kind: 'wait', forMs: at + SILENT_MS - now };
        free(seq);
      }
      const [seq] = cuts.keys();
      return seq === undefined ? null : { kind: 'say', seq };
    },
  };
}
export type Suspects = ReturnType<typeof createSuspects>;

function keep<Kept>(map: Map<number, Kept>, seq: number, kept: Kept): void {
  map.delete(seq);
  map.set(seq, kept);
  for (const oldest of map.keys()) {
    if (map.size <= MOST_KEPT) return;
    map.delete(oldest);
  }
}
