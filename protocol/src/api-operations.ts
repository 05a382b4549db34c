/** The shapes of the REST API that concern running it: commands, faults, jobs, people, tokens, the system itself. */
import { z } from 'zod';
import { shape } from './camera.ts';
import { agentId, cameraId, commandId, frameId, jobId } from './ids.ts';
import { instant } from './primitives.ts';

/** Commands that are kept with their answer; `watch-camera` is asked for by looking. */
export const commandType = z.enum([
  'capture-now',
  'test-camera',
  'test-shot',
  'report-backlog',
  'retry-quarantine',
  'reconcile',
  'discover',
  'reset-camera',
  'restart',
  'set-log-level',
  'take-credential',
]);
export const testShotInput = z.strictObject({
  /** Left out: the camera's own. */
  shape: shape.optional(),
});
export const retryQuarantineInput = z.strictObject({
  /** Left out: all of them. */
  frameIds: z.array(frameId).min(1).max(500).optional(),
});
export const logLevelInput = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  /** Then the agent's own setting comes back. */
  minutes: z.int().min(1).max(1440).default(30),
});

/** A login with which each camera is asked for its streams; the password is sealed to the agent before it is kept or sent. */
export const discoverInput = z.strictObject({
  username: z.string().max(256).nullable().default(null),
  password: z.string().max(1000).nullable().default(null),
});
/** One of `answer.cameras` of `discover`; `answer.more` says that there are others. */
export const discoveredCamera = z.object({
  /** Its IP address. */
  address: z.string(),
  /** As it calls itself. */
  name: z.string().nullable(),
  hardware: z.string().nullable(),
  /** null: it did not say, `code` says why (such as `capture.unauthorised`: it asks for a login). */
  streams: z
    .array(
      z.object({
        name: z.string(),
        codec: z.string().nullable(),
        widthPx: z.int().nullable(),
        heightPx: z.int().nullable(),
        /** For a camera of kind `rtsp`, without login. */
        streamUrl: z.string().nullable(),
        /** For a camera of kind `snapshot`, without login. */
        snapshotUrl: z.string().nullable(),
      }),
    )
    .nullable(),
  code: z.string().nullable(),
});
export type DiscoveredCamera = z.infer<typeof discoveredCamera>;

export const commandView = z.object({
  id: commandId,
  agentId,
  cameraId: cameraId.nullable(),
  type: commandType,
  state: z.enum(['sent', 'done', 'refused', 'expired']),
  code: z.string().nullable(),
  hint: z.string().nullable(),
  frameId: frameId.nullable(),
  answer: z.record(z.string(), z.unknown()).nullable(),
  createdAt: instant,
  expiresAt: instant,
});
export type CommandView = z.infer<typeof commandView>;

/** `force`: also where the camera's timelapse plans nothing at this time. */
export const captureInput = z.strictObject({ force: z.boolean().optional() });
export const faultView = z.object({
  id: z.int(),
  at: instant,
  agentId: agentId.nullable(),
  /** Such as `ingest.unreadable`, `ingest.conflict`, `upload.checksum-mismatch`. */
  code: z.string(),
  reason: z.string(),
  /** The start of what was received, credentials cut. */
  excerpt: z.string().nullable(),
});
export type FaultView = z.infer<typeof faultView>;

export const jobView = z.object({
  id: jobId,
  kind: z.enum(['thumbnail', 'overlay', 'segment', 'video', 'animation', 'overlay-remake', 'bulk']),
  subject: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'dead', 'cancelled']),
  attempts: z.int(),
  lastError: z.string().nullable(),
  dueAt: instant,
  createdAt: instant,
});
export type JobView = z.infer<typeof jobView>;

export const systemView = z.object({
  version: z.string(),
  serverTime: instant,
  minIntervalMs: z.int(),
  records: z.object({ frames: z.int(), bytes: z.int() }),
  jobs: z.object({ waiting: z.int(), running: z.int(), dead: z.int() }),
  brokerUrl: z.string(),
});
export type SystemView = z.infer<typeof systemView>;
