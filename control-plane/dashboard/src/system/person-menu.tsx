/** What can be done about somebody beside what they may. Each asks once. */
import type { UserView } from '@slowlight/protocol';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Menu, type MenuEntry } from '../parts/menu.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions, houseKeys } from '../server/house.ts';
import { words } from '../words.ts';

type Act = 'reset' | 'removeFactor' | 'logOut' | 'remove';
interface Props {
  user: UserView;
  self: boolean;
  onPassword: (password: string) => void;
}

export function PersonMenu({ user, self, onPassword }: Props) {
  const [asked, setAsked] = useState<Act | null>(null);
  const stale = [houseKeys.users];
  const reset = useAction({
    run: houseActions.resetPassword,
    stale,
    onDone: ({ password }) => onPassword(password),
  });
  const removeFactor = useAction({ run: houseActions.removeFactor, stale, done: words.people.removedFactor });
  const logOut = useAction({ run: houseActions.logOutUser, stale, done: words.people.loggedOut });
  const remove = useAction({ run: houseActions.removeUser, stale, done: words.people.removed });
  const acts = { reset, removeFactor, logOut, remove };
  const said: Record<Act, { title: (name: string) => string; text: string; action: string }> = {
    reset: { title: words.people.resetTitle, text: words.people.resetText, action: words.people.resetAction },
    removeFactor: {
      title: words.people.removeFactorTitle,
      text: words.people.removeFactorText,
      action: words.people.removeFactorAction,
    },
    logOut: { title: words.people.logOutTitle, text: words.people.logOutText, action: words.people.logOutAction },
    remove: { title: words.people.removeTitle, text: words.people.removeText, action: words.people.removeAction },
  };
  const entry = (act: Act, danger = false): MenuEntry => ({
    kind: 'act',
    text: words.people[act],
    danger,
    onSelect: () => setAsked(act),
  });
  const entries = [
    entry('logOut'),
    ...(user.hasPassword && !self ? [entry('reset')] : []),
    ...(user.hasSecondFactor ? [entry('removeFactor')] : []),
    ...(self ? [] : [{ kind: 'line' } as const, entry('remove', true)]),
  ];
  return (
    <>
      <Menu trigger={<Button kind="quiet" icon="down" aria-label={words.people.menu(user.name)} />} entries={entries} />
      {asked !== null && (
        <Confirm
          open
          onOpenChange={() => setAsked(null)}
          title={said[asked].title(user.name)}
          action={said[asked].action}
          danger
          onConfirm={() => acts[asked].run(user.id)}
        >
          <p>{said[asked].text}</p>
        </Confirm>
      )}
    </>
  );
}
