/**
 * The rights table of `rights.ts` in the words of Mosquitto: a password file beside the access list, or the configuration of
 * its dynamic-security plugin. Pure.
 * Source: mosquitto.conf(5), and Mosquitto's documentation of the dynamic security plugin.
 */
import { type AgentId, TOPIC_ROOT, topics, userNameBefore } from '@slowlight/protocol';
import { readMosquittoHash } from './mosquitto-hash.ts';

/** Somebody who may come in, with the hash that `mosquittoHash` makes of the secret. */
export interface MosquittoUser {
  name: string;
  hash: string;
}

export interface MosquittoUsers {
  controlPlane: MosquittoUser;
  agents: readonly MosquittoAgent[];
}

/** `before`: of the older one of two credentials that are good, while an agent changes from it to the next. */
export interface MosquittoAgent {
  agentId: AgentId;
  hash: string;
  before?: string | undefined;
}

interface UserOfAgent extends MosquittoUser {
  agentId: AgentId;
}

/** Mosquitto keeps one password for each name, so the older credential has a name of its own. */
const usersOf = ({ agentId, hash, before }: MosquittoAgent): UserOfAgent[] => [
  { agentId, name: agentId, hash },
  ...(before === undefined ? [] : [{ agentId, name: userNameBefore(agentId), hash: before }]),
];

/** One line for each; an agent that has none may not come in. */
export function mosquittoPasswords({ controlPlane, agents }: MosquittoUsers): string {
  const lines = [
    `${controlPlane.name}:${controlPlane.hash}`,
    ...agents.flatMap(usersOf).map(({ name, hash }) => `${name}:${hash}`),
  ];
  return `${lines.join('\n')}\n`;
}

type Act =
  | 'publishClientSend'
  | 'publishClientReceive'
  | 'subscribeLiteral'
  | 'subscribePattern'
  | 'unsubscribePattern';

/** What an agent may, topic by topic: the plugin of Mosquitto 2.0 knows no names that stand for whoever asks. */
export function agentRole(agent: AgentId) {
  const says = [topics.agentStatus(agent), topics.agentEvents(agent), topics.agentStills(agent)];
  const hears = [
    topics.cloudStatus,
    topics.agentStatus(agent),
    topics.agentReceipts(agent),
    topics.agentGrants(agent),
    topics.agentSettings(agent),
    topics.agentCommands(agent),
  ];
  return {
    rolename: roleOf(agent),
    acls: [
      ...says.map((topic) => allow('publishClientSend', topic)),
      ...hears.flatMap((topic) => [allow('subscribeLiteral', topic), allow('publishClientReceive', topic)]),
      allow('unsubscribePattern', '#'),
    ],
  };
}

export const roleOf = (agent: AgentId): string => `slowlight-${agent}`;

/** The plugin's whole configuration file: for a Mosquitto that serves Slowlight alone. */
export function dynamicSecurity({ controlPlane, agents }: MosquittoUsers): string {
  const known = agents.flatMap(usersOf).flatMap(({ agentId, name, hash }) => {
    const parts = readMosquittoHash(hash);
    return parts === null ? [] : [{ agentId, name, parts }];
  });
  const own = readMosquittoHash(controlPlane.hash);
  const config = {
    // Nobody may what no role says.
    defaultACLAccess: {
      publishClientSend: false,
      publishClientReceive: false,
      subscribe: false,
      unsubscribe: true,
    },
    clients: [
      { username: controlPlane.name, ...own, roles: [{ rolename: CONTROL_PLANE_ROLE }] },
      ...known.map(({ agentId, name, parts }) => ({
        username: name,
        // No other client id with this login, so that nobody takes another's connection.
        clientid: name,
        ...parts,
        roles: [{ rolename: roleOf(agentId) }],
      })),
    ],
    groups: [],
    roles: [
      {
        rolename: CONTROL_PLANE_ROLE,
        acls: [`${TOPIC_ROOT}/#`, '$CONTROL/dynamic-security/#'].flatMap((topic) => [
          allow('publishClientSend', topic),
          allow('publishClientReceive', topic),
          allow('subscribePattern', topic),
          allow('unsubscribePattern', topic),
        ]),
      },
      ...[...new Set(known.map(({ agentId }) => agentId))].map(agentRole),
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

const CONTROL_PLANE_ROLE = 'slowlight-control-plane';

const allow = (acltype: Act, topic: string) => ({ acltype, topic, priority: 0, allow: true });
