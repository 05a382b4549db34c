import { type AgentId, TOPIC_ROOT, topics, userNameBefore } from '@slowlight/protocol';

/** What Mosquitto reads as the user name of whoever asks; it refuses names with letters that mean something in a topic. */
const WHO_ASKS = '%u' as AgentId;

/**
 * The access list of a Mosquitto (or of a broker that reads the same format) that lets the control plane and its agents
 * say and hear what they may, and everybody else nothing of Slowlight. It names no agent: each logs in with its id as user
 * name, so a new one needs a line in the password file alone. Also set `allow_anonymous false` and
 * `use_username_as_clientid true`, so that no agent can take another's connection. README.md shows it.
 * @param controlPlaneUser the user name of the control plane itself
 * @param withTwo agents that may come in with either of two credentials: under its second name such an agent has the same
 * rights, which are written out because that name is not in its topics
 */
export function mosquittoAcl(controlPlaneUser: string, withTwo: readonly AgentId[] = []): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(controlPlaneUser))
    throw new RangeError('the user name of the control plane may hold letters, digits, dots, dashes and underscores');
  const lines = [
    `user ${controlPlaneUser}`,
    `topic readwrite ${TOPIC_ROOT}/#`,
    '',
    ...withTwo.flatMap((agent) => [`user ${userNameBefore(agent)}`, ...rightsOf(agent, 'topic'), '']),
    ...rightsOf(WHO_ASKS, 'pattern'),
  ];
  return `${lines.join('\n')}\n`;
}

const rightsOf = (agent: AgentId, word: 'topic' | 'pattern'): string[] => [
  `${word} readwrite ${topics.agentStatus(agent)}`,
  `${word} write ${topics.agentEvents(agent)}`,
  `${word} write ${topics.agentStills(agent)}`,
  `${word} read ${topics.agentReceipts(agent)}`,
  `${word} read ${topics.agentGrants(agent)}`,
  `${word} read ${topics.agentSettings(agent)}`,
  `${word} read ${topics.agentCommands(agent)}`,
  `${word} read ${topics.cloudStatus}`,
];
