import {
  type AgentCommand,
  type AgentId,
  type AgentSettings,
  type AgentStatus,
  agentCommand,
  agentSettings,
  agentStatus,
  type CloudStatus,
  cloudStatus,
  type Grants,
  grants,
  MAX_MESSAGE_BYTES,
  type Receipt,
  readAgentTopic,
  receipt,
  topics,
} from '@slowlight/protocol';
import type { z } from 'zod';

/** 200 cameras and 500 timelapses with the longest of everything; brokers limit messages to about as much. */
const MAX_SETTINGS_BYTES = 2 * 1024 * 1024;

export type Message =
  | { kind: 'cloud-status'; message: CloudStatus }
  | { kind: 'status'; message: AgentStatus }
  | { kind: 'receipt'; message: Receipt }
  | { kind: 'grants'; message: Grants }
  | { kind: 'settings'; message: AgentSettings }
  | { kind: 'command'; message: AgentCommand }
  /** A retained message that was taken back. */
  | { kind: 'empty' }
  | { kind: 'unreadable'; reason: string };

/** Reads what came on a topic. What cannot be read is a value: it is counted, logged and left. Pure. */
export function readMessage(agent: AgentId, topic: string, payload: Uint8Array): Message {
  if (payload.length === 0) return { kind: 'empty' };
  const most = topic === topics.agentSettings(agent) ? MAX_SETTINGS_BYTES : MAX_MESSAGE_BYTES;
  if (payload.length > most) return { kind: 'unreadable', reason: `is larger than ${most} bytes` };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return { kind: 'unreadable', reason: 'is not JSON' };
  }
  if (topic === topics.cloudStatus) return parsed('cloud-status', cloudStatus, json);
  const own = readAgentTopic(topic);
  if (own === null || own.agent !== agent)
    return { kind: 'unreadable', reason: 'came on a topic that is not this agent’s' };
  switch (own.kind) {
    case 'status':
      return parsed('status', agentStatus, json);
    case 'receipts':
      return parsed('receipt', receipt, json);
    case 'grants':
      return parsed('grants', grants, json);
    case 'settings': {
      const read = parsed('settings', agentSettings, json);
      if (read.kind === 'settings' && read.message.agentId !== agent)
        return { kind: 'unreadable', reason: 'holds the settings of another agent' };
      return read;
    }
    case 'commands':
      return parsed('command', agentCommand, json);
    case 'events':
    case 'stills':
      return { kind: 'unreadable', reason: 'is what an agent says itself' };
  }
}

function parsed<Kind extends Exclude<Message['kind'], 'empty' | 'unreadable'>, Body>(
  kind: Kind,
  schema: z.ZodType<Body>,
  json: unknown,
): { kind: Kind; message: Body } | { kind: 'unreadable'; reason: string } {
  const read = schema.safeParse(json);
  if (read.success) return { kind, message: read.data };
  // Only where and what kind of fault: the content may hold sealed passwords or signed addresses.
  const issues = read.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'it'}: ${issue.code}`);
  return { kind: 'unreadable', reason: `does not fit its schema (${issues.join('; ')})` };
}
