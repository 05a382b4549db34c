/**
 * The running group of pictures: from its keyframe on, everything that is needed to decode the newest picture, in bounded
 * memory. Pure. Promise: what `newest` gives can be decoded from its first byte; it never holds more than the limits. A GOP
 * that outgrows them is kept as its keyframe alone, until the next keyframe begins a new one. What comes after a loss is not
 * added, because it leans on what was lost.
 */
import { giveBack } from '../give-back.ts';
import type { AccessUnit } from './access-units.ts';

export interface GopLimits {
  mostBytes: number;
  mostAgeMs: number;
}

export interface RunningGopOptions extends GopLimits {
  /** Each unit has a memory of its own and is handed over: pictures that nobody asked for are given back as soon as they are old. */
  owned?: boolean;
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

export function createRunningGop({ mostBytes, mostAgeMs, owned = false }: RunningGopOptions): RunningGop {
  let units: AccessUnit[] = [];
  let bytes = 0;
  let keyAtMs = 0;
  let arrivedAtMs = 0;
  let cut = false;
  let broken = false;
  let lostAtMs = Number.NEGATIVE_INFINITY;
  let seenKeyAtMs: number | null = null;
  let intervalMs: number | null = null;
  /** Somebody was given what is held, and may still look at it. */
  let given = false;

  function drop(old: readonly AccessUnit[]): void {
    if (owned && !given) for (const { bytes } of old) giveBack(bytes);
  }

  function begin(unit: AccessUnit, at: number): void {
    if (seenKeyAtMs !== null) intervalMs = at - seenKeyAtMs;
    seenKeyAtMs = at;
    if (at <= lostAtMs + LOSS_LASTS_MS) return;
    drop(units);
    given = false;
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
      if (units.length === 0 || cut) {
        if (owned) giveBack(unit.bytes);
        return;
      }
      if (bytes + unit.bytes.length > mostBytes || at - keyAtMs > mostAgeMs) {
        drop(units.slice(1));
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
      drop(units);
      units = [];
      bytes = 0;
    },
    newest() {
      if (units.length === 0) return null;
      given = true;
      return { units: units.slice(), arrivedAtMs, keyAtMs, broken };
    },
    isWhole: () => units.length > 0 && !cut,
    keyframeIntervalMs: () => intervalMs,
  };
}
