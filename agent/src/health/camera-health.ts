/**
 * How each camera does, counted from its own pictures alone: no camera waits for another.
 * Promise: a change is told once, with the reason; one success is online again. Kept in memory: after a start a camera counts
 * as online until it has failed, and its first result is told.
 */
import type { AgentEventContent, CameraFault, CameraId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Log, Picture } from '../frame.ts';

export type CameraState = 'online' | 'degraded' | 'offline';
export interface CameraCondition {
  health: CameraState;
  consecutiveFailures: number;
  /** The slot at which it was last tried, wall time in ms; null: none yet. */
  lastTriedDueAt: number | null;
  /** Why it failed last; null while it does not. */
  lastCode: CameraFault | null;
  /** Wall time of its last picture, ms; null: none since the agent started. */
  lastPictureAt: number | null;
  /** From the last slot to its picture in hand, ms; null: none yet. */
  lastCaptureMs: number | null;
}
export type CameraResult =
  | { kind: 'picture'; picture: Pick<Picture, 'taken'> }
  | { kind: 'failed'; code: CameraFault; hint: string };

/** 0 failures in a row: online; 1 to 4: degraded; 5 and more: offline. */
export function stateAfter(consecutiveFailures: number): CameraState {
  if (consecutiveFailures === 0) return 'online';
  return consecutiveFailures < 5 ? 'degraded' : 'offline';
}

export function createCameraHealth(deps: { clock: Clock; log: Log; tell: (event: AgentEventContent) => unknown }) {
  const cameras = new Map<CameraId, CameraCondition>();
  const unknown: CameraCondition = {
    health: 'online',
    consecutiveFailures: 0,
    lastTriedDueAt: null,
    lastCode: null,
    lastPictureAt: null,
    lastCaptureMs: null,
  };

  return {
    of: (camera: CameraId): CameraCondition => cameras.get(camera) ?? unknown,
    /** @param dueAt the slot that was tried; null for a picture by hand */
    note(camera: CameraId, result: CameraResult, dueAt: number | null): void {
      const before = cameras.get(camera);
      const failures = result.kind === 'picture' ? 0 : (before?.consecutiveFailures ?? 0) + 1;
      const health = stateAfter(failures);
      cameras.set(camera, {
        health,
        consecutiveFailures: failures,
        lastTriedDueAt: dueAt ?? before?.lastTriedDueAt ?? null,
        lastCode: result.kind === 'failed' ? result.code : null,
        lastPictureAt: result.kind === 'picture' ? result.picture.taken.wall : (before?.lastPictureAt ?? null),
        lastCaptureMs:
          result.kind === 'picture' && dueAt !== null ? deps.clock.now() - dueAt : (before?.lastCaptureMs ?? null),
      });
      if (before?.health === health) return;
      const failed = result.kind === 'failed' ? result : null;
      deps.tell({
        type: 'camera.health-changed',
        body: {
          cameraId: camera,
          health,
          consecutiveFailures: failures,
          code: failed?.code ?? null,
          hint: failed?.hint.slice(0, 500) ?? null,
          at: deps.clock.now(),
        },
      });
      if (failed === null) deps.log.info({ camera }, 'the camera is online');
      else deps.log.warn({ camera, code: failed.code, failures }, `the camera is ${health}: ${failed.hint}`);
    },
    /** Forgets cameras that the settings do not hold any more. */
    keepOnly(ids: readonly CameraId[]): void {
      for (const id of cameras.keys()) if (!ids.includes(id)) cameras.delete(id);
    },
  };
}
export type CameraHealth = ReturnType<typeof createCameraHealth>;
