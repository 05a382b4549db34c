/** The page's chapter on health: what the device reports, and who is told when the agent itself does not do well. */
import type { AgentEventContent, AgentSettings } from '@slowlight/protocol';
import type { Clock, Pulse } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { CaptureRoom } from './capture/capture.ts';
import type { AgentConfig } from './config.ts';
import type { Log } from './frame.ts';
import type { CameraHealth } from './health/camera-health.ts';
import type { Device } from './health/device.ts';
import type { DeviceClock } from './health/device-clock.ts';
import { createDeviceDetails } from './health/device-details.ts';
import { createDeviceReports, type DeviceReportsDeps } from './health/device-reports.ts';
import { watchEventLoop } from './health/event-loop.ts';
import { createMemoryCeiling } from './health/memory-ceiling.ts';
import { readNetwork } from './health/network.ts';
import { createRunningFile, type RunningFileDeps } from './health/running-file.ts';
import { createServiceWatch } from './health/systemd-watch.ts';
import { createThrottling } from './health/throttling.ts';

export interface HealthParts {
  clock: Clock;
  log: Log;
  config: AgentConfig;
  folder: string;
  buffer: FrameBuffer;
  capture: CaptureRoom;
  cameraHealth: CameraHealth;
  device: Device;
  deviceClock: DeviceClock;
  pulse: Pulse;
  settings(): AgentSettings | null;
  backlog: DeviceReportsDeps['backlog'];
  logLevel(): string;
  state: RunningFileDeps['state'];
  tell(event: AgentEventContent): unknown;
  restart(): void;
}

export function wireHealth(parts: HealthParts) {
  const { clock, log, config, folder, buffer, device, deviceClock, pulse } = parts;
  const eventLoop = watchEventLoop();
  const details = createDeviceDetails({
    cameras: () => parts.settings()?.cameras ?? [],
    cameraHealth: parts.cameraHealth,
    capture: parts.capture,
    clock: deviceClock.about,
    eventLoop,
    throttling: createThrottling(clock),
    network: readNetwork,
    logLevel: parts.logLevel,
  });
  const reports = createDeviceReports(
    {
      clock,
      log,
      device,
      clockState: deviceClock.state,
      uptimeMs: deviceClock.uptimeMs,
      backlog: parts.backlog,
      stillTelling: buffer.stillTelling,
      tell: parts.tell,
      details,
      pulse,
    },
    { everyMs: config.reportEveryMs, ffmpeg: config.ffmpeg },
  );
  const runningFile = createRunningFile({ clock, log, folder, state: parts.state });
  const ceiling = createMemoryCeiling(
    { clock, log, residentBytes: () => process.memoryUsage.rss(), restart: parts.restart },
    config.memoryLimitBytes,
  );
  const { service } = config;
  const serviceWatch = service === null ? [] : [createServiceWatch({ clock, log, stuck: pulse.stuck }, service)];
  return {
    loops: [reports, runningFile.run, ceiling, ...serviceWatch],
    /** How the line stands has changed. */
    onLine: runningFile.changed,
    close: eventLoop.close,
  };
}
