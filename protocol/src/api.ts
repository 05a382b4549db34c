/** The shapes of the REST API: what the control plane answers and what it takes. Both it and the dashboard read them here. */
import { z } from 'zod';
import { cameraSettings, cameraSource, shape } from './camera.ts';
import { agentState, cameraHealth, timelapseState, videoState } from './feed.ts';
import { agentId, cameraId, frameId, siteId, timelapseId, videoId } from './ids.ts';
import { outcome } from './outcome.ts';
import { displayName, instant, timeZone } from './primitives.ts';
import { schedule } from './schedule.ts';
import { fault } from './verdict.ts';

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
});
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
  createdAt: instant,
});
export type AgentView = z.infer<typeof agentView>;
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
});
export type TimelapseView = z.infer<typeof timelapseView>;
/** Starts a recording campaign at once (or at `schedule.startsAt`). */
export const timelapseInput = z.strictObject({ cameraId, name: displayName, schedule });
export type TimelapseInput = z.infer<typeof timelapseInput>;
export const timelapseChange = z.strictObject({ name: displayName.optional(), schedule: schedule.optional() });
export type TimelapseChange = z.infer<typeof timelapseChange>;

/** What a schedule would plan if a timelapse started on it now. */
export const schedulePreviewInput = z.strictObject({ schedule });
export const schedulePreview = z.object({
  /** The next 20, in ascending order; fewer when no more will ever come. */
  slots: z.array(instant),
  slotsInFirstDay: z.int(),
});
export type SchedulePreview = z.infer<typeof schedulePreview>;

/** Where a frame's picture is: still at the edge, said to be uploaded, in the store and verified, or gone. */
export const pictureState = z.enum(['at-edge', 'claimed', 'stored', 'evicted']);
export const frameView = z.object({
  id: frameId,
  cameraId,
  timelapseId: timelapseId.nullable(),
  dueAt: instant.nullable(),
  takenAt: instant,
  clock: z.enum(['synchronised', 'untrusted']),
  ageAtSlotMs: z.number().nullable(),
  widthPx: z.int(),
  heightPx: z.int(),
  sizeBytes: z.int(),
  sha256: z.string(),
  score: z.int(),
  faults: z.array(fault),
  measures: z.record(z.string(), z.number()),
  flagged: z.boolean(),
  picture: pictureState,
  thumbnail: z.enum(['pending', 'ready', 'failed']),
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
  order: z.enum(['newest', 'oldest']).default('newest'),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type FrameQuery = z.infer<typeof frameQuery>;

/** Planned slots against outcomes. `planned` is the sum of all outcomes. */
export const coverageView = z.object({
  timelapseId,
  from: instant,
  to: instant,
  planned: z.int(),
  outcomes: z.record(outcome, z.int()),
  /** Captured and flagged of those that are due by now, 0 to 1; null when nothing was planned. */
  covered: z.number().nullable(),
  /** Neighbouring slots without a picture, with the reason that they share; newest 200. */
  gaps: z.array(
    z.object({ firstDueAt: instant, lastDueAt: instant, count: z.int(), outcome, reason: z.string().nullable() }),
  ),
});
export type CoverageView = z.infer<typeof coverageView>;

export const videoView = z.object({
  id: videoId,
  timelapseId,
  name: displayName,
  state: videoState,
  fps: z.number(),
  heightPx: z.int().nullable(),
  widthPx: z.int().nullable(),
  framesTotal: z.int(),
  framesDone: z.int(),
  /** Frames that could not be read and were left out. */
  framesLeftOut: z.int(),
  durationMs: z.int().nullable(),
  sizeBytes: z.int().nullable(),
  reason: z.string().nullable(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type VideoView = z.infer<typeof videoView>;
export const videoInput = z.strictObject({
  timelapseId,
  name: displayName.optional(),
  /** Pictures a second of film. */
  fps: z.number().min(1).max(120).default(24),
  /** Height of the film in px; the aspect is kept and nothing is enlarged. null: as the source. */
  heightPx: z.int().min(120).max(2160).nullable().default(1080),
  quality: z.enum(['low', 'medium', 'high', 'archive']).default('medium'),
  from: instant.nullable().default(null),
  to: instant.nullable().default(null),
  flagged: z.boolean().default(false),
});
export type VideoInput = z.infer<typeof videoInput>;
