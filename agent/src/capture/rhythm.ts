/** How often pictures of a camera are wanted, learnt from the slots themselves, and what follows for its connection. Pure. */
export type Connection = 'auto' | 'warm' | 'cold';

export interface Rhythm {
  /** A slot at this moment that is over at `deadlineAt`, ms. */
  beat(dueAt: number, deadlineAt: number): void;
  /**
   * How long to stay connected after a picture in the hope of the next, ms; 0 when slots lie far apart.
   * @param leadMs how long before a slot the camera must be connected
   */
  lingerMs(leadMs: number): number;
}

export interface RhythmOptions {
  connection: Connection;
  /** `auto`: with slots at most so far apart a camera stays connected, ms; 0: never. */
  warmIntervalMs: number;
}

/**
 * A camera that is connected for more than a third of the time is left connected: the rest costs less than connecting anew
 * (see docs/decisions/0010).
 */
const SHARE = 3;
const PATIENCE = 1.5;

export function createRhythm({ connection, warmIntervalMs }: RhythmOptions): Rhythm {
  let last: number | null = null;
  let intervalMs: number | null = null;
  return {
    beat(dueAt, deadlineAt) {
      if (last !== null && dueAt > last) intervalMs = dueAt - last;
      // Of the first slot only its end is known: half an interval behind it (or 30 s, which is long in any case).
      intervalMs ??= 2 * (deadlineAt - dueAt);
      last = dueAt;
    },
    lingerMs(leadMs) {
      if (intervalMs === null || connection === 'cold') return 0;
      const near = warmIntervalMs > 0 && intervalMs <= Math.max(warmIntervalMs, SHARE * leadMs);
      return near || connection === 'warm' ? intervalMs * PATIENCE : 0;
    },
  };
}
