/**
 * Answers for a broker that asks over HTTP who may come in and who may do what (EMQX, VerneMQ, Mosquitto with an
 * authentication plugin).
 *
 * Promise: the same rights as in the embedded broker, answered from memory and at once; whoever is not known may nothing.
 * Invariants: the logins are replaced whole; an answer never waits for the records.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { TOPIC_ROOT, topics } from '@slowlight/protocol';
import type { AgentLogin } from '../ports.ts';
import { judgeLogin, knownAgent, type Logins, makeLogins, mayHear, whyNotPublish } from './rights.ts';

export interface DoorLogin {
  username: string;
  password: string;
  clientId: string;
}
export interface DoorAct {
  username: string;
  clientId: string;
  act: 'publish' | 'subscribe' | 'receive';
  topic: string;
  /** Where the broker says it. */
  qos: number;
  retain: boolean;
}

export interface BrokerDoor {
  setLogins(logins: readonly AgentLogin[]): void;
  mayEnter(login: DoorLogin): boolean;
  mayDo(act: DoorAct): boolean;
}

/** @param own the control plane's own login at that broker; null: it has none */
export function createBrokerDoor(own: { username: string; password: string } | null): BrokerDoor {
  let logins: Logins = new Map();

  const isOwn = (username: string) => own !== null && username === own.username;

  return {
    setLogins(next) {
      logins = makeLogins(next);
    },
    mayEnter({ username, password, clientId }) {
      if (own !== null && isOwn(username)) return same(password, own.password);
      const attempt = { clientId, username, password: Buffer.from(password), clean: true, will: null };
      return judgeLogin(attempt, logins).kind === 'welcome';
    },
    mayDo({ username, clientId, act, topic, qos, retain }) {
      if (isOwn(username)) return ownTopic(act, topic);
      const agent = knownAgent(username, logins);
      if (agent === null || clientId !== agent) return false;
      if (act === 'publish') return whyNotPublish(agent, { topic, qos, retain, sizeBytes: 0 }) === null;
      return mayHear(agent, topic, logins);
    },
  };
}

const LISTENS_TO: readonly string[] = [topics.allStatus, topics.allEvents, topics.allStills];

/** What the control plane says and hears: everything under Slowlight's own root. */
function ownTopic(act: DoorAct['act'], topic: string): boolean {
  if (!topic.startsWith(`${TOPIC_ROOT}/`)) return false;
  return act !== 'subscribe' || LISTENS_TO.includes(topic) || !/[+#]/.test(topic);
}

/** Compared without telling by the time where they differ. */
export function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
