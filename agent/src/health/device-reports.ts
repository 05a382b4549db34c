import type { AgentEventContent } from '@slowlight/protocol';
import { type Clock, noPulse, type Pulse, runLoop } from '@slowlight/protocol/kit';
import type { Log, Moment } from '../frame.ts';
import { type Device, ffmpegVersion } from './device.ts';
import type { DeviceDetails } from './device-details.ts';

export interface DeviceReportsDeps {
  clock: Clock;
  log: Log;
  device: Pick<Device, 'condition' | 'memory'>;
  clockState(): Moment['clock'];
  uptimeMs(): number;
  backlog(): {
    frames: number;
    bytes: number;
    quarantined: number;
    heldBack?: Extract<AgentEventContent, { type: 'device.reported' }>['body']['heldBack'];
  };
  /** Whether a report still waits for its receipt: then no other is made, so that a month alone does not pile them up. */
  stillTelling(type: 'device.reported'): boolean;
  tell(event: AgentEventContent): unknown;
  /** Told of the loop's turns. */
  pulse?: Pulse;
  /** What else can be told. */
  details(signal: AbortSignal): Promise<DeviceDetails>;
}

/** Tells how the device does, every `everyMs`, as long as somebody takes the reports. */
export function createDeviceReports(deps: DeviceReportsDeps, options: { everyMs: number; ffmpeg: string }) {
  const { clock, log } = deps;
  return async (signal: AbortSignal): Promise<void> => {
    let ffmpeg: string | null = null;
    const beat = (deps.pulse ?? noPulse).begin('device reports');
    const report = async (): Promise<number> => {
      beat.turn(options.everyMs);
      ffmpeg ??= await ffmpegVersion(options.ffmpeg, clock, signal);
      if (signal.aborted || deps.stillTelling('device.reported')) return options.everyMs;
      const details = await deps.details(signal);
      if (signal.aborted) return options.everyMs;
      const backlog = deps.backlog();
      deps.tell({
        type: 'device.reported',
        body: {
          at: clock.now(),
          uptimeSeconds: Math.max(0, deps.uptimeMs() / 1000),
          ...(await deps.device.condition()),
          ...deps.device.memory(),
          backlogFrames: backlog.frames,
          backlogBytes: backlog.bytes,
          quarantinedFrames: backlog.quarantined,
          heldBack: backlog.heldBack,
          clock: deps.clockState(),
          ffmpegVersion: ffmpeg,
          ...details,
        },
      });
      return options.everyMs;
    };
    await runLoop(
      report,
      {
        clock,
        onFailure: (failure, waitMs) =>
          log.warn({ code: failure.code, waitMs }, `the device could not be described: ${failure.message}`),
      },
      signal,
    );
  };
}
