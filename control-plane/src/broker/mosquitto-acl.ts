import { type AgentId, TOPIC_ROOT, topics } from '@slowlight/protocol';

/**
 * The access list of a Mosquitto (or of a broker that reads the same format) that lets the control plane and these agents
 * say and hear what they may, and everybody else nothing. Agents log in with their id as user name; also set
 * `allow_anonymous false` and `use_username_as_clientid true`, so that no agent can take another's connection.
 * @param controlPlaneUser the user name of the control plane itself
 */
export function mosquittoAcl(controlPlaneUser: string, agents: readonly AgentId[]): string {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(controlPlaneUser))
    throw new RangeError('the user name of the control plane may hold letters, digits, dots, dashes and underscores');
  const lines = [`user ${controlPlaneUser}`, `topic readwrite ${TOPIC_ROOT}/#`];
  for (const agent of agents)
    lines.push(
      '',
      `user ${agent}`,
      `topic readwrite ${topics.agentStatus(agent)}`,
      `topic write ${topics.agentEvents(agent)}`,
      `topic read ${topics.agentReceipts(agent)}`,
      `topic read ${topics.agentGrants(agent)}`,
      `topic read ${topics.agentSettings(agent)}`,
      `topic read ${topics.agentCommands(agent)}`,
      `topic read ${topics.cloudStatus}`,
    );
  return `${lines.join('\n')}\n`;
}
