import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

export function PasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title={words.password.title} width="narrow" open={open} onOpenChange={onClose}>
      <PasswordForm onClose={onClose} />
    </Dialog>
  );
}

/** @param leave instead of the button that closes it without a change */
export function PasswordForm({ onClose, leave }: { onClose: () => void; leave?: ReactNode }) {
  const [differ, setDiffer] = useState(false);
  const change = useAction({
    run: actions.changePassword,
    stale: [keys.session],
    done: words.password.done,
    faults: 'in-form',
    onDone: onClose,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const next = String(form.get('next'));
    const same = next === form.get('again');
    setDiffer(!same);
    if (same) change.run({ current: String(form.get('current')), next });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.password.current}
        name="current"
        type="password"
        autoComplete="current-password"
        required
        problem={change.problemOf('current')}
      />
      <TextField
        label={words.password.next}
        name="next"
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
        help={words.password.rule}
        problem={change.problemOf('next')}
      />
      <TextField
        label={words.password.again}
        name="again"
        type="password"
        autoComplete="new-password"
        required
        problem={differ ? words.password.differ : undefined}
      />
      <FormProblem fault={change.fault} />
      <div className="dialog-foot">
        {leave ?? <Button onClick={onClose}>{words.common.cancel}</Button>}
        <Button kind="strong" type="submit" busy={change.busy}>
          {words.password.title}
        </Button>
      </div>
    </form>
  );
}
