/** How often pictures of a camera are wanted, learnt from the slots themselves. Pure. */
export interface Rhythm {
  /** A slot at this moment that is over at `deadlineAt`, ms. */
  beat(dueAt: number, deadlineAt: number): void;
  /** How long to stay connected after a picture in the hope of the next, ms; 0 when slots lie far apart. */
  lingerMs(): number;
}

export function createRhythm(warmIntervalMs: number): Rhythm {
  let last: number | null = null;
  let intervalMs: number | null = null;
  return {
    beat(dueAt, deadlineAt) {
      if (last !== null && dueAt > last) intervalMs = dueAt - last;
      // Of the first slot only its end is known: half an interval behind it (or 30 s, which is long in any case).
      intervalMs ??= 2 * (deadlineAt - dueAt);
      last = dueAt;
    },
    lingerMs: () => (intervalMs === null || intervalMs > warmIntervalMs ? 0 : intervalMs * 1.5),
  };
}
