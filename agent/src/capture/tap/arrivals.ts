/**
 * When pictures arrived here. ffmpeg's parser holds each H.264 or H.265 picture back until the next one begins, so a unit
 * that comes out of ffmpeg had begun to arrive when the one before it came out (measured: right to a few ms). What we read
 * ourselves is not held back, nor are JPEGs. Pure: time is handed in.
 */
import type { AccessUnit } from './access-units.ts';

export interface Arrivals {
  /** The next unit of the stream; gives when it arrived. */
  add(unit: AccessUnit): number;
  /** When a unit that is not added yet would have arrived. */
  estimate(unit: AccessUnit): number;
  /** Time between pictures, median of the last ones, ms; null before the second. */
  intervalMs(): number | null;
}

const REMEMBERED = 15;

export function createArrivals(heldBack: boolean): Arrivals {
  let beforeAtMs: number | null = null;
  const intervals: number[] = [];
  const estimate = (unit: AccessUnit) => (heldBack ? (beforeAtMs ?? unit.beganAtMs) : unit.beganAtMs);
  return {
    add(unit) {
      const arrivedAtMs = estimate(unit);
      if (beforeAtMs !== null) intervals.push(unit.beganAtMs - beforeAtMs);
      if (intervals.length > REMEMBERED) intervals.shift();
      beforeAtMs = unit.beganAtMs;
      return arrivedAtMs;
    },
    estimate,
    intervalMs() {
      const sorted = intervals.toSorted((a, b) => a - b);
      return sorted[sorted.length >> 1] ?? null;
    },
  };
}
