/** The shapes of the REST API: what the control plane answers and what it takes. Both it and the dashboard read them here. */
import { z } from 'zod';
import { cloneSuspicion } from './api-enrolment.ts';
import { cameraSettings, cameraSource, shape } from './camera.ts';
import { deliverySettings } from './delivery.ts';
import { deviceDetails } from './device.ts';
import { clockSource } from './events.ts';
import { agentState, cameraHealth, timelapseState } from './feed.ts';
import { agentId, cameraId, frameId, siteId, timelapseId } from './ids.ts';
import { displayName, instant, timeZone } from './primitives.ts';
import { schedule, scheduleInput } from './schedule.ts';
import { fault } from './verdict.ts';
import { weatherFacts, weatherReading } from './weather.ts';

/** A page of a list. `next` is the key to ask for the following page with; null at the end. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** RFC 9457. `code` is stable for programs, `hint` says what to do, `fields` names each wrong input. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  hint: z.string().nullable(),
  fields: z.array(z.object({ path: z.string(), problem: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;

export const siteView = z.object({
  id: siteId,
  name: displayName,
  timeZone,
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  /** The newest that is known; null: none is. */
  weather: weatherReading.nullable(),
  createdAt: instant,
});
export type SiteView = z.infer<typeof siteView>;
export const siteInput = z.strictObject({
  name: displayName,
  timeZone,
  latitude: z.number().min(-90).max(90).nullable().default(null),
  longitude: z.number().min(-180).max(180).nullable().default(null),
});
export type SiteInput = z.infer<typeof siteInput>;

const deviceView = z.object({
  at: instant,
  diskFreeBytes: z.number(),
  diskTotalBytes: z.number(),
  temperatureCelsius: z.number().nullable(),
  backlogFrames: z.int(),
  backlogBytes: z.int(),
  quarantinedFrames: z.int(),
  clock: z.enum(['synchronised', 'untrusted']),
  ffmpegVersion: z.string().nullable(),
  uptimeSeconds: z.number().optional(),
  memoryFreeBytes: z.number().optional(),
  memoryTotalBytes: z.number().optional(),
  loadAverage: z.number().optional(),
  /** Resident, of the agent's own process. */
  processMemoryBytes: z.number().optional(),
  ...deviceDetails,
});
export type DeviceView = z.infer<typeof deviceView>;
export const agentView = z.object({
  id: agentId,
  siteId,
  name: displayName,
  state: agentState,
  stateSince: instant.nullable(),
  version: z.string().nullable(),
  /** The settings that it should have, and those that it says it has. */
  settingsVersion: z.int(),
  settingsApplied: z.int(),
  /** Whether camera passwords can be sealed for it: it has shown its public key. */
  canSeal: z.boolean(),
  device: deviceView.nullable(),
  /** Limits of its delivery; null: none. */
  delivery: deliverySettings.nullable(),
  createdAt: instant,
  /** Nobody comes in under its name since then, until it is enrolled anew; null: it may. */
  revokedAt: instant.nullable(),
  /** Two devices seem to work under its identity; null: none do. */
  cloneSuspected: cloneSuspicion.nullable(),
  /** It will never come back; null: it may. */
  retiredAt: instant.nullable(),
});
export type AgentView = z.infer<typeof agentView>;
/** Only what is given changes; `delivery: null` takes all limits away. */
export const agentChange = z.strictObject({ name: displayName, delivery: deliverySettings.nullable() }).partial();
export type AgentChange = z.infer<typeof agentChange>;
export const agentInput = z.strictObject({ siteId, name: displayName });
export type AgentInput = z.infer<typeof agentInput>;
/** The secret is shown in this answer and never again. */
export const agentCreated = z.object({ agent: agentView, secret: z.string(), brokerUrl: z.string() });

export const framePreview = z.object({ frameId, at: instant, thumbnail: z.boolean() });
export const cameraView = z.object({
  id: cameraId,
  agentId,
  siteId,
  name: displayName,
  enabled: z.boolean(),
  source: cameraSource,
  username: z.string().nullable(),
  /** Whether a password is stored; it is never shown. */
  hasPassword: z.boolean(),
  /** It was sealed to a key that the agent has no more: it must be typed again. */
  passwordStale: z.boolean(),
  shape,
  quality: z.int(),
  judging: cameraSettings.shape.judging,
  health: cameraHealth,
  healthCode: z.string().nullable(),
  healthHint: z.string().nullable(),
  /** The newest recorded frame whose picture is in the store. */
  newest: framePreview.nullable(),
  /** The timelapse of this camera that is running or paused. */
  timelapseId: timelapseId.nullable(),
  timelapseState: timelapseState.nullable(),
  nextDueAt: instant.nullable(),
  createdAt: instant,
});
export type CameraView = z.infer<typeof cameraView>;

export const cameraInput = z.strictObject({
  agentId,
  name: displayName,
  enabled: z.boolean().default(true),
  source: cameraSource,
  username: z.string().max(256).nullable().default(null),
  /** Sealed to the agent's key as it arrives; null: none. */
  password: z.string().max(256).nullable().default(null),
  shape: shape.default({ crop: null, rotateDegrees: 0, aspect: null }),
  quality: z.int().min(1).max(100).default(90),
  judging: cameraSettings.shape.judging.default({ threshold: 70, badFrames: 'flag' }),
});
export type CameraInput = z.infer<typeof cameraInput>;
/** Only what is given changes; `password` left out keeps the stored one, null removes it. */
export const cameraChange = z.strictObject({
  name: displayName.optional(),
  enabled: z.boolean().optional(),
  source: cameraSource.optional(),
  username: z.string().max(256).nullable().optional(),
  password: z.string().max(256).nullable().optional(),
  shape: shape.optional(),
  quality: z.int().min(1).max(100).optional(),
  judging: cameraSettings.shape.judging.optional(),
});
export type CameraChange = z.infer<typeof cameraChange>;

