/** What is to be said of who works under an agent's name; nothing where all is well. */
import type { AgentView } from '@slowlight/protocol';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { useAction } from '../server/actions.ts';
import { enrolmentActions } from '../server/enrolments.ts';
import { keys } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

export function IdentityNotes({ agent }: { agent: AgentView }) {
  const mayOperate = useMay('operate');
  const clear = useAction({ run: enrolmentActions.clearClone, stale: [keys.agents] });
  return (
    <>
      {agent.revokedAt !== null && (
        <p className="warn-text">
          {words.enrolment.revoked} <Ago at={agent.revokedAt} />
        </p>
      )}
      {agent.cloneSuspected !== null && (
        <p className="row warn-text" role="alert">
          <span>
            {words.enrolment.clone} <Ago at={agent.cloneSuspected.at} />
          </span>
          {mayOperate && (
            <Button kind="quiet" busy={clear.busy} onClick={() => clear.run(agent.id)}>
              {words.enrolment.cloneLooked}
            </Button>
          )}
        </p>
      )}
    </>
  );
}
