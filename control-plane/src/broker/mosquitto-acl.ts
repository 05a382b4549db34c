import { type AgentId, TOPIC_ROOT, topics } from '@slowlight/protocol';

/** What Mosquitto reads as the user name of whoever asks; it refuses names with letters that mean something in a topic. */
const WHO_ASKS = '%u' as AgentId;

/**
 * The access list of a Mosquitto (or of a broker that reads the same format) that lets the control plane and its agents
 * say and hear what they may, and everybody else nothing of Slowlight. It names no agent: each logs in with its id as user
 * name, so a new one needs a line in the password file alone. Also set `allow_anonymous false` and
 * `use_username_as_clientid true`, so that no agent can take another's connection. README.md shows it.
 * @param controlPlaneUser the user name of the control plane itself
 */
export function mosquittoAcl(controlPlaneUser: string): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(controlPlaneUser))
    throw new RangeError('the user name of the control plane may hold letters, digits, dots, dashes and underscores');
  const lines = [
    `user ${controlPlaneUser}`,
    `topic readwrite ${TOPIC_ROOT}/#`,
    '',
    `pattern readwrite ${topics.agentStatus(WHO_ASKS)}`,
    `pattern write ${topics.agentEvents(WHO_ASKS)}`,
    `pattern write ${topics.agentStills(WHO_ASKS)}`,
    `pattern read ${topics.agentReceipts(WHO_ASKS)}`,
    `pattern read ${topics.agentGrants(WHO_ASKS)}`,
    `pattern read ${topics.agentSettings(WHO_ASKS)}`,
    `pattern read ${topics.agentCommands(WHO_ASKS)}`,
    `pattern read ${topics.cloudStatus}`,
  ];
  return `${lines.join('\n')}\n`;
}
