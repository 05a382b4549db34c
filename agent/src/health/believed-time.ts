/**
 * Which time the agent believes. The system's clock is taken as it is, until it jumps: a jump is believed at once only from
 * somebody who knows (the time service that has just set it, or the control plane, whose time receipts carry). The agent never
 * sets the system's clock; where that is wrong, it reckons with an offset of its own. Pure.
 */

export interface Belief {
  /** Wall time minus monotonic time, ms. */
  anchor: number;
  /** Since when the system's clock has said otherwise, monotonic ms; null: it does not. */
  doubtedSince: number | null;
}

export interface Seen {
  /** The system's wall time minus monotonic time, ms. */
  system: number;
  monotonicMs: number;
  /** The user vouches for the system's clock. */
  vouched: boolean;
  /** The system's time service says that it has set the clock. */
  ntp: boolean;
  /** It has begun to say so within the last minute. */
  ntpIsNew: boolean;
  /** The control plane's wall time minus monotonic time, ms; null: not known. */
  server: number | null;
}

/** Two clocks that are nearer than this show the same time, ms. */
export const SAME_TIME_MS = 2000;
/** A jump that nobody has confirmed is believed after this, ms. */
export const DOUBT_MS = 300_000;

export function believe(before: Belief, seen: Seen): Belief {
  const { system, server } = seen;
  const follow: Belief = { anchor: system, doubtedSince: null };
  if (seen.vouched) return follow;
  const confirmed = server !== null && isSame(system, server);
  if (server !== null && !seen.ntp) return confirmed ? follow : { anchor: server, doubtedSince: null };
  if (isSame(system, before.anchor) || confirmed || seen.ntpIsNew) return follow;
  const doubtedSince = before.doubtedSince ?? seen.monotonicMs;
  return seen.monotonicMs - doubtedSince >= DOUBT_MS ? follow : { anchor: before.anchor, doubtedSince };
}

export const isSame = (one: number, other: number): boolean => Math.abs(one - other) < SAME_TIME_MS;

/** How long a server's time counts, ms: the monotonic clock drifts, and the control plane's own may be set right. */
const BUCKET_MS = 600_000;

/**
 * The control plane's time, from receipts that come late by an unknown while: late ones make it seem earlier than it is, so
 * the latest of those heard in the last ten to twenty minutes is the best.
 */
export function createServerTime() {
  let now: { since: number; anchor: number } | null = null;
  let before: number | null = null;
  return {
    heard(serverTime: number, monotonicMs: number): void {
      const anchor = serverTime - monotonicMs;
      if (now === null || monotonicMs - now.since >= BUCKET_MS) {
        before = now?.anchor ?? null;
        now = { since: monotonicMs, anchor };
      } else now.anchor = Math.max(now.anchor, anchor);
    },
    /** Its wall time minus monotonic time, ms; null before the first receipt. */
    anchor: (): number | null => (now === null ? null : Math.max(now.anchor, before ?? now.anchor)),
  };
}
