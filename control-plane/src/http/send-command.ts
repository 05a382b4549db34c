/** Asks an agent to do something, and keeps what was asked. */
import { type AgentCommand, type AgentId, type CommandView, newCommandId } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { HttpRecords, ServerDeps } from './deps.ts';
import { found } from './given.ts';

/** A command that no agent has taken by then is not done any more. */
const COMMAND_LIFE_MS = 60_000;

/** What is asked: a command that is kept, without its envelope. */
export type Asked = {
  [Type in CommandView['type']]: Pick<Extract<AgentCommand, { type: Type }>, 'type' | 'body'>;
}[CommandView['type']];

export interface SendCommandDeps {
  records: Pick<HttpRecords, 'agent' | 'createCommand'>;
  sendCommand: ServerDeps['sendCommand'];
  clock: Clock;
}

/** @throws Failure `agent.not-found` | `agent.offline` | `broker.unreachable` */
export async function sendCommand(deps: SendCommandDeps, to: AgentId, asked: Asked): Promise<CommandView> {
  await wantOnline(deps.records, to);
  const expiresAt = deps.clock.now() + COMMAND_LIFE_MS;
  const command = { v: 1 as const, id: newCommandId(), expiresAt, ...asked };
  const view = await deps.records.createCommand(command, to);
  await deps.sendCommand(to, command);
  return view;
}

/** @throws Failure `agent.not-found` | `agent.offline` */
export async function wantOnline(records: Pick<HttpRecords, 'agent'>, id: AgentId): Promise<void> {
  const agent = found('agent', await records.agent(id));
  if (agent.state === 'online') return;
  throw new Failure({
    code: 'agent.offline',
    message: `The agent ${agent.name} is not connected, so nothing can be asked of it or its cameras now.`,
    hint: 'Its timelapses go on by themselves. Try again when it is online; if it stays away, look at its power and its network.',
    retry: 'later',
  });
}
