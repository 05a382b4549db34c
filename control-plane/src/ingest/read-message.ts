/** The door for what agents say: a message is read by its schema once, or set aside with its reason. Pure. */
import {
  type AgentEvent,
  type AgentId,
  type AgentStatus,
  agentEvent,
  agentStatus,
  type FrameId,
  MAX_MESSAGE_BYTES,
  readAgentTopic,
  seq as seqSchema,
} from '@slowlight/protocol';
import { withoutCredentials } from '@slowlight/protocol/kit';

export type ReadMessage =
  | { kind: 'event'; agentId: AgentId; event: AgentEvent }
  | { kind: 'status'; agentId: AgentId; status: AgentStatus }
  | DeadLetter
  /** Not ours: no agent's topic. */
  | { kind: 'foreign' };

export interface DeadLetter {
  kind: 'dead-letter';
  agentId: AgentId;
  /** Which event it was, where that can be read: the agent is told, so that it sets the event aside. */
  seq: number | null;
  code: 'ingest.unreadable' | 'ingest.unrecordable';
  reason: string;
  excerpt: string;
}

const EXCERPT_CHARACTERS = 500;
const REASON_CHARACTERS = 500;

/** Reads what came in on a topic. */
export function readMessage(topic: string, payload: Uint8Array): ReadMessage {
  const address = readAgentTopic(topic);
  if (address === null || (address.kind !== 'events' && address.kind !== 'status')) return { kind: 'foreign' };
  const { agent, kind } = address;
  const dead = (reason: string, seq: number | null): DeadLetter => ({
    kind: 'dead-letter',
    agentId: agent,
    seq,
    code: 'ingest.unreadable',
    reason: printable(reason).slice(0, REASON_CHARACTERS),
    excerpt: excerptOf(payload),
  });
  if (payload.length > MAX_MESSAGE_BYTES) return dead(`it is larger than ${MAX_MESSAGE_BYTES} bytes`, null);

  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
  } catch {
    return dead('it is not JSON', null);
  }
  const read = (kind === 'events' ? agentEvent : agentStatus).safeParse(content);
  if (!read.success) return dead(problemsOf(read.error.issues), kind === 'events' ? seqOf(content) : null);
  return 'seq' in read.data
    ? { kind: 'event', agentId: agent, event: read.data }
    : { kind: 'status', agentId: agent, status: read.data };
}

/** The frame that an event announces; null for events that announce none. */
export function announcedFrame(event: AgentEvent): FrameId | null {
  if (event.type === 'frame.taken') return event.body.frame.frameId;
  if (event.type === 'slot.settled' && 'frame' in event.body) return event.body.frame.frameId;
  return null;
}

function seqOf(content: unknown): number | null {
  if (typeof content !== 'object' || content === null || !('seq' in content)) return null;
  const read = seqSchema.safeParse(content.seq);
  return read.success ? read.data : null;
}

const problemsOf = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues.map(({ path, message }) => `${path.map(String).join('.') || 'the message'}: ${message}`).join('; ');

/** The start of what was received, printable, without credentials. */
export function excerptOf(payload: Uint8Array): string {
  const text = Buffer.from(payload.subarray(0, 4 * EXCERPT_CHARACTERS)).toString('utf8');
  return printable(withoutSecrets(withoutCredentials(text))).slice(0, EXCERPT_CHARACTERS);
}

/** Names of fields come from outside too, and a database may refuse to store some characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f]/g, ' ');

/** Replaces the values of fields that may hold a secret, also in a text that is cut off. */
const withoutSecrets = (text: string): string =>
  text.replace(/("[^"]*(?:password|secret|token|credential)[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"?/gi, '$1"***"');
