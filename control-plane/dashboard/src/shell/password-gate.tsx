/** Before anything else: whoever came in with a password that was made up chooses one of their own. */
import { Button } from '../parts/button.tsx';
import { actions, useAction } from '../server/actions.ts';
import { words } from '../words.ts';
import { PasswordForm } from './password-dialog.tsx';
import '../login/login.css';

export function PasswordGate() {
  const logOut = useAction({ run: actions.logOut, onDone: () => window.location.assign('/') });
  return (
    <main className="login">
      <div className="login-sky" aria-hidden="true" />
      <div className="login-card">
        <div className="login-brand">
          <img src="/mark.svg" alt="" width="40" height="40" />
          <h1>{words.password.mustAction}</h1>
        </div>
        <p>{words.password.must}</p>
        <PasswordForm
          onClose={() => {}}
          leave={
            <Button kind="quiet" onClick={() => logOut.run(undefined)}>
              {words.nav.logOut}
            </Button>
          }
        />
      </div>
    </main>
  );
}
