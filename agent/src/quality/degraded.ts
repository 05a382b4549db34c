/**
 * Knows which cameras have been giving bad pictures for long.
 * Promise: entering and leaving is told once each; it leaves by itself when no rule holds any more, or by hand, then nothing
 * of the past counts. A camera whose settings say so is switched off meanwhile; no pictures come then, so only a hand (or
 * another setting) brings it back. What was counted outlasts a restart (keepsake.ts); a picture or two may be missing.
 */
import type { AgentEventContent, CameraId, CameraSettings } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { Log } from '../frame.ts';
import { type Keepsake, NO_KEEPSAKE } from './keepsake.ts';

const IN_A_ROW = 10;
const OFTEN = 5;
const OFTEN_WITHIN_MS = 30 * 60_000;
const LAST = 20;

export type DegradedReason = 'ten-in-a-row' | 'five-in-half-an-hour' | 'half-of-the-last-twenty';

export interface Past {
  /** The last 20 pictures, oldest first: bad or not. */
  last: boolean[];
  badInARow: number;
  /** When the last five bad ones were, wall time in ms, oldest first. */
  lastBadAt: number[];
}
export const NO_PAST: Past = { last: [], badInARow: 0, lastBadAt: [] };

/** What is kept of one camera. */
export const degradedPast = z.object({
  last: z.array(z.boolean()).max(LAST),
  badInARow: z.int().min(0),
  lastBadAt: z.array(z.number()).max(OFTEN),
  degraded: z.boolean(),
});
type Kept = z.infer<typeof degradedPast>;

/** The past with one more picture. Pure. */
export function withPicture(past: Past, bad: boolean, at: number): Past {
  return {
    last: [...past.last, bad].slice(-LAST),
    badInARow: bad ? past.badInARow + 1 : 0,
    lastBadAt: bad ? [...past.lastBadAt, at].slice(-OFTEN) : past.lastBadAt,
  };
}

/** Which rule holds, the first that does; null: none. Pure. */
export function degradedBy({ last, badInARow, lastBadAt }: Past, now: number): DegradedReason | null {
  if (badInARow >= IN_A_ROW) return 'ten-in-a-row';
  const first = lastBadAt[0];
  // A clock that was set back makes the past lie ahead: that is no half hour.
  if (lastBadAt.length === OFTEN && first !== undefined && Math.abs(now - first) <= OFTEN_WITHIN_MS)
    return 'five-in-half-an-hour';
  if (last.length === LAST && last.filter(Boolean).length > LAST / 2) return 'half-of-the-last-twenty';
  return null;
}

export function createDegradedWatch({
  clock,
  log,
  tell,
  keepsake = NO_KEEPSAKE,
}: {
  clock: Clock;
  log: Log;
  tell(event: AgentEventContent): unknown;
  keepsake?: Keepsake<Kept>;
}) {
  const cameras = new Map<CameraId, Kept>();

  function of(camera: CameraId): Kept {
    const known = cameras.get(camera) ?? keepsake.read(camera) ?? { ...NO_PAST, degraded: false };
    cameras.set(camera, known);
    return known;
  }

  function leave(cameraId: CameraId, by: 'itself' | 'hand'): void {
    tell({ type: 'camera.recovered', body: { cameraId, at: clock.now(), by } });
    log.info({ camera: cameraId, by }, 'the camera’s pictures are good again, or said to be');
  }

  return {
    /** Counts one picture. */
    note(camera: Pick<CameraSettings, 'id' | 'judging'>, bad: boolean): void {
      const now = clock.now();
      const before = of(camera.id);
      const past = withPicture(before, bad, now);
      const reason = degradedBy(past, now);
      // With fewer than twenty pictures it does not leave at the first good one, to come back a little later.
      const degraded = reason !== null || (before.degraded && past.last.filter(Boolean).length > past.last.length / 2);
      const kept = { ...past, degraded };
      cameras.set(camera.id, kept);
      // A bad picture counts for much, and there are few.
      keepsake.keep(camera.id, () => kept, bad || degraded !== before.degraded);
      if (reason !== null && !before.degraded) {
        const switchedOff = camera.judging.whenDegraded === 'switch-off';
        const badPictures = past.last.filter(Boolean).length;
        tell({
          type: 'camera.degraded',
          body: { cameraId: camera.id, at: now, reason, badPictures, ofPictures: past.last.length, switchedOff },
        });
        log.warn(
          { camera: camera.id, reason, switchedOff },
          'the camera gives bad pictures: look at its faults, clean or mend it',
        );
      }
      if (!degraded && before.degraded) leave(camera.id, 'itself');
    },
    isSwitchedOff: ({ id, judging }: Pick<CameraSettings, 'id' | 'judging'>): boolean =>
      judging.whenDegraded === 'switch-off' && of(id).degraded,
    /** Begins anew for this camera. @returns whether it was degraded */
    reset(camera: CameraId): boolean {
      const { degraded } = of(camera);
      const anew = { ...NO_PAST, degraded: false };
      cameras.set(camera, anew);
      keepsake.keep(camera, () => anew, true);
      if (degraded) leave(camera, 'hand');
      return degraded;
    },
    /** Forgets cameras that the settings do not hold any more. */
    keepOnly(ids: readonly CameraId[]): void {
      for (const id of cameras.keys()) if (!ids.includes(id)) cameras.delete(id);
    },
  };
}
export type DegradedWatch = ReturnType<typeof createDegradedWatch>;
