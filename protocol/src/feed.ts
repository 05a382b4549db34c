/** What happened, in the past tense: the schema of the feed on both sides (records, SSE, dashboard). */
import { z } from 'zod';
import { alarmKind, alarmSeverity } from './api-alarms.ts';
import {
  agentId,
  alarmId,
  assetId,
  bulkId,
  cameraId,
  commandId,
  enrolmentId,
  frameId,
  overlayTemplateId,
  ruleId,
  siteId,
  timelapseId,
  videoId,
} from './ids.ts';
import { reportedOutcome } from './outcome.ts';
import { instant } from './primitives.ts';

const named = <Type extends string, Body extends z.ZodType>(type: Type, body: Body) =>
  z.strictObject({ type: z.literal(type), body });

export const cameraHealth = z.enum(['unknown', 'online', 'degraded', 'offline']);
export const agentState = z.enum(['never-seen', 'online', 'stopped', 'offline']);
export const timelapseState = z.enum(['running', 'paused', 'completed']);
export const videoState = z.enum(['queued', 'rendering', 'ready', 'failed', 'cancelled']);

const change = z.enum(['created', 'changed', 'deleted']);

const frameBody = z.strictObject({
  frameId,
  cameraId,
  timelapseId: timelapseId.nullable(),
  /** When the slot was due; for a manual frame, when it was taken. */
  at: instant,
  score: z.int(),
  faults: z.array(z.string()),
});

