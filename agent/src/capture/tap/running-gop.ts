/**
 * The running group of pictures: from its keyframe on, everything that is needed to decode the newest picture, in bounded
 * memory. Pure. Promise: what `newest` gives can be decoded from its first byte; it never holds more than the limits. A GOP
 * that outgrows them is kept as its keyframe alone, until the next keyframe begins a new one. What comes after a loss is not
 * added, because it leans on what was lost.
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
  /** When its keyframe arrived. */
  keyAtMs: number;
  /** Something after it was lost: what the camera shows now is not in it. */
  broken?: boolean;
}

export interface RunningGop {
  add(unit: AccessUnit, arrivedAtMs: number): void;
  /** Something of the stream was lost on the way; @param atMs when, where the next keyframe may have been touched by it */
  lost(atMs: number | null): void;
  /** What it holds is of no use: it is as if nothing had come. */
  forget(): void;
  /** Null before the first keyframe. What was given out does not change any more. */
  newest(): Gop | null;
  /** False when pictures of it had to be left out, so that a next one could not be decoded. */
  isWhole(): boolean;
  /** Time from keyframe to keyframe, ms, as last seen; null before the second. */
  keyframeIntervalMs(): number | null;
}

/** A keyframe that began so shortly after a loss was noticed may be what was lost, ms. */
const LOSS_LASTS_MS = 30;

export function createRunningGop({ mostBytes, mostAgeMs }: GopLimits): RunningGop {
  let units: AccessUnit[] = [];
  let bytes = 0;
  let keyAtMs = 0;
  let arrivedAtMs = 0;
  let cut = false;
  let broken = false;
  let lostAtMs = Number.NEGATIVE_INFINITY;
  let seenKeyAtMs: number | null = null;
  let intervalMs: number | null = null;

  function begin(unit: AccessUnit, at: number): void {
    if (seenKeyAtMs !== null) intervalMs = at - seenKeyAtMs;
    seenKeyAtMs = at;
    if (at <= lostAtMs + LOSS_LASTS_MS) return;
    units = [unit];
    bytes = unit.bytes.length;
    keyAtMs = at;
    arrivedAtMs = at;
    cut = false;
    broken = false;
  }

  return {
    add(unit, at) {
      if (unit.key) return begin(unit, at);
      if (units.length === 0 || cut) return;
      if (bytes + unit.bytes.length > mostBytes || at - keyAtMs > mostAgeMs) {
        units = units.slice(0, 1);
        arrivedAtMs = keyAtMs;
        cut = true;
        return;
      }
      units.push(unit);
      bytes += unit.bytes.length;
      arrivedAtMs = at;
    },
    lost(atMs) {
      lostAtMs = atMs ?? lostAtMs;
      cut = true;
      broken = true;
    },
    forget() {
      units = [];
      bytes = 0;
    },
    newest: () => (units.length === 0 ? null : { units: units.slice(), arrivedAtMs, keyAtMs, broken }),
    isWhole: () => units.length > 0 && !cut,
    keyframeIntervalMs: () => intervalMs,
  };
}
