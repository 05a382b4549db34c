/** What the control plane says to an agent. */
import { z } from 'zod';
import { cameraSettings, sealed, shape } from './camera.ts';
import { deliverySettings } from './delivery.ts';
import { noticeEnvelope } from './envelope.ts';
import { agentId, cameraId, commandId, credentialId, frameId, siteId, timelapseId } from './ids.ts';
import { displayName, failureCode, instant, seq, sha256, timeZone } from './primitives.ts';
import { schedule } from './schedule.ts';

/** "It is recorded": the only thing that lets an outbox row or a frame go. Sent after the commit, repeated on request. */
export const receipt = noticeEnvelope(
  'receipt',
  z.strictObject({
    /** Every event with a `seq` up to and including this one is recorded; 0: none. */
    recordedUpTo: z.int().min(0),
    /** Recorded ones above it. */
    recordedAlso: z.array(seq).max(1000),
    /** Frames whose pictures are in the store, verified by size and checksum: the agent may forget them. */
    forget: z.array(frameId).max(1000),
    /** Events that will never be recorded, and uploads that were not what had been announced. */
    refused: z
      .array(
        z.discriminatedUnion('what', [
          z.strictObject({ what: z.literal('event'), seq, code: failureCode, reason: z.string().max(500) }),
          z.strictObject({ what: z.literal('upload'), frameId, code: failureCode, reason: z.string().max(500) }),
        ]),
      )
      .max(1000),
    /** Frames of a `frames.held` that the records do not have: they are to be announced anew. */
    missing: z.array(frameId).max(1000).optional(),
    /** The control plane's wall time, ms: an agent without a clock may take it. */
    serverTime: instant,
  }),
);
export type Receipt = z.infer<typeof receipt>;

/** One signed upload: one URL, one key, one size, one checksum, minutes of life. Send exactly these headers. */
export const grant = z.strictObject({
  frameId,
  method: z.literal('PUT'),
  url: z.url({ protocol: /^https?$/ }).max(8192),
  headers: z.record(z.string(), z.string()),
  sizeBytes: z.int().min(1),
  sha256,
  expiresAt: instant,
});
export type Grant = z.infer<typeof grant>;
export const grants = noticeEnvelope('grants', z.strictObject({ grants: z.array(grant).min(1).max(200) }));
export type Grants = z.infer<typeof grants>;

/** One timelapse as its agent should run it. */
export const timelapseSettings = z.strictObject({
  id: timelapseId,
  cameraId,
  name: displayName,
  state: z.enum(['running', 'paused', 'completed']),
  schedule,
  /** A first slot at once when this timelapse runs for the first time. */
  firstAtOnce: z.boolean(),
});
export type TimelapseSettings = z.infer<typeof timelapseSettings>;

/** Everything an agent should do; whole, versioned, retained. The agent works on it alone until the next one comes. */
export const agentSettings = z.strictObject({
  v: z.literal(1),
  type: z.literal('settings'),
  agentId,
  /** Grows with each change; an agent never goes back to a lower one. */
  version: z.int().min(1),
  siteId,
  siteName: displayName,
  timeZone,
  cameras: z.array(cameraSettings).max(200),
  timelapses: z.array(timelapseSettings).max(500),
  /** Budget and hours of delivery; not there: no limits. */
  delivery: deliverySettings.optional(),
});
export type AgentSettings = z.infer<typeof agentSettings>;

const command = <Type extends string, Body extends z.ZodType>(type: Type, body: Body) =>
  z.strictObject({ v: z.literal(1), type: z.literal(type), id: commandId, expiresAt: instant, body });

/** Each is done at most once, and not at all after `expiresAt`; it is answered with `command.done`. */
export const agentCommand = z.discriminatedUnion('type', [
  /** Refused as `not-ready.outside-window` where the camera's timelapse is closed then, unless `force` is set. */
  command('capture-now', z.strictObject({ cameraId, force: z.boolean().optional() })),
  command('test-camera', z.strictObject({ cameraId })),
  /** A small picture in this shape (null: the camera's own), in the answer; it is no frame and is not kept. */
  command('test-shot', z.strictObject({ cameraId, shape: shape.nullable() })),
  /** Stills on the agent's topic, so far apart, for so long. Asked again before that is over, it goes on. Answered by the stills. */
  command(
    'watch-camera',
    z.strictObject({ cameraId, everyMs: z.int().min(1000).max(60_000), forMs: z.int().min(1000).max(60_000) }),
  ),
  /** The camera is mended: its bad pictures do not count any more, and it is no longer switched off for them. */
  command('reset-camera', z.strictObject({ cameraId })),
  /** A further login, sealed to the agent: written down before it is used; the one before is good until then. */
  command('take-credential', z.strictObject({ credentialId, sealed: z.string().max(64 * 1024) })),
  /** What waits for delivery, and why. */
  command('report-backlog', z.strictObject({})),
  /** Frames that were set aside are delivered anew; null: all of them. */
  command('retry-quarantine', z.strictObject({ frameIds: z.array(frameId).min(1).max(500).nullable() })),
  /** The agent lists what it holds (`frames.held`), and the records are compared with it. */
  command('reconcile', z.strictObject({})),
  /** Which cameras answer in the agent's own networks, and, as far as they say, their streams. A login is sealed with `discoverContext`. */
  command(
    'discover',
    z.strictObject({
      forMs: z.int().min(500).max(10_000),
      login: z.strictObject({ username: z.string().max(256), sealedPassword: sealed }).nullable(),
    }),
  ),
  /** Answered before the agent stops clean and is started again by whoever watches over it. */
  command('restart', z.strictObject({})),
  /** After `forMs` the level of the agent's own setting comes back. */
  command(
    'set-log-level',
    z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']), forMs: z.int().min(1000).max(86_400_000) }),
  ),
]);
export type AgentCommand = z.infer<typeof agentCommand>;
