/** The little that is around every page: where to go, who one is, whether the server is heard. */
import type { UserView } from '@slowlight/protocol';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { chooseTheme, chosenTheme, type Theme } from '../look/theme.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu, type MenuEntry } from '../parts/menu.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { actions, useAction } from '../server/actions.ts';
import { words } from '../words.ts';
import { OfflineBar, useFeed } from './offline-bar.tsx';
import { PasswordDialog } from './password-dialog.tsx';
import './shell.css';

const THEMES = Object.entries(words.nav.themes) as [Theme, string][];

export function Shell({ user, children }: { user: UserView; children: ReactNode }) {
  const feed = useFeed();
  const navigate = useNavigate();
  const [theme, setTheme] = useState(chosenTheme);
  const [open, setOpen] = useState<'password' | 'keys' | null>(null);
  const [putOff, setPutOff] = useState(false);
  const logOut = useAction({ run: actions.logOut, onDone: () => window.location.assign('/') });
  useShortcuts({
    'g c': () => void navigate({ to: '/' }),
    'g s': () => void navigate({ to: '/system' }),
    '?': () => setOpen('keys'),
  });

  const menu: MenuEntry[] = [
    { kind: 'say', text: `${user.name} · ${words.nav.roles[user.role]}` },
    {
      kind: 'choice',
      title: words.nav.theme,
      value: theme,
      options: THEMES,
      onPick: (value) => {
        const next = THEMES.find(([one]) => one === value)?.[0] ?? 'system';
        chooseTheme(next);
        setTheme(next);
      },
    },
    { kind: 'line' },
    { kind: 'act', text: words.nav.keys, onSelect: () => setOpen('keys') },
    { kind: 'link', text: words.nav.apiDocs, href: '/api/docs' },
    { kind: 'act', text: words.nav.password, onSelect: () => setOpen('password') },
    { kind: 'line' },
    { kind: 'act', text: words.nav.logOut, onSelect: () => logOut.run(undefined) },
  ];
  return (
    <>
      <a className="skip" href="#content">
        {words.nav.skip}
      </a>
      <header className="bar">
        <Link to="/" className="brand" aria-label={`${words.product}: ${words.nav.cameras}`}>
          <img src="/mark.svg" alt="" width="26" height="26" />
          <span>{words.product}</span>
        </Link>
        <nav aria-label={words.nav.main}>
          <Link to="/" activeOptions={{ exact: true }}>
            {words.nav.cameras}
          </Link>
          <Link to="/system">{words.nav.system}</Link>
        </nav>
        <Menu trigger={<Button kind="quiet" icon="person" aria-label={words.nav.menu(user.name)} />} entries={menu} />
      </header>
      <OfflineBar state={feed} />
      {user.mustChangePassword && !putOff && (
        <div className="notice">
          <Icon name="alert" />
          <p>{words.password.must}</p>
          <div className="actions">
            <Button kind="strong" onClick={() => setOpen('password')}>
              {words.password.mustAction}
            </Button>
            <Button kind="quiet" onClick={() => setPutOff(true)}>
              {words.password.later}
            </Button>
          </div>
        </div>
      )}
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <PasswordDialog open={open === 'password'} onClose={() => setOpen(null)} />
      <Dialog title={words.keys.title} width="narrow" open={open === 'keys'} onOpenChange={() => setOpen(null)}>
        <dl className="keys">
          {words.keys.list.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </>
  );
}
