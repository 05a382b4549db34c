/** Makes a token and shows its secret, once. */
import type { Scope, SiteId, TokenView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { OnceDialog } from '../parts/once-dialog.tsx';
import { actions, useAction } from '../server/actions.ts';
import { serverNow } from '../server/clock.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';

const DAY_MS = 86_400_000;
type Role = TokenView['role'];
/** What each role is good for at most. */
const SCOPES: Record<Role, readonly Scope[]> = {
  viewer: ['read'],
  operator: ['read', 'capture', 'operate'],
  admin: ['read', 'capture', 'operate', 'manage', 'people'],
};
type Expiry = keyof typeof words.system.expiry;

export function TokenDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  if (secret !== null)
    return (
      <OnceDialog
        title={words.system.tokenAdded}
        explanation={words.system.tokenOnce}
        label={words.system.secret}
        secret={secret}
        open={open}
        onClose={close}
      />
    );
  return (
    <Dialog title={words.system.addToken} explanation={words.system.tokensText} open={open} onOpenChange={close}>
      <TokenForm onMade={setSecret} onClose={close} />
    </Dialog>
  );
}

function TokenForm({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [left, setLeft] = useState<readonly Scope[]>([]);
  const [site, setSite] = useState<SiteId | 'all'>('all');
  const sites = useQuery(queries.sites).data ?? [];
  const scopes = SCOPES[role].filter((scope) => !left.includes(scope));
  const [expiry, setExpiry] = useState<Expiry>('365');
  const create = useAction({
    run: actions.createToken,
    stale: [keys.tokens],
    faults: 'in-form',
    onDone: ({ secret }) => onMade(secret),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (scopes.length === 0) return;
    create.run({
      name: name.trim(),
      role,
      scopes,
      sites: site === 'all' ? null : [site],
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
          options={Object.entries(words.system.roles) as [Role, string][]}
          onPick={setRole}
        />
        <SelectField
          label={words.system.expires}
          value={expiry}
          options={Object.entries(words.system.expiry) as [Expiry, string][]}
          onPick={setExpiry}
        />
      </div>
      <SelectField
        label={words.scopes.sites}
        value={site}
        options={[['all', words.scopes.everywhere] as const, ...sites.map(({ id, name: at }) => [id, at] as const)]}
        onPick={setSite}
      />
      <fieldset>
        <legend>{words.scopes.label}</legend>
        {SCOPES[role].map((scope) => (
          <CheckField
            key={scope}
            label={words.scopes.names[scope]}
            checked={!left.includes(scope)}
            onPick={(on) => setLeft(on ? left.filter((one) => one !== scope) : [...left, scope])}
          />
        ))}
        {scopes.length === 0 && (
          <p className="field-problem" role="alert">
            {words.scopes.none}
          </p>
        )}
      </fieldset>
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
