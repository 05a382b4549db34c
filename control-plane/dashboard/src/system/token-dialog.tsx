/** Makes a token and shows its secret, once. */
import type { TokenView } from '@slowlight/protocol';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Secret } from '../parts/secret.tsx';
import { actions, useAction } from '../server/actions.ts';
import { serverNow } from '../server/clock.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

const DAY_MS = 86_400_000;
type Expiry = keyof typeof words.system.expiry;

export function TokenDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  if (secret !== null)
    return (
      <Dialog title={words.system.tokenAdded} explanation={words.system.tokenOnce} open={open} onOpenChange={close}>
        <Secret label={words.system.secret} value={secret} />
        <div className="dialog-foot">
          <Button kind="strong" onClick={close}>
            {words.common.close}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={words.system.addToken} explanation={words.system.tokensText} open={open} onOpenChange={close}>
      <TokenForm onMade={setSecret} onClose={close} />
    </Dialog>
  );
}

function TokenForm({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<TokenView['role']>('viewer');
  const [expiry, setExpiry] = useState<Expiry>('365');
  const create = useAction({
    run: actions.createToken,
    stale: [keys.tokens],
    faults: 'in-form',
    onDone: ({ secret }) => onMade(secret),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.run({
      name: name.trim(),
      role,
      expiresAt: expiry === 'never' ? null : Math.round(serverNow()) + Number(expiry) * DAY_MS,
    });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.system.tokenName}
        value={name}
        required
        maxLength={120}
        onChange={(event) => setName(event.target.value)}
        problem={create.problemOf('name')}
      />
      <div className="fields">
        <SelectField
          label={words.system.role}
          value={role}
          options={Object.entries(words.system.roles) as [TokenView['role'], string][]}
          onPick={setRole}
        />
        <SelectField
          label={words.system.expires}
          value={expiry}
          options={Object.entries(words.system.expiry) as [Expiry, string][]}
          onPick={setExpiry}
        />
      </div>
      <FormProblem fault={create.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={create.busy}>
          {words.system.addToken}
        </Button>
      </div>
    </form>
  );
}
