/** How the line stands, for people who ask; and what it means when a broker lets an agent in and passes nothing on. */
import { type AgentId, type AgentStatus, type SessionId, topics, WIRE_VERSION } from '@slowlight/protocol';
import { type Clock, Failure, withoutCredentials } from '@slowlight/protocol/kit';
import type { MqttClient } from 'mqtt';

export type ConnectionState =
  /** No line to the broker. */
  | 'down'
  /** At the broker; nobody listens there. */
  | 'connected'
  /** The control plane listens. */
  | 'listening'
  /** At the broker, which keeps everything from this agent. */
  | 'deaf';
export interface Connection {
  state: ConnectionState;
  /** Wall time, ms. */
  since: number;
  /** Why there is none, in words; null: all is well. */
  reason: string | null;
}

/** A broker that takes what this agent says gives its own status back within this time, ms. */
export const ECHO_WITHIN_MS = 10_000;

/** @param what was refused, or did not come back */
export const deaf = (url: string, agent: AgentId, what: 'subscription' | 'echo', cause: unknown = null) =>
  new Failure({
    code: 'uplink.deaf',
    message: `the broker at ${withoutCredentials(url)} lets this agent in and ${
      what === 'subscription' ? 'does not let it hear its own topics' : 'passes nothing on of what it says'
    }`,
    hint: `Give the user ${agent} its rights in the broker’s access list: write ${topics.agentStatus(agent)}, …/events and …/stills, read its other topics (README.md shows the whole list).`,
    retry: 'later',
    cause,
  });

export function statusMessage(clock: Clock, session: SessionId, body: AgentStatus['body']): string {
  const message: AgentStatus = { v: WIRE_VERSION, session, sentAt: clock.now(), type: 'agent.status', body };
  return JSON.stringify(message);
}

/** Of the other end of a line, TLS or not. */
export const addressOf = (line: object): string | null =>
  'remoteAddress' in line && typeof line.remoteAddress === 'string' ? line.remoteAddress : null;

/** How long the farewell may take, ms. */
const FAREWELL_MS = 1500;

/** Says that the agent stops, so that nobody hears its will, and ends the line. */
export async function farewell(
  clock: Clock,
  client: MqttClient,
  { agentId, id }: { agentId: AgentId; id: SessionId },
): Promise<void> {
  const over = new AbortController();
  const said = client
    .publishAsync(topics.agentStatus(agentId), statusMessage(clock, id, { status: 'stopped' }), {
      qos: 1,
      retain: true,
    })
    .then(() => client.endAsync())
    .catch(() => {})
    .finally(() => over.abort());
  await Promise.race([said, clock.sleep(FAREWELL_MS, over.signal)]);
}
