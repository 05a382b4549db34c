import { z } from 'zod';
import { noticeEnvelope } from './envelope.ts';
import { bootId, credentialId } from './ids.ts';
import { instant } from './primitives.ts';

/**
 * Retained, and also the will of the connection. `session` tells an old will from a live status: the agent watches its own
 * topic and says `online` again when a will of an earlier session has overwritten it.
 */
export const agentStatus = noticeEnvelope(
  'agent.status',
  z.discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('online'),
      bootId,
      version: z.string().max(40),
      startedAt: instant,
      settingsVersion: z.int().min(0),
      capabilities: z.array(z.string().max(40)).max(50),
      /** X25519, base64 of the raw 32 bytes: what camera passwords are sealed to. */
      publicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
      /** The login that it came in with, where it knows: the ones before are let go. */
      credentialId: credentialId.optional(),
    }),
    z.strictObject({ status: z.literal('stopped') }),
    z.strictObject({ status: z.literal('offline') }),
  ]),
);
export type AgentStatus = z.infer<typeof agentStatus>;

/** Retained, and the will of an ingester: agents hold their outbox until somebody listens. */
export const cloudStatus = noticeEnvelope('cloud.status', z.strictObject({ status: z.enum(['listening', 'away']) }));
export type CloudStatus = z.infer<typeof cloudStatus>;
