import { z } from 'zod';

/** What became of a slot as the agent reports it; exactly one for every slot. */
export const reportedOutcome = z.enum(['captured', 'flagged', 'discarded', 'failed', 'skipped', 'missed', 'evicted']);
export type ReportedOutcome = z.infer<typeof reportedOutcome>;

/** What the control plane can say of a slot: `unreported` until the agent speaks, `lost` when it never will. */
export const outcome = z.enum([...reportedOutcome.options, 'unreported', 'lost']);
export type Outcome = z.infer<typeof outcome>;

/** Why a slot was not taken although it was due, in the order in which readiness asks. */
export const notReadyReason = z.enum([
  'timelapse-not-found',
  'camera-not-found',
  'camera-disabled',
  'timelapse-not-running',
  'outside-window',
  'not-due',
  'camera-offline',
  'card-full',
  'too-hot',
  'clock-not-set',
]);
export type NotReadyReason = z.infer<typeof notReadyReason>;

/** Why a slot was missed: the agent did not run, could not keep up, or did not know yet what time it was. */
export const missedReason = z.enum(['agent-down', 'agent-late', 'clock-not-set']);
export type MissedReason = z.infer<typeof missedReason>;

/** Why a camera gave no picture. */
export const cameraFault = z.enum([
  'unreachable',
  'refused',
  'unauthorised',
  'not-found',
  'timed-out',
  'no-video',
  'undecodable',
  'tls',
  'blocked-address',
  'unsupported',
]);
export type CameraFault = z.infer<typeof cameraFault>;
