/** How long ahead of a slot a camera must be connected, learnt from how long it took before. Pure. */

export interface Lead {
  /** Connect → first keyframe, ms. */
  learn(startUpMs: number): void;
  leadMs(): number;
}

export const FIRST_LEAD_MS = 4000;
const SHORTEST_LEAD_MS = 500;
export const LONGEST_LEAD_MS = 10_000;
const REMEMBERED = 32;
/** With fewer, the slowest start may not have been seen: it depends on where in its GOP the camera is met. */
const ENOUGH = 6;
const MARGIN_MS = 400;
const MARGIN_SHARE = 0.15;

export function createLead(): Lead {
  const startUps: number[] = [];
  return {
    learn(startUpMs) {
      startUps.push(startUpMs);
      if (startUps.length > REMEMBERED) startUps.shift();
    },
    leadMs: () => leadOf(startUps),
  };
}

/** The slowest of the remembered starts and a margin; being too early costs a little traffic, too late costs the moment. */
export function leadOf(startUps: readonly number[]): number {
  const slowest = Math.max(0, ...startUps);
  const wanted = slowest + Math.max(MARGIN_MS, slowest * MARGIN_SHARE);
  const least = startUps.length < ENOUGH ? FIRST_LEAD_MS : SHORTEST_LEAD_MS;
  return Math.round(Math.min(LONGEST_LEAD_MS, Math.max(least, wanted)));
}
