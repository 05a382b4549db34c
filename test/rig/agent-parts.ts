/** Small real things that tests of the agent are made of. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type FrameBuffer, openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import type { Log, Moment, NewFrame } from '@slowlight/agent/src/frame.ts';
import {
  type AgentId,
  type AgentSettings,
  agentSettings,
  type CameraId,
  newAgentId,
  newCameraId,
  newSiteId,
  newSpanId,
  newTimelapseId,
  type Schedule,
  type Span,
  schedule,
  type TimelapseId,
} from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';

export interface HeardLog extends Log {
  lines: { level: string; message: string; fields: object }[];
}

/** A log that can be read back. */
export function createHeardLog(): HeardLog {
  const lines: HeardLog['lines'] = [];
  const say = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/** A buffer in `folder` that closes with the test; closing it earlier by hand is fine. */
export async function openTestBuffer(
  folder: string,
  {
    clock = systemClock,
    agentId = newAgentId(),
    log = createHeardLog(),
    quarantineAfter = 3,
    mostQuarantined = { frames: 1000, bytes: 1e9 },
  } = {},
): Promise<FrameBuffer & { agentId: AgentId; log: HeardLog }> {
  const options = { folder: path.join(folder, 'data'), agentId, quarantineAfter, mostQuarantined };
  const opened = await openBuffer({ clock, log }, options);
  let open = true;
  const close = () => {
    if (open) opened.close();
    open = false;
  };
  onTestFinished(close);
  return { ...opened, close, agentId, log };
}

export const everyMs = (ms: number, more: Partial<Schedule> = {}): Schedule =>
  schedule.parse({ rhythm: { kind: 'interval', everyMs: ms }, timeZone: 'UTC', ...more });
export const cron = (expression: string, timeZone = 'UTC'): Schedule =>
  schedule.parse({ rhythm: { kind: 'cron', expression }, timeZone });

export const makeSpan = (more: Partial<Span> = {}): Span => ({
  id: newSpanId(),
  timelapseId: newTimelapseId(),
  schedule: everyMs(60_000),
  from: Date.UTC(2026, 5, 1, 12),
  until: null,
  firstAtOnce: false,
  ...more,
});

/** Begins a timelapse in a buffer: a span from `from` on. */
export function beginTimelapse(buffer: FrameBuffer, from = 0, of: Schedule = everyMs(1000)): TimelapseId {
  const opened = makeSpan({ from, schedule: of });
  buffer.applySpans({ settingsVersion: 1, at: from, closed: [], opened: [opened] });
  return opened.timelapseId;
}

export function momentAt(wall: number, clock: Moment['clock'] = 'synchronised'): Moment {
  return { wall, bootId: 'boot-of-the-test' as Moment['bootId'], monotonicMs: 1000, clock };
}

export function makeFrame(more: Partial<NewFrame> & { sizeBytes?: number } = {}): NewFrame {
  const { sizeBytes = 2000, ...frame } = more;
  return {
    camera: newCameraId(),
    slot: null,
    flagged: false,
    shaped: { bytes: randomBytes(sizeBytes), type: 'image/jpeg', widthPx: 64, heightPx: 48 },
    taken: momentAt(Date.UTC(2026, 5, 1, 12)),
    sourceWidthPx: 64,
    sourceHeightPx: 48,
    ageAtSlotMs: 12,
    verdict: { score: 100, faults: [], measures: { mean: 120 }, judge: 'fast-1' },
    ...frame,
  };
}

export interface SettingsParts {
  agentId: AgentId;
  version?: number;
  cameraId?: CameraId;
  timelapseId?: TimelapseId;
  schedule?: Schedule;
  state?: 'running' | 'paused' | 'completed';
  firstAtOnce?: boolean;
  enabled?: boolean;
  badFrames?: 'flag' | 'discard';
}

/** Settings with one camera (the test source) and one timelapse. */
export function makeSettings(parts: SettingsParts): AgentSettings {
  const { agentId, version = 1, cameraId = newCameraId(), timelapseId = newTimelapseId() } = parts;
  return agentSettings.parse({
    v: 1,
    type: 'settings',
    agentId,
    version,
    siteId: newSiteId(),
    siteName: 'Meadow',
    timeZone: 'UTC',
    cameras: [
      {
        id: cameraId,
        name: 'Oak',
        enabled: parts.enabled ?? true,
        source: { kind: 'test', widthPx: 64, heightPx: 48 },
        credentials: null,
        shape: { crop: null, rotateDegrees: 0, aspect: null },
        quality: 90,
        judging: { threshold: 70, badFrames: parts.badFrames ?? 'flag' },
      },
    ],
    timelapses: [
      {
        id: timelapseId,
        cameraId,
        name: 'The oak',
        state: parts.state ?? 'running',
        schedule: parts.schedule ?? everyMs(1000),
        firstAtOnce: parts.firstAtOnce ?? false,
      },
    ],
  });
}

export type { Clock };
