import type { AgentId } from '@slowlight/protocol';
import { Failure, seal } from '@slowlight/protocol/kit';
import type { HttpRecords } from './deps.ts';
import { wrongFields } from './problems.ts';

/**
 * A password as it is stored or sent: readable only by the agent, and only for what `context` names.
 * @throws Failure `camera.agent-not-ready` before the agent has shown its key
 */
export async function sealFor(
  records: Pick<HttpRecords, 'agentPublicKey'>,
  { agent, context, password }: { agent: AgentId; context: string; password: string },
): Promise<string> {
  const publicKey = await records.agentPublicKey(agent);
  if (publicKey === null)
    throw new Failure({
      code: 'camera.agent-not-ready',
      message: 'The agent has not been online yet, so there is no key to seal the camera’s password with.',
      hint: 'Start the agent once; when it is online, save the camera again. Nothing was stored.',
      retry: 'later',
    });
  return seal(password, publicKey, context);
}

/** A password without a name opens no camera. @throws Failure `request.invalid` */
export function wantLoginWhole(username: string | null, hasPassword: boolean): void {
  if (hasPassword && (username === null || username === ''))
    throw wrongFields([{ path: 'username', problem: 'is needed with a password' }]);
}
