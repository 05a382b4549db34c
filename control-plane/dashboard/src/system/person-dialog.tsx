/** Lets somebody in, or changes what they may: everywhere, and at single sites. */
import type { SiteId, SiteRole, UserView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions, houseKeys } from '../server/house.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  open: boolean;
  /** null: somebody new. */
  user: UserView | null;
  onClose: () => void;
  onPassword: (password: string) => void;
}
type HouseRole = UserView['role'];
type AtSite = SiteRole['role'] | 'as-everywhere';

const ROLES = Object.entries(words.people.roles) as [HouseRole, string][];
const AT_SITE: readonly (readonly [AtSite, string])[] = [
  ['as-everywhere', words.people.asEverywhere],
  ...ROLES.flatMap(([role, text]) => (role === 'none' ? [] : [[role, text] as const])),
];

export function PersonDialog({ open, user, onClose, onPassword }: Props) {
  return (
    <Dialog
      title={user === null ? words.people.add : `${words.people.edit}: ${user.name}`}
      {...(user === null ? {} : { explanation: words.people.changedText })}
      width="narrow"
      open={open}
      onOpenChange={onClose}
    >
      <PersonForm user={user} onClose={onClose} onPassword={onPassword} />
    </Dialog>
  );
}

function PersonForm({ user, onClose, onPassword }: Omit<Props, 'open'>) {
  const places = useQuery(queries.sites).data ?? [];
  const [name, setName] = useState(user?.name ?? '');
  const [role, setRole] = useState<HouseRole>(user?.role ?? 'viewer');
  const [enabled, setEnabled] = useState(user?.enabled ?? true);
  const [sites, setSites] = useState<readonly SiteRole[]>(user?.sites ?? []);
  const stale = [houseKeys.users, keys.session];
  const add = useAction({
    run: houseActions.addUser,
    stale,
    faults: 'in-form',
    onDone: ({ password }) => {
      onClose();
      if (password !== null) onPassword(password);
    },
  });
  const change = useAction({
    run: houseActions.changeUser,
    stale,
    done: words.common.saved,
    faults: 'in-form',
    onDone: onClose,
  });
  const action = user === null ? add : change;
  const atSite = (siteId: SiteId): AtSite => sites.find((one) => one.siteId === siteId)?.role ?? 'as-everywhere';
  const setAt = (siteId: SiteId, picked: AtSite) =>
    setSites([
      ...sites.filter((one) => one.siteId !== siteId),
      ...(picked === 'as-everywhere' ? [] : [{ siteId, role: picked }]),
    ]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish = { name: name.trim(), role, sites: [...sites] };
    if (user === null) add.run(wish);
    else change.run({ id: user.id, change: { ...wish, enabled } });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.people.name}
        value={name}
        required
        maxLength={120}
        onChange={(event) => setName(event.target.value)}
        problem={action.problemOf('name')}
      />
      <SelectField label={words.people.role} value={role} options={ROLES} onPick={setRole} />
      {places.length > 0 && (
        <fieldset>
          <legend>{words.people.siteRoles}</legend>
          {places.map((site) => (
            <SelectField
              key={site.id}
              label={site.name}
              value={atSite(site.id)}
              options={AT_SITE}
              onPick={(picked) => setAt(site.id, picked)}
            />
          ))}
        </fieldset>
      )}
      {user !== null && <CheckField label={words.people.enabled} checked={enabled} onPick={setEnabled} />}
      <FormProblem fault={action.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={action.busy}>
          {user === null ? words.people.add : words.common.save}
        </Button>
      </div>
    </form>
  );
}