export const feedEvent = z.discriminatedUnion('type', [
  /** The picture is recorded, in the store, verified. */
  named('frame.captured', frameBody),
  named('frame.flagged', frameBody),
  /** The frame is known; its picture is still at the edge. */
  named('frame.announced', frameBody),
  named('frame.evicted', z.strictObject({ frameId, cameraId: cameraId.nullable(), reason: z.string() })),
  named(
    'slot.settled',
    z.strictObject({
      timelapseId,
      cameraId: cameraId.nullable(),
      dueAt: instant,
      outcome: reportedOutcome,
      detail: z.string().nullable(),
    }),
  ),
  named(
    'slot.missed',
    z.strictObject({ timelapseId, firstDueAt: instant, lastDueAt: instant, count: z.int(), reason: z.string() }),
  ),
  named(
    'capture.failed',
    z.strictObject({ timelapseId, cameraId: cameraId.nullable(), dueAt: instant, code: z.string(), hint: z.string() }),
  ),
  named('thumbnail.ready', z.strictObject({ frameId, cameraId })),
  named('thumbnail.failed', z.strictObject({ frameId, cameraId, reason: z.string() })),
  named('upload.refused', z.strictObject({ frameId, cameraId, code: z.string(), reason: z.string() })),
  named(
    'camera.health-changed',
    z.strictObject({ cameraId, health: cameraHealth, code: z.string().nullable(), hint: z.string().nullable() }),
  ),
  named(
    'camera.degraded',
    z.strictObject({
      cameraId,
      reason: z.string(),
      badPictures: z.int(),
      ofPictures: z.int(),
      switchedOff: z.boolean(),
    }),
  ),
  named('camera.recovered', z.strictObject({ cameraId, by: z.enum(['itself', 'hand']) })),
  named('camera.changed', z.strictObject({ cameraId, change: z.enum(['created', 'changed', 'deleted']) })),
  named('site.changed', z.strictObject({ siteId, change: z.enum(['created', 'changed', 'deleted']) })),
  named('agent.changed', z.strictObject({ agentId, change: z.enum(['created', 'changed', 'deleted']) })),
  named('agent.online', z.strictObject({ agentId })),
  named('agent.offline', z.strictObject({ agentId })),
  named('agent.stopped', z.strictObject({ agentId })),
  named('agent.reported', z.strictObject({ agentId })),
  named('agent.revoked', z.strictObject({ agentId })),
  named('agent.clone-suspected', z.strictObject({ agentId, reason: z.enum(['two-boots', 'conflict']) })),
  /** An enrolment was made, a device showed itself, somebody accepted it, it came in. */
  named('enrolment.changed', z.strictObject({ enrolmentId, agentId: agentId.nullable() })),
  named('settings.changed', z.strictObject({ agentId, version: z.int() })),
  named('settings.applied', z.strictObject({ agentId, version: z.int() })),
  named('timelapse.started', z.strictObject({ timelapseId, cameraId })),
  named('timelapse.changed', z.strictObject({ timelapseId, cameraId })),
  named('timelapse.paused', z.strictObject({ timelapseId, cameraId })),
  named('timelapse.resumed', z.strictObject({ timelapseId, cameraId })),
  named('timelapse.completed', z.strictObject({ timelapseId, cameraId })),
  named('overlay.template-changed', z.strictObject({ templateId: overlayTemplateId, version: z.int(), change })),
  named('overlay.asset-changed', z.strictObject({ assetId, change })),
  /** A timelapse shows another overlay, or none (`revision` 0). */
  named('overlay.changed', z.strictObject({ timelapseId, revision: z.int() })),
  /** The sidecar of a new frame. Those that are made again are told together, by `overlay.progressed`. */
  named('overlay.ready', z.strictObject({ frameId, timelapseId })),
  named('overlay.failed', z.strictObject({ frameId, timelapseId, fallback: z.boolean(), reason: z.string() })),
  named('overlay.progressed', z.strictObject({ timelapseId, revision: z.int(), done: z.int(), total: z.int() })),
  /** Readings came in; `hour` is the newest of them. `frames`: so many were recorded before them, and have them now. */
  named('weather.updated', z.strictObject({ siteId, hour: instant, frames: z.int() })),
  /** Films leave frames out that they showed before, or show them again. */
  named('frames.excluded', z.strictObject({ timelapseId, excluded: z.boolean(), frames: z.int() })),
  named('video.queued', z.strictObject({ videoId, timelapseId })),
  named('video.progressed', z.strictObject({ videoId, timelapseId, framesDone: z.int(), framesTotal: z.int() })),
  named('video.completed', z.strictObject({ videoId, timelapseId })),
  named('video.failed', z.strictObject({ videoId, timelapseId, reason: z.string() })),
  named('video.cancelled', z.strictObject({ videoId, timelapseId })),
  /** Its animated preview is made, or is not: `reason` says why; null: it is. */
  named('video.animated', z.strictObject({ videoId, timelapseId, reason: z.string().nullable() })),
  /** Work on many frames: each portion, and its end. */
  named(
    'bulk.progressed',
    z.strictObject({
      bulkId,
      state: z.enum(['running', 'done', 'cancelled', 'failed']),
      lookedAt: z.int(),
      total: z.int(),
    }),
  ),
  named('rule.changed', z.strictObject({ ruleId, timelapseId, change })),
  /** A rule made a film, or let one grow. */
  named('rule.fired', z.strictObject({ ruleId, timelapseId, occurrence: z.string(), videoId })),
  /** A rule had something to do and could not, or passed over what fell due while nothing was running. */
  named('rule.skipped', z.strictObject({ ruleId, timelapseId, occurrence: z.string(), reason: z.string() })),
  named(
    'command.done',
    z.strictObject({
      commandId,
      cameraId: cameraId.nullable(),
      result: z.enum(['done', 'refused']),
      hint: z.string().nullable(),
    }),
  ),
  named(
    'alarm.raised',
    z.strictObject({
      alarmId,
      kind: alarmKind,
      severity: alarmSeverity,
      siteId: siteId.nullable(),
      subject: z.string(),
      name: z.string(),
    }),
  ),
  named(
    'alarm.cleared',
    z.strictObject({
      alarmId,
      kind: alarmKind,
      siteId: siteId.nullable(),
      subject: z.string(),
      name: z.string(),
      lastedMs: z.int(),
    }),
  ),
  /** Somebody knows of it, or has silenced it. */
  named('alarm.changed', z.strictObject({ alarmId, siteId: siteId.nullable() })),
  named('fault.found', z.strictObject({ agentId: agentId.nullable(), code: z.string(), reason: z.string() })),
]);
export type FeedEvent = z.infer<typeof feedEvent>;
export type FeedEventType = FeedEvent['type'];

/** One line of the feed: `position` grows in the order of the commits and is the SSE event id. */
export interface FeedEntry {
  position: number;
  at: number;
  event: FeedEvent;
}
