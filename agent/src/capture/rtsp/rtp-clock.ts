/**
 * When RTP packets arrived, where they are read in gulps: by their timestamps (RFC 3550), which tell how far apart they were
 * sent, laid against the packet that waited least. Pure. What it gives lies between two looks at the line, whatever a camera
 * writes into its timestamps.
 */
export interface RtpClock {
  /**
   * @param timestamp of the packet; @param readAtMs when it was read; @param emptyAtMs when there was nothing more to read last;
   * both in the caller's time
   */
  arrivedAtMs(timestamp: number, readAtMs: number, emptyAtMs: number): number;
}

/** How far clocks drift apart, and a queue on the way may change, a second; ms. */
const DRIFT_MS = 2;

export function createRtpClock(clockHz: number): RtpClock {
  let last: { timestamp: number; sentMs: number; readAtMs: number } | null = null;
  /** The smallest time between sending (by the timestamps) and reading. */
  let leastMs = Number.POSITIVE_INFINITY;
  return {
    arrivedAtMs(timestamp, readAtMs, emptyAtMs) {
      // Timestamps begin anew after 2^32; with B pictures they also go back.
      const sentMs = last === null ? 0 : last.sentMs + (((timestamp - last.timestamp) | 0) * 1000) / clockHz;
      const driftMs = last === null ? 0 : ((readAtMs - last.readAtMs) * DRIFT_MS) / 1000;
      last = { timestamp, sentMs, readAtMs };
      leastMs = Math.min(leastMs + driftMs, readAtMs - sentMs);
      return Math.max(emptyAtMs, Math.min(readAtMs, sentMs + leastMs));
    },
  };
}
