/** What a device report says beyond disk, memory and backlog. What cannot be had is left out, and never costs the report. */
import type { AgentEventContent, CameraReport, CameraSettings } from '@slowlight/protocol';
import type { CameraHealth } from './camera-health.ts';
import type { EventLoopWatch } from './event-loop.ts';
import type { Throttling } from './throttling.ts';

type Report = Extract<AgentEventContent, { type: 'device.reported' }>['body'];
export type DeviceDetails = Pick<
  Report,
  'throttling' | 'network' | 'clockSource' | 'clockOffsetMs' | 'eventLoopDelayMs' | 'cameras' | 'logLevel'
>;

export interface DeviceDetailsDeps {
  cameras(): readonly CameraSettings[];
  cameraHealth: Pick<CameraHealth, 'of'>;
  capture: { leadMs(camera: CameraSettings): number; modeOf(camera: CameraSettings): 'warm' | 'cold' };
  clock(): { source: string; offsetMs: number | null };
  eventLoop: Pick<EventLoopWatch, 'take'>;
  throttling(signal: AbortSignal): Promise<Throttling | null>;
  network(): Promise<NonNullable<DeviceDetails['network']>>;
  logLevel(): string;
}

const MOST_CAMERAS = 200;

export function createDeviceDetails(deps: DeviceDetailsDeps) {
  return async (signal: AbortSignal): Promise<DeviceDetails> => {
    const [throttling, network] = await Promise.all([
      deps.throttling(signal).catch(() => null),
      deps.network().catch(() => []),
    ]);
    const { source, offsetMs } = deps.clock();
    const eventLoopDelayMs = deps.eventLoop.take();
    return {
      ...(throttling !== null && { throttling }),
      ...(network.length > 0 && { network }),
      clockSource: source,
      ...(offsetMs !== null && { clockOffsetMs: offsetMs }),
      ...(eventLoopDelayMs !== null && { eventLoopDelayMs }),
      cameras: deps
        .cameras()
        .slice(0, MOST_CAMERAS)
        .map((camera) => reportOf(camera, deps)),
      logLevel: deps.logLevel(),
    };
  };
}

/** One camera, as it has been since the agent started. */
export function reportOf(
  camera: CameraSettings,
  deps: Pick<DeviceDetailsDeps, 'cameraHealth' | 'capture'>,
): CameraReport {
  const { health, consecutiveFailures, lastCode, lastPictureAt, lastCaptureMs } = deps.cameraHealth.of(camera.id);
  return {
    cameraId: camera.id,
    health,
    consecutiveFailures,
    ...(lastCode !== null && { code: lastCode }),
    ...(camera.enabled && camera.source.kind !== 'test' && { mode: deps.capture.modeOf(camera) }),
    ...(lastPictureAt !== null && { lastPictureAt }),
    ...(camera.enabled && { leadMs: Math.max(0, Math.round(deps.capture.leadMs(camera))) }),
    ...(lastCaptureMs !== null && { captureMs: Math.max(0, Math.round(lastCaptureMs)) }),
  };
}
