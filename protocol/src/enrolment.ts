/**
 * How a device becomes an agent: it shows a one-time token and its public key over HTTPS, and is given its login sealed to
 * that key. Whoever holds another key cannot read the answer, so no signature is needed (`docs/decisions/0018-enrolment.md`).
 */
import { z } from 'zod';
import { agentId, credentialId, enrolmentId } from './ids.ts';

/** X25519, base64 of the raw 32 bytes. */
export const publicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is not a public key');
/** SHA-256 of a certificate in DER, as `openssl x509 -fingerprint -sha256` tells it, without colons. */
export const certificatePin = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a pin such as sha256:4f1c…');
/** 256 random bits, base64url. */
export const enrolmentToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is not a token');
const shown = z.string().max(120);

/** What a device says; the same again, with the same key, gets the same answer. */
export const enrolmentRequest = z.strictObject({
  v: z.literal(1),
  token: enrolmentToken,
  publicKey,
  /** For the person who accepts it by hand. */
  device: z.strictObject({ name: shown, version: z.string().max(40), system: shown }),
});
export type EnrolmentRequest = z.infer<typeof enrolmentRequest>;

export const enrolmentAnswer = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('enrolled'),
    enrolmentId,
    /** An `AgentLoginGiven` as JSON, sealed to the device's key with `enrolmentContext` as context. */
    sealed: z.string().max(64 * 1024),
  }),
  /** A person must accept it first: ask again. */
  z.strictObject({ state: z.literal('waiting'), enrolmentId, againInMs: z.int().min(1000).max(600_000) }),
]);
export type EnrolmentAnswer = z.infer<typeof enrolmentAnswer>;

/** What an agent is given to come in with. PEM of authorities in `ca`; null: the usual ones are enough. */
export const agentLoginGiven = z.strictObject({
  agentId,
  credentialId,
  secret: z.string().min(16).max(256),
  brokerUrl: z.url({ protocol: /^mqtts?$/ }),
  ca: z
    .string()
    .max(32 * 1024)
    .nullable(),
  /** The first number that its events may have: another device may have used the ones below. */
  firstSeq: z.int().min(1),
});
export type AgentLoginGiven = z.infer<typeof agentLoginGiven>;

/** A further login of the same agent, as `take-credential` brings it; sealed with `credentialContext`. */
export const credentialGiven = agentLoginGiven.pick({ credentialId: true, secret: true, brokerUrl: true, ca: true });
export type CredentialGiven = z.infer<typeof credentialGiven>;

export const enrolmentContext = (id: z.infer<typeof enrolmentId>): string => `enrolment ${id}`;
export const credentialContext = (id: z.infer<typeof credentialId>): string => `credential ${id}`;

/** How a public key is shown to people who compare it: the first 16 hex digits of its SHA-256, in groups. */
export const keyFingerprint = z.string().regex(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/);