export const timelapseView = z.object({
  id: timelapseId,
  cameraId,
  name: displayName,
  state: timelapseState,
  schedule,
  startedAt: instant,
  completedAt: instant.nullable(),
  /** Counted from the records. */
  frames: z.int(),
  flagged: z.int(),
  bytes: z.int(),
  firstFrameAt: instant.nullable(),
  lastFrameAt: instant.nullable(),
  /** Days since the start in the schedule's time zone, the first day being 1. */
  dayNumber: z.int(),
  nextDueAt: instant.nullable(),
  /** It runs, and its schedule plans nothing within the next seven days. */
  nothingPlanned: z.boolean(),
});
export type TimelapseView = z.infer<typeof timelapseView>;
/** Starts a recording campaign at once (or at `schedule.startsAt`). */
export const timelapseInput = z.strictObject({ cameraId, name: displayName, schedule: scheduleInput });
export type TimelapseInput = z.infer<typeof timelapseInput>;
export const timelapseChange = z.strictObject({ name: displayName.optional(), schedule: scheduleInput.optional() });
export type TimelapseChange = z.infer<typeof timelapseChange>;

/** What a schedule would plan if a timelapse started on it now, or if this one went on with it. */
export const schedulePreviewInput = z.strictObject({
  schedule: scheduleInput,
  /** Whose site gives the place for the sun, and whose recent frames the size; `timelapseId` says it too. */
  cameraId: cameraId.optional(),
  timelapseId: timelapseId.optional(),
  /** Pictures a second of film. */
  fps: z.number().min(1).max(120).default(24),
});
export const schedulePreview = z.object({
  /** The schedule as it would be kept: with its place, and with the moment of its end. */
  schedule,
  /** The next 20, in ascending order; fewer when no more will ever come. */
  slots: z.array(instant),
  slotsInFirstDay: z.int(),
  /** The rest of the first day and the six days after it, on the calendar of the schedule; fewer where counting takes long. */
  slotsPerDay: z.array(z.object({ day: z.string(), slots: z.int() })),
  /** Means over the first seven days, and thirty times that. */
  perDay: z.object({ slots: z.number(), bytes: z.int(), filmMs: z.int() }),
  perMonth: z.object({ slots: z.number(), bytes: z.int(), filmMs: z.int() }),
  /** The size of a frame that was reckoned with: the mean of so many recent ones of the camera; `frames` 0: assumed. */
  frameSize: z.object({ bytes: z.int(), frames: z.int() }),
  fps: z.number(),
  /** The first two days on the calendar of the schedule, as they can be drawn. */
  days: z.object({
    from: instant,
    until: instant,
    /** When the schedule is open, overrides counted; ascending. */
    open: z.array(z.object({ from: instant, until: instant })),
    /** The slots in them; null: more than can be drawn apart. */
    slots: z.array(instant).nullable(),
    /** null: nobody has said where the site lies. */
    sun: z
      .object({
        /** Between one elevation and the next; the first is at `from`, the last at `until` or before it. */
        stepMs: z.int(),
        /** Over the horizon, degrees. */
        elevations: z.array(z.number()),
        events: z.array(z.object({ event: z.enum(['dawn', 'sunrise', 'sunset', 'dusk']), at: instant })),
      })
      .nullable(),
  }),
});
export type SchedulePreview = z.infer<typeof schedulePreview>;

/**
 * Where a frame's picture is: still at the edge, said to be uploaded, in the store and verified, no longer there although it
 * was, or gone.
 */
export const pictureState = z.enum(['at-edge', 'claimed', 'stored', 'missing', 'evicted']);
export const frameView = z.object({
  id: frameId,
  cameraId,
  timelapseId: timelapseId.nullable(),
  dueAt: instant.nullable(),
  takenAt: instant,
  /** What its device's clock had said, where `takenAt` was put right since; null: it was not. */
  takenAtSaid: instant.nullable(),
  /** As it was when the picture was taken. */
  clock: z.enum(['synchronised', 'untrusted']),
  clockSource: clockSource.nullable(),
  ageAtSlotMs: z.number().nullable(),
  widthPx: z.int(),
  heightPx: z.int(),
  sizeBytes: z.int(),
  sha256: z.string(),
  score: z.int(),
  faults: z.array(fault),
  measures: z.record(z.string(), z.number()),
  flagged: z.boolean(),
  /** Somebody said that films are to leave it out. */
  excluded: z.boolean(),
  picture: pictureState,
  thumbnail: z.enum(['pending', 'ready', 'failed']),
  /** At its site, in the hour in which it is filed; null: not known, or not yet. */
  weather: weatherFacts.nullable(),
  recordedAt: instant,
});
export type FrameView = z.infer<typeof frameView>;
export const frameQuery = z.strictObject({
  cameraId: cameraId.optional(),
  timelapseId: timelapseId.optional(),
  /** Inclusive, by slot (a manual frame: by when it was taken), ms. */
  from: z.coerce.number().pipe(instant).optional(),
  /** Exclusive. */
  to: z.coerce.number().pipe(instant).optional(),
  flagged: z.enum(['true', 'false']).optional(),
  /** Left out of films by hand. */
  excluded: z.enum(['true', 'false']).optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type FrameQuery = z.infer<typeof frameQuery>;
