import type { AgentView } from '@slowlight/protocol';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { agentIsCalled } from '../server/foretaste.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  open: boolean;
  onClose: () => void;
  agent: AgentView;
}

export function RenameDialog({ open, onClose, agent }: Props) {
  return (
    <Dialog title={words.system.rename} width="narrow" open={open} onOpenChange={onClose}>
      <RenameForm agent={agent} onClose={onClose} />
    </Dialog>
  );
}

function RenameForm({ agent, onClose }: Omit<Props, 'open'>) {
  const [name, setName] = useState(agent.name);
  const rename = useAction({
    run: actions.renameAgent,
    atOnce: ({ id, name: next }) => agentIsCalled(id, next),
    stale: [keys.agents],
    done: words.common.saved,
    faults: 'in-form',
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.run({ id: agent.id, name: name.trim() });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.system.addAgentName}
        value={name}
        required
        maxLength={120}
        onChange={(event) => setName(event.target.value)}
        problem={rename.problemOf('name')}
      />
      <FormProblem fault={rename.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={rename.busy}>
          {words.common.save}
        </Button>
      </div>
    </form>
  );
}
