/**
 * What agents that were revoked or given up still say or hear, on brokers that let them go on.
 * Promise: nothing that such an agent says gets in, nothing is said to it, and nothing of it stays retained. It is not
 * answered either: should it be enrolled again, it has kept everything.
 */
import { type AgentId, readAgentTopic, topics } from '@slowlight/protocol';
import { type Broker, createListeners, type MessageListener } from './broker.ts';

export interface ShutOut {
  /** The same broker without them. */
  broker: Broker;
  /** Replaces the list. */
  set(agents: readonly AgentId[]): void;
  has(agent: AgentId): boolean;
}

export function createShutOut(inner: Broker): ShutOut {
  let out: ReadonlySet<AgentId> = new Set();
  const messages = createListeners<Parameters<MessageListener>>();

  const ofOne = (topic: string): AgentId | null => {
    const agent = readAgentTopic(topic)?.agent;
    return agent !== undefined && out.has(agent) ? agent : null;
  };
  /** Without a connection it is done when there is one again. */
  const clear = (agent: AgentId): void => {
    for (const topic of [topics.agentSettings(agent), topics.agentStatus(agent)])
      inner.publish(topic, '', { qos: 1, retain: true }).catch(() => {});
  };

  const stopMessages = inner.onMessage((topic, payload) => {
    // What is retained was taken back, by us: it says nothing.
    if (payload.length === 0) return;
    const agent = ofOne(topic);
    if (agent === null) messages.call(topic, payload);
    else if (topic === topics.agentStatus(agent)) clear(agent);
  });
  const stopConnected = inner.onConnected(() => {
    for (const agent of out) clear(agent);
  });

  return {
    has: (agent) => out.has(agent),
    set(agents) {
      const before = out;
      out = new Set(agents);
      for (const agent of out) if (!before.has(agent)) clear(agent);
    },
    broker: {
      ...inner,
      publish: async (topic, payload, options) => {
        if (ofOne(topic) === null) await inner.publish(topic, payload, options);
      },
      onMessage: (listener) => messages.add(listener),
      async close() {
        stopMessages();
        stopConnected();
        await inner.close();
      },
    },
  };
}
