/** The page's chapter on taking pictures: from the question whether a slot is ready to the commit in the buffer. */
import type { AgentSettings, CameraSettings } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { AgentConfig } from './config.ts';
import type { Capture, JudgePicture, Log, ShapePicture } from './frame.ts';
import type { CameraHealth } from './health/camera-health.ts';
import { type Device, diskFloorBytes } from './health/device.ts';
import type { DeviceClock } from './health/device-clock.ts';
import { createReadyCheck } from './readiness/ready-check.ts';
import { type Asked, type Taken, takePicture } from './take-picture.ts';

export interface TakingParts {
  clock: Clock;
  log: Log;
  config: AgentConfig;
  buffer: FrameBuffer;
  capture: Capture;
  shape: ShapePicture;
  judge: JudgePicture;
  cameraHealth: CameraHealth;
  device: Device;
  deviceClock: DeviceClock;
  settings(): AgentSettings | null;
  /** There is something new to deliver. */
  wakeDelivery(): void;
}

export function wireTaking(parts: TakingParts) {
  const { clock, log, config, buffer, device, deviceClock, cameraHealth, settings, wakeDelivery } = parts;
  const cameraOf = (asked: Asked): CameraSettings | null => {
    const id =
      asked.kind === 'by-hand'
        ? asked.cameraId
        : settings()?.timelapses.find((one) => one.id === asked.slot.timelapseId)?.cameraId;
    return settings()?.cameras.find((one) => one.id === id) ?? null;
  };
  const checkReady = createReadyCheck(
    {
      now: clock.now,
      settings,
      cursor: buffer.cursor,
      cameraCondition: cameraHealth.of,
      clockState: deviceClock.state,
      uptimeMs: deviceClock.uptimeMs,
      async disk() {
        const condition = await device.condition();
        return { ...condition, floorBytes: diskFloorBytes(condition.diskTotalBytes, config.keepFree) };
      },
      async makeRoom(bytes) {
        const spared = buffer.thinBacklog(bytes);
        if (spared.length === 0) return 0;
        log.error({ frames: spared.length }, 'the card is full: a part of the backlog was given up and reported');
        while ((await buffer.clean()) > 0);
        device.lookAgain();
        wakeDelivery();
        return spared.length;
      },
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
          checkReady,
          cameraOf,
          capture: parts.capture,
          shape: parts.shape,
          judge: parts.judge,
          noteCamera: cameraHealth.note,
          store: buffer.commitFrame,
          settle: buffer.settle,
        },
        { asked, deadlineAt },
        until,
      ).finally(wakeDelivery),
  };
}
