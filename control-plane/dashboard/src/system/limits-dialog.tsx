/** How much an agent may deliver, and when. */
import type { AgentView } from '@slowlight/protocol';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';
import { draftOf, limitsOf } from './delivery-limits.ts';

interface Props {
  open: boolean;
  onClose: () => void;
  agent: AgentView;
}

export function LimitsDialog({ open, onClose, agent }: Props) {
  const { title, explanation } = words.system.limits;
  return (
    <Dialog title={title} explanation={explanation} width="narrow" open={open} onOpenChange={onClose}>
      <LimitsForm agent={agent} onClose={onClose} />
    </Dialog>
  );
}

function LimitsForm({ agent, onClose }: Omit<Props, 'open'>) {
  const [draft, setDraft] = useState(() => draftOf(agent.delivery));
  const save = useAction({
    run: actions.limitAgent,
    stale: [keys.agents],
    done: words.common.saved,
    faults: 'in-form',
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.run({ id: agent.id, delivery: limitsOf(draft, agent.delivery) });
  };
  const amount = (name: 'gigabytesPerDay' | 'gigabytesPerMonth' | 'backlogMegabits', least: string) => (
    <TextField
      label={words.system.limits[name]}
      value={draft[name]}
      type="number"
      min={least}
      step="any"
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
    />
  );
  const time = (name: 'from' | 'until') => (
    <TextField
      label={words.system.limits[name]}
      value={draft[name]}
      type="time"
      required={draft.from !== '' || draft.until !== ''}
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
    />
  );
  return (
    <form className="form" onSubmit={submit}>
      {amount('gigabytesPerDay', '0.001')}
      {amount('gigabytesPerMonth', '0.001')}
      {amount('backlogMegabits', '0.008')}
      {time('from')}
      {time('until')}
      <CheckField
        label={words.system.limits.holdNewFrames}
        checked={draft.holdNewFrames}
        onPick={(holdNewFrames) => setDraft({ ...draft, holdNewFrames })}
      />
      <FormProblem fault={save.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={save.busy}>
          {words.common.save}
        </Button>
      </div>
    </form>
  );
}
