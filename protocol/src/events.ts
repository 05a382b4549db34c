/** What an agent says: one schema per event. The union is read at the control plane's door. */
import { z } from 'zod';
import { deviceDetails } from './device.ts';
import { eventEnvelope } from './envelope.ts';
import { bootId, cameraId, commandId, frameId, timelapseId } from './ids.ts';
import { cameraFault, missedReason, notReadyReason } from './outcome.ts';
import { failureCode, instant, pictureType, seq, sha256 } from './primitives.ts';
import { span } from './slots.ts';
import { verdict } from './verdict.ts';

/**
 * What says that a clock is right: the system's time service, the control plane's time in receipts, the user; or what it was
 * set from without anybody saying so: a clock with a battery, nothing.
 */
export const clockSource = z.enum(['ntp', 'server', 'user', 'rtc', 'none']);
export type ClockSource = z.infer<typeof clockSource>;

/** A frame exists in the agent's buffer. Everything that the control plane needs to record it and to grant its upload. */
export const announcement = z.strictObject({
  frameId,
  cameraId,
  /** Wall time of the picture, ms; see `clock` for how far it can be trusted. */
  takenAt: instant,
  bootId,
  /** Monotonic time since boot at the picture, ms. */
  monotonicMs: z.number().min(0),
  clock: z.enum(['synchronised', 'untrusted']),
  clockSource: clockSource.optional(),
  widthPx: z.int().min(1).max(20_000),
  heightPx: z.int().min(1).max(20_000),
  /** The size that the camera delivered, before crop and rotation. */
  sourceWidthPx: z.int().min(1).max(20_000),
  sourceHeightPx: z.int().min(1).max(20_000),
  type: pictureType,
  sizeBytes: z.int().min(1).max(200_000_000),
  sha256,
  /** How old the picture was at its slot, ms (negative: taken after it); null for a manual frame. */
  ageAtSlotMs: z.number().nullable(),
  verdict,
});
export type Announcement = z.infer<typeof announcement>;

const slot = z.strictObject({ timelapseId, dueAt: instant });
export type Slot = z.infer<typeof slot>;

/** One slot has its outcome; with a picture, this is also the frame's announcement. */
const slotSettledBody = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('captured'), slot, frame: announcement }),
  z.strictObject({ outcome: z.literal('flagged'), slot, frame: announcement }),
  z.strictObject({ outcome: z.literal('discarded'), slot, verdict }),
  z.strictObject({
    outcome: z.literal('failed'),
    slot,
    code: cameraFault,
    hint: z.string().max(500),
    tries: z.int().min(0),
  }),
  z.strictObject({ outcome: z.literal('skipped'), slot, reason: notReadyReason, detail: z.string().max(500) }),
]);
export type SlotSettledBody = z.infer<typeof slotSettledBody>;

export const slotSettled = eventEnvelope('slot.settled', slotSettledBody);

/** A picture that was asked for by hand; it belongs to no slot. */
export const frameTaken = eventEnvelope(
  'frame.taken',
  z.strictObject({ commandId: commandId.nullable(), frame: announcement }),
);

/** Slots of a span that nobody took, as a range: both sides know the slots in it. Inclusive at both ends. */
export const slotsMissed = eventEnvelope(
  'slots.missed',
  z.strictObject({
    timelapseId,
    firstDueAt: instant,
    lastDueAt: instant,
    count: z.int().min(1),
    reason: missedReason,
  }),
);

/** The agent has put the frame's bytes where its grant said. Proof comes from the store, not from this event. */
export const frameUploaded = eventEnvelope(
  'frame.uploaded',
  z.strictObject({ frameId, sha256, sizeBytes: z.int().min(1) }),
);

/** Frames that had to leave the buffer before they were delivered. */
export const framesEvicted = eventEnvelope(
  'frames.evicted',
  z.strictObject({
    frameIds: z.array(frameId).min(1).max(500),
    reason: z.enum(['card-full', 'picture-unreadable', 'quarantine-full']),
  }),
);

/**
 * What the agent still holds, to be compared with the records: of the frames that were announced by these numbers (inclusive
 * at both ends) these, and no other.
 */
export const framesHeld = eventEnvelope(
  'frames.held',
  z.strictObject({
    at: instant,
    firstSeq: seq,
    lastSeq: seq,
    frames: z
      .array(z.strictObject({ frameId, sha256, state: z.enum(['waiting', 'uploaded', 'quarantined', 'leaving']) }))
      .max(500),
  }),
);

export const cameraHealthChanged = eventEnvelope(
  'camera.health-changed',
  z.strictObject({
    cameraId,
    health: z.enum(['online', 'degraded', 'offline']),
    consecutiveFailures: z.int().min(0),
    code: cameraFault.nullable(),
    hint: z.string().max(500).nullable(),
    at: instant,
  }),
);

