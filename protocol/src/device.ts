/**
 * What a device and its cameras are like, beyond what the first version of a device report said. Each field is left out where
 * the device cannot tell it.
 */
import { z } from 'zod';
import { heldBy } from './delivery.ts';
import { cameraId } from './ids.ts';
import { cameraFault } from './outcome.ts';
import { instant } from './primitives.ts';

/** Why a processor runs slower than it could; as Raspberry Pi firmware counts them. */
export const throttle = z.enum(['under-voltage', 'frequency-capped', 'throttled', 'temperature-limit']);
export type Throttle = z.infer<typeof throttle>;

export const networkInterface = z.strictObject({
  name: z.string().min(1).max(32),
  up: z.boolean(),
  /** Since the interface came up, bytes. */
  receivedBytes: z.number().min(0),
  sentBytes: z.number().min(0),
  /** Of a radio link, 0 to 100. */
  linkPercent: z.number().min(0).max(100).optional(),
});
export type NetworkInterface = z.infer<typeof networkInterface>;

export const cameraReport = z.strictObject({
  cameraId,
  health: z.enum(['online', 'degraded', 'offline']),
  consecutiveFailures: z.int().min(0),
  /** Why it failed last; left out while it does not. */
  code: cameraFault.optional(),
  /** How its pictures are fetched now: over a connection that stays open, or one for each slot. */
  mode: z.enum(['warm', 'cold']).optional(),
  /** When its last picture was taken, wall time in ms; left out before the first since the agent started. */
  lastPictureAt: instant.optional(),
  /** How long before a slot it is connected to, as learnt, ms. */
  leadMs: z.number().min(0).optional(),
  /** From the slot (or the wish) to the picture in hand, of the last one, ms: for a warm camera, what decoding takes. */
  captureMs: z.number().min(0).optional(),
});
export type CameraReport = z.infer<typeof cameraReport>;

const hold = z.strictObject({ by: heldBy, until: instant });

export const deviceDetails = {
  throttling: z.strictObject({ now: z.array(throttle).max(8), sinceBoot: z.array(throttle).max(8) }).optional(),
  network: z.array(networkInterface).max(16).optional(),
  /** What says that the clock is right (see `clockSource` of events): `ntp` the system's time service, `server` the control plane's time, `user`, `none`. */
  clockSource: z.string().max(20).optional(),
  /** This device's wall time minus the control plane's, when a receipt last told it, ms. */
  clockOffsetMs: z.number().optional(),
  /** How late the run time's timers were since the last report, ms. */
  eventLoopDelayMs: z
    .strictObject({ p50: z.number().min(0), p99: z.number().min(0), most: z.number().min(0) })
    .optional(),
  cameras: z.array(cameraReport).max(200).optional(),
  /** What the user's budget, rate or hours hold back now, and until when at the latest; left out while nothing is. */
  heldBack: z.strictObject({ backlog: hold.optional(), newFrames: hold.optional() }).optional(),
  /** `debug` and so on: what the agent writes into its log now. */
  logLevel: z.string().max(10).optional(),
} as const;
