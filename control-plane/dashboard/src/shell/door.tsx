/** Who comes in: the pages for those who are logged in, the login for the others, at the same address. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LoginPage } from '../login/login-page.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { queries } from '../server/queries.ts';
import { isServerFault } from '../server/request.ts';
import { PasswordGate } from './password-gate.tsx';
import { Shell } from './shell.tsx';

export function Door({ children }: { children: ReactNode }) {
  const session = useQuery(queries.session);
  if (isServerFault(session.error) && session.error.status === 401) return <LoginPage />;
  return (
    <Loaded query={session} waiting={<div className="page" aria-busy="true" />}>
      {(user) => (user.mustChangePassword ? <PasswordGate /> : <Shell user={user}>{children}</Shell>)}
    </Loaded>
  );
}
