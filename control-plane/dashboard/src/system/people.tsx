/** Who may come in, and what they may. For administrators of the whole house. */
import type { UserView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { Secret } from '../parts/secret.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { houseQueries } from '../server/house.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { PersonDialog } from './person-dialog.tsx';
import { PersonMenu } from './person-menu.tsx';
import { SystemFrame } from './system-frame.tsx';

export function PeoplePage() {
  return (
    <SystemFrame at="/system/people">
      <People />
    </SystemFrame>
  );
}

function People() {
  const users = useQuery(houseQueries.users);
  const [open, setOpen] = useState<UserView | 'new' | null>(null);
  const [password, setPassword] = useState<string | null>(null);
  return (
    <section>
      <div className="section-head">
        <h2>{words.people.users}</h2>
        <div className="actions">
          <Button icon="plus" onClick={() => setOpen('new')}>
            {words.people.add}
          </Button>
        </div>
      </div>
      <Loaded query={users}>
        {(list) => (
          <ul className="panel rows">
            {list.map((user) => (
              <Person key={user.id} user={user} onEdit={() => setOpen(user)} onPassword={setPassword} />
            ))}
          </ul>
        )}
      </Loaded>
      <PersonDialog
        open={open !== null}
        user={open === 'new' ? null : open}
        onClose={() => setOpen(null)}
        onPassword={setPassword}
      />
      <Dialog
        title={words.people.password}
        explanation={words.people.passwordOnce}
        open={password !== null}
        onOpenChange={() => setPassword(null)}
      >
        <Secret label={words.people.password} value={password ?? ''} />
        <div className="dialog-foot">
          <Button kind="strong" onClick={() => setPassword(null)}>
            {words.common.close}
          </Button>
        </div>
      </Dialog>
    </section>
  );
}

interface PersonProps {
  user: UserView;
  onEdit: () => void;
  onPassword: (password: string) => void;
}

function Person({ user, onEdit, onPassword }: PersonProps) {
  const self = useQuery(queries.session).data?.id === user.id;
  const sites = useQuery(queries.sites).data;
  const atSites = user.sites.map(
    ({ siteId, role }) => `${sites?.find(({ id }) => id === siteId)?.name ?? siteId}: ${words.people.roles[role]}`,
  );
  const notes = [
    self ? words.people.you : null,
    user.hasSecondFactor ? words.people.secondFactor : null,
    user.hasPassword ? null : words.people.noPassword,
    user.mustChangePassword ? words.people.mustChange : null,
  ].filter((note) => note !== null);
  return (
    <li className="row row-short">
      <span>{user.name}</span>
      {!user.enabled && <StateDot tone="calm">{words.people.off}</StateDot>}
      <span className="muted small">{[words.people.roles[user.role], ...atSites].join(', ')}</span>
      <span className="muted small">{notes.join(', ')}</span>
      <span className="muted small">
        {user.lastLoginAt === null ? (
          words.people.neverHere
        ) : (
          <>
            {words.people.lastLogin} <Ago at={user.lastLoginAt} />
          </>
        )}
      </span>
      <div className="actions at-end">
        <Button kind="quiet" icon="pencil" aria-label={`${words.people.edit}: ${user.name}`} onClick={onEdit} />
        <PersonMenu user={user} self={self} onPassword={onPassword} />
      </div>
    </li>
  );
}
