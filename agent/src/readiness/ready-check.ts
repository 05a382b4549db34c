import type { AgentSettings, CameraId, Slot, TimelapseId } from '@slowlight/protocol';
import type { Readiness } from '../frame.ts';
import { checkReadiness, type ReadinessFacts } from './readiness.ts';

export interface ReadyCheckDeps {
  now(): number;
  settings(): AgentSettings | null;
  cursor(timelapse: TimelapseId): number | null;
  cameraCondition(camera: CameraId): ReadinessFacts['camera'];
  disk(): Promise<{ diskFreeBytes: number; floorBytes: number; temperatureCelsius: number | null }>;
  /** Gives up undelivered frames worth so many bytes; how many bytes could be spared. */
  makeRoom(bytes: number): Promise<number>;
  clockState(): 'synchronised' | 'untrusted';
  uptimeMs(): number;
}

/**
 * Gathers the facts once and asks the one function that decides. A card that is too full is made room on first.
 * Rejects when a fact cannot be had.
 */
export function createReadyCheck(deps: ReadyCheckDeps, limits: { tooHotCelsius: number; clockHoldMs: number }) {
  return async (
    asked: { kind: 'slot'; slot: Slot } | { kind: 'by-hand'; cameraId: CameraId; force?: boolean | undefined },
  ): Promise<Readiness> => {
    const settings = deps.settings();
    const cameraId =
      asked.kind === 'by-hand'
        ? asked.cameraId
        : settings?.timelapses.find((one) => one.id === asked.slot.timelapseId)?.cameraId;
    let disk = await deps.disk();
    if (disk.diskFreeBytes < disk.floorBytes && (await deps.makeRoom(disk.floorBytes - disk.diskFreeBytes)) > 0)
      disk = await deps.disk();
    return checkReadiness({
      settings,
      asked,
      now: deps.now(),
      settledUpTo: asked.kind === 'slot' ? deps.cursor(asked.slot.timelapseId) : null,
      camera:
        cameraId === undefined
          ? { health: 'online', consecutiveFailures: 0, lastTriedDueAt: null }
          : deps.cameraCondition(cameraId),
      device: {
        diskFreeBytes: disk.diskFreeBytes,
        diskFloorBytes: disk.floorBytes,
        temperatureCelsius: disk.temperatureCelsius,
        tooHotCelsius: limits.tooHotCelsius,
        clock: deps.clockState(),
        uptimeMs: deps.uptimeMs(),
        clockHoldMs: limits.clockHoldMs,
      },
    });
  };
}
