/**
 * The running group of pictures: from its keyframe on, everything that is needed to decode the newest picture, in bounded
 * memory. Pure. Promise: what `newest` gives can be decoded from its first byte; it never holds more than the limits. A GOP
 * that outgrows them is kept as its keyframe alone, until the next keyframe begins a new one.
 */
import type { AccessUnit } from './access-units.ts';

export interface GopLimits {
  mostBytes: number;
  mostAgeMs: number;
}

export interface Gop {
  units: readonly AccessUnit[];
  /** When the newest of them arrived, in the caller's time. */
  arrivedAtMs: number;
}

export interface RunningGop {
  add(unit: AccessUnit, arrivedAtMs: number): void;
  /** Null before the first keyframe. What was given out does not change any more. */
  newest(): Gop | null;
  /** False when pictures of it had to be left out, so that a next one could not be decoded. */
  isWhole(): boolean;
  /** Time from keyframe to keyframe, ms, as last seen; null before the second. */
  keyframeIntervalMs(): number | null;
}

export function createRunningGop({ mostBytes, mostAgeMs }: GopLimits): RunningGop {
  let units: AccessUnit[] = [];
  let bytes = 0;
  let keyAtMs = 0;
  let arrivedAtMs = 0;
  let overgrown = false;
  let intervalMs: number | null = null;

  return {
    add(unit, at) {
      if (unit.key) {
        if (units.length > 0) intervalMs = at - keyAtMs;
        units = [unit];
        bytes = unit.bytes.length;
        keyAtMs = at;
        arrivedAtMs = at;
        overgrown = false;
        return;
      }
      if (units.length === 0 || overgrown) return;
      if (bytes + unit.bytes.length > mostBytes || at - keyAtMs > mostAgeMs) {
        units = units.slice(0, 1);
        arrivedAtMs = keyAtMs;
        overgrown = true;
        return;
      }
      units.push(unit);
      bytes += unit.bytes.length;
      arrivedAtMs = at;
    },
    newest: () => (units.length === 0 ? null : { units: units.slice(), arrivedAtMs }),
    isWhole: () => units.length > 0 && !overgrown,
    keyframeIntervalMs: () => intervalMs,
  };
}
