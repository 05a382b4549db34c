/** An agent's side of the records: makes the events that an agent would send, each with the next seq. */
import { createHash } from 'node:crypto';
import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import {
  type AgentEvent,
  type AgentId,
  type Announcement,
  agentEvent,
  type CameraId,
  type FrameId,
  frameIdOf,
  type SlotSettledBody,
  type Span,
  type SpanId,
  type TimelapseId,
} from '@slowlight/protocol';

const SESSION = 'ses-0000000000000000';

export interface Edge {
  /** The next event; its content is checked against the language. */
  say(type: AgentEvent['type'], body: unknown): IncomingEvent;
  captured(timelapse: TimelapseId, camera: CameraId, dueAt: number, change?: Partial<Announcement>): IncomingEvent;
  flagged(timelapse: TimelapseId, camera: CameraId, dueAt: number): IncomingEvent;
  settled(timelapse: TimelapseId, dueAt: number, outcome: 'discarded' | 'failed' | 'skipped'): IncomingEvent;
  missed(timelapse: TimelapseId, firstDueAt: number, lastDueAt: number, count: number): IncomingEvent;
  taken(camera: CameraId, takenAt: number, commandId?: string): IncomingEvent;
  uploaded(frame: FrameId): IncomingEvent;
  applied(spans: readonly Span[], settingsVersion?: number): IncomingEvent;
  readonly seq: number;
}

/** @param receivedAt when the control plane hears of all of it, ms */
export function createEdge(agentId: AgentId, receivedAt: number): Edge {
  let seq = 0;
  const heard = (type: AgentEvent['type'], body: unknown, own: number): IncomingEvent => ({
    agentId,
    receivedAt,
    event: agentEvent.parse({ v: 1, seq: own, session: SESSION, sentAt: receivedAt, type, body }),
  });
  const say = (type: AgentEvent['type'], body: unknown) => {
    seq += 1;
    return heard(type, body, seq);
  };
  const announce = (cameraId: CameraId, takenAt: number, change: Partial<Announcement> = {}): Announcement => ({
    frameId: frameIdOf(agentId, seq + 1),
    cameraId,
    takenAt,
    bootId: 'boot-0001' as Announcement['bootId'],
    monotonicMs: 1234.5,
    clock: 'synchronised',
    widthPx: 640,
    heightPx: 360,
    sourceWidthPx: 1280,
    sourceHeightPx: 720,
    type: 'image/jpeg',
    sizeBytes: 1000 + seq,
    sha256: createHash('sha256')
      .update(`picture ${seq + 1}`)
      .digest('hex'),
    ageAtSlotMs: 12.25,
    verdict: { score: 96, faults: [], measures: { luma: 101.5 }, judge: 'fast-1' },
    ...change,
  });
  return {
    say,
    captured: (timelapseId, camera, dueAt, change) =>
      say('slot.settled', {
        outcome: 'captured',
        slot: { timelapseId, dueAt },
        frame: announce(camera, dueAt + 40, change),
      }),
    flagged: (timelapseId, camera, dueAt) =>
      say('slot.settled', {
        outcome: 'flagged',
        slot: { timelapseId, dueAt },
        frame: announce(camera, dueAt + 40, {
          verdict: { score: 20, faults: ['black'], measures: { luma: 1 }, judge: 'fast-1' },
        }),
      }),
    settled: (timelapseId, dueAt, outcome) => say('slot.settled', bodyOf(timelapseId, dueAt, outcome)),
    missed: (timelapseId, firstDueAt, lastDueAt, count) =>
      say('slots.missed', { timelapseId, firstDueAt, lastDueAt, count, reason: 'agent-down' }),
    taken: (camera, takenAt, commandId) =>
      say('frame.taken', { commandId: commandId ?? null, frame: announce(camera, takenAt, { ageAtSlotMs: null }) }),
    uploaded: (frameId) =>
      say('frame.uploaded', { frameId, sha256: createHash('sha256').update(frameId).digest('hex'), sizeBytes: 1 }),
    applied: (spans, settingsVersion = 1) => say('schedule.applied', { settingsVersion, at: receivedAt, spans }),
    get seq() {
      return seq;
    },
  };
}

function bodyOf(timelapseId: TimelapseId, dueAt: number, outcome: 'discarded' | 'failed' | 'skipped'): SlotSettledBody {
  const slot = { timelapseId, dueAt };
  if (outcome === 'failed')
    return { outcome, slot, code: 'unreachable', hint: 'Look whether the camera has power.', tries: 3 };
  if (outcome === 'skipped') return { outcome, slot, reason: 'camera-offline', detail: 'offline since noon' };
  return { outcome, slot, verdict: { score: 3, faults: ['black'], measures: {}, judge: 'fast-1' } };
}

/** A span of one slot every `everySeconds`, in UTC unless said otherwise. */
export function spanOf(
  timelapseId: TimelapseId,
  number: number,
  { from, until = null, everySeconds = 60, timeZone = 'UTC', firstAtOnce = false }: SpanShape,
): Span {
  return {
    id: `spn-${String(number).padStart(16, '0')}` as SpanId,
    timelapseId,
    schedule: { rhythm: { kind: 'interval', everyMs: everySeconds * 1000 }, timeZone, startsAt: null, endsAt: null },
    from,
    until,
    firstAtOnce,
  };
}
interface SpanShape {
  from: number;
  until?: number | null;
  everySeconds?: number;
  timeZone?: string;
  firstAtOnce?: boolean;
}

/** The frame that an event announces. */
export function frameOf({ event }: IncomingEvent): FrameId {
  if (event.type === 'frame.taken') return event.body.frame.frameId;
  if (event.type === 'slot.settled' && 'frame' in event.body) return event.body.frame.frameId;
  throw new Error(`${event.type} announces no frame`);
}
