/** The shapes of the REST API that concern how agents come in: enrolments, credentials, revoking. */
import { z } from 'zod';
import { certificatePin, keyFingerprint } from './enrolment.ts';
import { agentId, credentialId, enrolmentId, siteId } from './ids.ts';
import { displayName, instant } from './primitives.ts';

const common = {
  /** A person accepts the device before it is given anything. */
  needsAcceptance: z.boolean().default(false),
  /** How long the token is good, minutes. */
  lifeMinutes: z.int().min(5).max(1440).default(60),
};
export const enrolmentInput = z.union([
  /** A new agent. */
  z.strictObject({ siteId, name: displayName, ...common }),
  /** New hardware for an agent that is there: it keeps its cameras and its history. */
  z.strictObject({ replaces: agentId, ...common }),
]);
export type EnrolmentInput = z.infer<typeof enrolmentInput>;

export const enrolmentView = z.object({
  id: enrolmentId,
  siteId,
  name: displayName,
  /** The agent whose place the device takes; null: it becomes a new one. */
  replaces: agentId.nullable(),
  needsAcceptance: z.boolean(),
  /**
   * `open`: the token is not used yet; `waiting`: a device has shown it and waits to be accepted; `accepted`: it may fetch its
   * login; `fetched`: it has; `done`: it has come in; `refused`, `cancelled`, `expired`: nobody comes in with it any more.
   */
  state: z.enum(['open', 'waiting', 'accepted', 'fetched', 'done', 'refused', 'cancelled', 'expired']),
  createdAt: instant,
  expiresAt: instant,
  /** What the device says of itself; null before it has shown itself. */
  device: z
    .object({
      name: z.string(),
      version: z.string(),
      system: z.string(),
      address: z.string(),
      /** Compare it with what the device shows. */
      key: keyFingerprint,
    })
    .nullable(),
  agentId: agentId.nullable(),
});
export type EnrolmentView = z.infer<typeof enrolmentView>;

/** The token is shown in this answer and never again. */
export const enrolmentCreated = z.object({
  enrolment: enrolmentView,
  token: z.string(),
  /** Where the device enrols. */
  url: z.string(),
  /** The certificate that it accepts there; null: one of a usual authority, or none because it is this machine. */
  pin: certificatePin.nullable(),
  /** One line for the device's shell; what a QR code should hold. */
  command: z.string(),
});
export type EnrolmentCreated = z.infer<typeof enrolmentCreated>;

export const credentialView = z.object({
  id: credentialId,
  madeBy: z.enum(['creation', 'enrolment', 'rotation', 'replacement']),
  madeAt: instant,
  /** The agent came in with it; null: not yet. */
  usedAt: instant.nullable(),
  revokedAt: instant.nullable(),
});
export type CredentialView = z.infer<typeof credentialView>;

export const revokeInput = z.strictObject({
  /** What it has not reported by now is lost; otherwise it may still come when the agent is enrolled again. */
  giveUpSlots: z.boolean().default(false),
});

/** Two devices seem to work under one identity. */
export const cloneSuspicion = z.object({
  at: instant,
  /** `two-boots`: an earlier boot came back after a later one; `conflict`: the same number with other content. */
  reason: z.enum(['two-boots', 'conflict']),
});
export type CloneSuspicion = z.infer<typeof cloneSuspicion>;
