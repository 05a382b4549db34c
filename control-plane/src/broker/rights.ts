/** Who may come in, and who may say what. Pure and synchronous: an answer that comes later could let an old will overtake. */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type AgentId,
  agentId,
  MAX_MESSAGE_BYTES,
  mayPublish,
  mayRead,
  readAgentTopic,
  topics,
} from '@slowlight/protocol';
import type { AgentLogin } from '../ports.ts';

/** SHA-256 of the secrets that an agent may come in with, by agent: two while it changes from one to the next. */
export type Logins = ReadonlyMap<AgentId, readonly Buffer[]>;

export interface LoginAttempt {
  clientId: string;
  username: string | undefined;
  password: Uint8Array | undefined;
  clean: boolean;
  /** What the client wants said when it goes without a word. */
  will: Message | null;
}

export interface Message {
  topic: string;
  sizeBytes: number;
  qos: number;
  retain: boolean;
}

/** `login`: the SHA-256 of the secret that was shown, by which it is known whether it is still good later. */
export type LoginAnswer = { kind: 'welcome'; agentId: AgentId; login: Buffer } | { kind: 'refused'; reason: string };

export function makeLogins(logins: readonly AgentLogin[]): Logins {
  const byAgent = Map.groupBy(logins, (login) => login.agentId);
  return new Map([...byAgent].map(([agent, own]) => [agent, own.map((one) => Buffer.from(one.secretHash, 'hex'))]));
}

const NOBODY = Buffer.alloc(32);

/** Whether a login that was good is so still. */
export const isStillGood = (answer: LoginAnswer | undefined, logins: Logins): boolean =>
  answer?.kind === 'welcome' && (logins.get(answer.agentId) ?? []).some((one) => one.equals(answer.login));

/** Agent id and secret, bound to the client id, a clean session, and a will that the agent may say. Everything else: no. */
export function judgeLogin(attempt: LoginAttempt, logins: Logins): LoginAnswer {
  const named = agentId.safeParse(attempt.username);
  const known = (named.success && logins.get(named.data)) || [NOBODY];
  const shown = createHash('sha256')
    .update(attempt.password ?? NOBODY)
    .digest();
  // Compared also where there is nothing to compare with, so that the time tells nothing.
  const same = known.map((one) => one.length === shown.length && timingSafeEqual(shown, one)).includes(true);
  if (!named.success || !same) return { kind: 'refused', reason: 'unknown agent or wrong secret' };
  if (attempt.clientId !== named.data) return { kind: 'refused', reason: 'the client id must be the agent id' };
  if (!attempt.clean) return { kind: 'refused', reason: 'only clean sessions are kept' };
  const will = attempt.will === null ? null : whyNotPublish(named.data, attempt.will);
  if (will !== null) return { kind: 'refused', reason: `its will: ${will}` };
  return { kind: 'welcome', agentId: named.data, login: shown };
}

/** Why an agent may not say this; null: it may. */
export function whyNotPublish(agent: AgentId, { topic, sizeBytes, qos, retain }: Message): string | null {
  if (!mayPublish(agent, topic)) return 'not its topic';
  if (sizeBytes > MAX_MESSAGE_BYTES) return `larger than ${MAX_MESSAGE_BYTES} bytes`;
  if (qos > 1) return 'QoS 2 is not used';
  if (retain && topic !== topics.agentStatus(agent)) return 'only its status is retained';
  return null;
}

/** Whether this client, by its id, may hear a topic now: a login that is gone hears nothing more. */
export function mayHear(clientId: string, topic: string, logins: Logins): boolean {
  const agent = agentId.safeParse(clientId);
  return agent.success && logins.has(agent.data) && mayRead(agent.data, topic);
}

/** Whether an agent that missed a message on this topic gets it by saying its own again (a receipt, a grant). */
export function canBeAskedAgain(topic: string): boolean {
  const kind = readAgentTopic(topic)?.kind;
  return kind === 'receipts' || kind === 'grants';
}

/** The agent of this name that may come in now; null: there is none. */
export function knownAgent(clientId: string | null, logins: Logins): AgentId | null {
  const agent = agentId.safeParse(clientId);
  return agent.success && logins.has(agent.data) ? agent.data : null;
}
