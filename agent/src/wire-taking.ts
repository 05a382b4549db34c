/** The page's chapter on taking pictures: from the question whether a slot is ready to the commit in the buffer. */
import type { AgentSettings, CameraSettings } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { AgentConfig } from './config.ts';
import type { Capture, JudgePicture, Log, ShapePicture } from './frame.ts';
import type { CameraHealth } from './health/camera-health.ts';
import { type Device, diskFloorBytes } from './health/device.ts';
import type { DeviceClock } from './health/device-clock.ts';
import { createMakeRoom, freeWithinQuota } from './make-room.ts';
import type { DegradedWatch } from './quality/degraded.ts';
import type { FrozenCheck } from './quality/frozen.ts';
import type { ViewCheck } from './quality/view-moved.ts';
import { createReadyCheck } from './readiness/ready-check.ts';
import { type Asked, type Taken, takePicture } from './take-picture.ts';

const SWITCHED_OFF = {
  kind: 'not-ready',
  reason: 'camera-disabled',
  detail: 'its pictures were bad for long, and its settings switch it off then: mend it and reset it',
  nextDueAt: null,
} as const;

export interface TakingParts {
  clock: Clock;
  log: Log;
  config: AgentConfig;
  buffer: FrameBuffer;
  capture: Capture;
  shape: ShapePicture;
  judge: JudgePicture;
  frozen: FrozenCheck;
  view: ViewCheck;
  degraded: DegradedWatch;
  cameraHealth: CameraHealth;
  device: Device;
  deviceClock: DeviceClock;
  settings(): AgentSettings | null;
  /** There is something new to deliver. */
  wakeDelivery(): void;
}

export function wireTaking(parts: TakingParts) {
  const {
    clock,
    log,
    config,
    buffer,
    device,
    deviceClock,
    cameraHealth,
    frozen,
    view,
    degraded,
    settings,
    wakeDelivery,
  } = parts;
  const cameraOf = (asked: Asked): CameraSettings | null => {
    const id =
      asked.kind === 'by-hand'
        ? asked.cameraId
        : settings()?.timelapses.find((one) => one.id === asked.slot.timelapseId)?.cameraId;
    return settings()?.cameras.find((one) => one.id === id) ?? null;
  };
  const disk = async () => {
    const condition = await device.condition();
    const floorBytes = diskFloorBytes(condition.diskTotalBytes, config.keepFree);
    const held = { heldBytes: buffer.heldBytes(), mostBytes: config.mostBytes };
    return { ...condition, floorBytes, diskFreeBytes: freeWithinQuota({ ...condition, floorBytes }, held) };
  };
  const checkReady = createReadyCheck(
    {
      now: clock.now,
      settings,
      cursor: buffer.cursor,
      cameraCondition: cameraHealth.of,
      clockState: deviceClock.state,
      uptimeMs: deviceClock.uptimeMs,
      disk,
      makeRoom: createMakeRoom({ log, buffer, disk, lookAgain: device.lookAgain, onEvicted: wakeDelivery }),
    },
    { tooHotCelsius: config.tooHotCelsius, clockHoldMs: config.clockHoldMs },
  );
  return {
    cameraOf,
    take: (asked: Asked, deadlineAt: number, until: AbortSignal): Promise<Taken> =>
      takePicture(
        {
          clock,
          log,
          checkReady(asked) {
            const camera = asked.kind === 'slot' ? cameraOf(asked) : null;
            return camera !== null && degraded.isSwitchedOff(camera)
              ? Promise.resolve(SWITCHED_OFF)
              : checkReady(asked);
          },
          cameraOf,
          capture: parts.capture,
          shape: parts.shape,
          judge: parts.judge,
          overTime: (camera, picture, verdict) =>
            camera.source.kind === 'test'
              ? verdict
              : view.look(camera.id, picture, frozen.look(camera.id, { ...picture, at: picture.taken.wall }, verdict)),
          noteVerdict: degraded.note,
          noteCamera: cameraHealth.note,
          store: buffer.commitFrame,
          settle: buffer.settle,
        },
        { asked, deadlineAt },
        until,
      ).finally(wakeDelivery),
  };
}
