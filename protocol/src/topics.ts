import { type AgentId, agentId } from './ids.ts';

/** Every MQTT topic of the wire, under one root that carries the version. */
export const TOPIC_ROOT = 'slowlight/v1';

export const topics = {
  cloudStatus: `${TOPIC_ROOT}/cloud/status`,
  agentStatus: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/status`,
  agentEvents: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/events`,
  agentReceipts: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/receipts`,
  agentGrants: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/grants`,
  agentSettings: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/settings`,
  agentCommands: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/commands`,
  /** Pictures that nobody stores, while somebody watches. */
  agentStills: (agent: AgentId) => `${TOPIC_ROOT}/agents/${agent}/stills`,
  /** What the control plane listens to. */
  allStatus: `${TOPIC_ROOT}/agents/+/status`,
  allEvents: `${TOPIC_ROOT}/agents/+/events`,
  allStills: `${TOPIC_ROOT}/agents/+/stills`,
} as const;

export type AgentTopic = 'status' | 'events' | 'receipts' | 'grants' | 'settings' | 'commands' | 'stills';
const AGENT_TOPICS: readonly string[] = ['status', 'events', 'receipts', 'grants', 'settings', 'commands', 'stills'];

/**
 * Brokers that keep one password for each user name know the older of two credentials of an agent under this one. The plus
 * keeps rights that are patterns of user names from meaning anything for it.
 */
export const userNameBefore = (agent: AgentId): string => `${agent}+before`;

/** Reads an agent's topic back; null for any other topic. */
export function readAgentTopic(topic: string): { agent: AgentId; kind: AgentTopic } | null {
  const [root, version, agents, id, kind, ...more] = topic.split('/');
  if (`${root}/${version}/${agents}` !== `${TOPIC_ROOT}/agents` || more.length > 0) return null;
  const agent = agentId.safeParse(id);
  if (!agent.success || kind === undefined || !AGENT_TOPICS.includes(kind)) return null;
  return { agent: agent.data, kind: kind as AgentTopic };
}

/** What an agent may say: exactly its own status, events and stills. */
export const mayPublish = (agent: AgentId, topic: string): boolean =>
  topic === topics.agentStatus(agent) || topic === topics.agentEvents(agent) || topic === topics.agentStills(agent);

/** What an agent may hear: exactly its own topics and whether somebody listens. No wildcards. */
export const mayRead = (agent: AgentId, topic: string): boolean =>
  topic === topics.cloudStatus ||
  topic === topics.agentStatus(agent) ||
  topic === topics.agentReceipts(agent) ||
  topic === topics.agentGrants(agent) ||
  topic === topics.agentSettings(agent) ||
  topic === topics.agentCommands(agent);