/** A camera's pictures have been bad for long: the first rule that held, and how many of its last pictures were bad. */
export const cameraDegraded = eventEnvelope(
  'camera.degraded',
  z.strictObject({
    cameraId,
    at: instant,
    reason: z.enum(['ten-in-a-row', 'five-in-half-an-hour', 'half-of-the-last-twenty']),
    badPictures: z.int().min(1),
    ofPictures: z.int().min(1),
    /** The camera's settings say that it takes no pictures until it is reset. */
    switchedOff: z.boolean(),
  }),
);

/** No rule holds any more, or somebody said that it is mended. */
export const cameraRecovered = eventEnvelope(
  'camera.recovered',
  z.strictObject({ cameraId, at: instant, by: z.enum(['itself', 'hand']) }),
);

/** Which schedules are in force from now on: spans that were opened, and spans that were closed (then `until` is set). */
export const scheduleApplied = eventEnvelope(
  'schedule.applied',
  z.strictObject({ settingsVersion: z.int().min(0), at: instant, spans: z.array(span).max(500) }),
);

export const deviceReported = eventEnvelope(
  'device.reported',
  z.strictObject({
    at: instant,
    uptimeSeconds: z.number().min(0),
    diskFreeBytes: z.number().min(0),
    diskTotalBytes: z.number().min(0),
    memoryFreeBytes: z.number().min(0),
    memoryTotalBytes: z.number().min(0),
    loadAverage: z.number().min(0),
    temperatureCelsius: z.number().nullable(),
    processMemoryBytes: z.number().min(0),
    backlogFrames: z.int().min(0),
    backlogBytes: z.int().min(0),
    quarantinedFrames: z.int().min(0),
    clock: z.enum(['synchronised', 'untrusted']),
    ffmpegVersion: z.string().max(80).nullable(),
    ...deviceDetails,
  }),
);

/**
 * The agent's clock was set, or found to be right. With `bootedAt`, moments of that boot that could not be trusted are known
 * now: `bootedAt` plus their monotonic time. Of two of one boot, the one with the higher `seq` counts.
 */
export const clockCorrected = eventEnvelope(
  'clock.corrected',
  z.strictObject({
    /** By the clock as it is now. */
    at: instant,
    bootId,
    /** Wall time at the boot's monotonic zero, ms; null: still not known, or not told anew. */
    bootedAt: instant.nullable(),
    /** How far the agent's clock moved ahead (negative: back), ms. */
    offsetMs: z.number(),
    source: clockSource.optional(),
    /** Timelapses that take no picture before `until`, because a wrong clock has settled their slots up to there. */
    waiting: z.array(z.strictObject({ timelapseId, until: instant })).max(500),
  }),
);

export const commandDone = eventEnvelope(
  'command.done',
  z.discriminatedUnion('result', [
    z.strictObject({
      result: z.literal('done'),
      commandId,
      frameId: frameId.nullable(),
      answer: z.record(z.string(), z.unknown()),
    }),
    z.strictObject({ result: z.literal('refused'), commandId, code: failureCode, hint: z.string().max(500) }),
  ]),
);

export const agentEvent = z.discriminatedUnion('type', [
  slotSettled,
  frameTaken,
  slotsMissed,
  frameUploaded,
  framesEvicted,
  framesHeld,
  cameraHealthChanged,
  cameraDegraded,
  cameraRecovered,
  scheduleApplied,
  deviceReported,
  clockCorrected,
  commandDone,
]);
export type AgentEvent = z.infer<typeof agentEvent>;
export type AgentEventType = AgentEvent['type'];
/** What an agent keeps in its outbox: the event without what is new for each copy that is sent. */
export type AgentEventContent = {
  [Type in AgentEventType]: Pick<Extract<AgentEvent, { type: Type }>, 'type' | 'body'>;
}[AgentEventType];

/**
 * The part of an event that must be the same in every copy of it, as one canonical string: hash it to see whether two
 * events with one `seq` are one event.
 */
export function eventContent(event: AgentEventContent): string {
  return canonicalJson({ type: event.type, body: event.body });
}

/** Digests of events are kept: their text must never change. Thousands a second go through it, so it is written for speed. */
function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
    return `[${text}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of inOrder(Object.keys(fields))) {
    const field = fields[name];
    if (field !== undefined) text += `${text === '' ? '' : ','}${quoted(name)}:${canonicalJson(field)}`;
  }
  return `{${text}}`;
}

/** A dozen names that are nearly in order: sorted in their place, by their code units as `sort()` does. */
function inOrder(names: string[]): string[] {
  if (names.length > 50) return names.sort();
  for (let next = 1; next < names.length; next += 1) {
    const name = names[next] as string;
    let at = next;
    for (let before = names[at - 1]; before !== undefined && before > name; before = names[at - 1]) {
      names[at] = before;
      at -= 1;
    }
    names[at] = name;
  }
  return names;
}

/** Names of fields come again with every event; those that agents make up themselves must not fill the memory. */
const MOST_NAMES = 1000;
const names = new Map<string, string>();

function quoted(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const text = JSON.stringify(name);
  if (names.size < MOST_NAMES) names.set(name, text);
  return text;
}
