import type { AgentView } from '@slowlight/protocol';
import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { CheckField } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { enrolmentActions } from '../server/enrolments.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

/** Keeps an agent out, after a word about what it means. */
export function RevokeDialog({ agent, open, onClose }: { agent: AgentView; open: boolean; onClose: () => void }) {
  const [giveUpSlots, setGiveUpSlots] = useState(false);
  const revoke = useAction({
    run: enrolmentActions.revoke,
    stale: [keys.agents],
    done: words.enrolment.revokedDone,
    onDone: onClose,
  });
  return (
    <Confirm
      open={open}
      onOpenChange={onClose}
      title={words.enrolment.revokeTitle(agent.name)}
      action={words.enrolment.revokeAction}
      danger
      onConfirm={() => revoke.run({ id: agent.id, giveUpSlots })}
    >
      <p>{words.enrolment.revokeText}</p>
      <CheckField label={words.enrolment.giveUpSlots} checked={giveUpSlots} onPick={setGiveUpSlots} />
    </Confirm>
  );
}
