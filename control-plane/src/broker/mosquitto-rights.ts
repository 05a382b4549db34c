/**
 * The rights table of `rights.ts` in the words of Mosquitto: a password file beside the access list, or the configuration of
 * its dynamic-security plugin. Pure.
 * Source: mosquitto.conf(5), and Mosquitto's documentation of the dynamic security plugin.
 */
import { type AgentId, TOPIC_ROOT, topics } from '@slowlight/protocol';
import { readMosquittoHash } from './mosquitto-hash.ts';

/** Somebody who may come in, with the hash that `mosquittoHash` makes of the secret. */
export interface MosquittoUser {
  name: string;
  hash: string;
}

export interface MosquittoUsers {
  controlPlane: MosquittoUser;
  agents: readonly { agentId: AgentId; hash: string }[];
}

/** One line for each; an agent that has none may not come in. */
export function mosquittoPasswords({ controlPlane, agents }: MosquittoUsers): string {
  const lines = [
    `${controlPlane.name}:${controlPlane.hash}`,
    ...agents.map(({ agentId, hash }) => `${agentId}:${hash}`),
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
  const known = agents.flatMap(({ agentId, hash }) => {
    const parts = readMosquittoHash(hash);
    return parts === null ? [] : [{ agentId, parts }];
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
      ...known.map(({ agentId, parts }) => ({
        username: agentId,
        // No other client id with this login, so that nobody takes another's connection.
        clientid: agentId,
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
      ...known.map(({ agentId }) => agentRole(agentId)),
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

const CONTROL_PLANE_ROLE = 'slowlight-control-plane';

const allow = (acltype: Act, topic: string) => ({ acltype, topic, priority: 0, allow: true });
