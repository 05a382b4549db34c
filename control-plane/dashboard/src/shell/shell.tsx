/** The little that is around every page: where to go, who one is, whether the server is heard. */
import type { UserView } from '@slowlight/protocol';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { chooseLanguage, chosenLanguage, LANGUAGES, type LanguageChoice } from '../look/language.ts';
import { chooseTheme, chosenTheme, type Theme } from '../look/theme.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu, type MenuEntry } from '../parts/menu.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { actions, useAction } from '../server/actions.ts';
import { words } from '../words.ts';
import { AccountDialog } from './account-dialog.tsx';
import { AlarmCount } from './alarm-count.tsx';
import { entries } from './entries.ts';
import { OfflineBar, useFeed } from './offline-bar.tsx';
import { PasswordDialog } from './password-dialog.tsx';
import './shell.css';

const LANGUAGE_CHOICES = Object.entries({ browser: words.nav.asBrowser, ...LANGUAGES }) as [LanguageChoice, string][];
const THEMES = Object.entries(words.nav.themes) as [Theme, string][];

export function Shell({ user, children }: { user: UserView; children: ReactNode }) {
  const feed = useFeed();
  const navigate = useNavigate();
  const [theme, setTheme] = useState(chosenTheme);
  const [open, setOpen] = useState<'account' | 'password' | 'keys' | null>(null);
  const logOut = useAction({ run: actions.logOut, onDone: () => window.location.assign('/') });
  useShortcuts({
    ...Object.fromEntries(entries.map(({ to, keys }) => [keys, () => void navigate({ to })])),
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
    {
      kind: 'choice',
      title: words.nav.language,
      value: chosenLanguage(),
      options: LANGUAGE_CHOICES,
      onPick: (value) => chooseLanguage(LANGUAGE_CHOICES.find(([one]) => one === value)?.[0] ?? 'browser'),
    },
    { kind: 'line' },
    { kind: 'act', text: words.nav.keys, onSelect: () => setOpen('keys') },
    { kind: 'link', text: words.nav.apiDocs, href: '/api/docs' },
    { kind: 'act', text: words.account.open, onSelect: () => setOpen('account') },
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
          {entries.map(({ to, text, icon }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
              <Icon name={icon} />
              {text}
              {to === '/system' && <AlarmCount />}
            </Link>
          ))}
        </nav>
        <Menu trigger={<Button kind="quiet" icon="person" aria-label={words.nav.menu(user.name)} />} entries={menu} />
      </header>
      <OfflineBar state={feed} />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <AccountDialog user={user} open={open === 'account'} onClose={() => setOpen(null)} />
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
