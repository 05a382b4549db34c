import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';
import './login.css';

/** The address stays as it is: whoever logs in is where they wanted to be. */
export function LoginPage() {
  const client = useQueryClient();
  const logIn = useAction({
    run: actions.logIn,
    faults: 'in-form',
    onDone: (user) => {
      client.setQueryData(keys.session, user);
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    logIn.run({ name: String(form.get('name')).trim(), password: String(form.get('password')) });
  };
  return (
    <main className="login">
      <div className="login-sky" aria-hidden="true" />
      <form className="login-card form" onSubmit={submit}>
        <div className="login-brand">
          <img src="/mark.svg" alt="" width="40" height="40" />
          <h1>{words.product}</h1>
        </div>
        <TextField
          label={words.login.name}
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
        />
        <TextField
          label={words.login.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        <FormProblem fault={logIn.fault} />
        <Button kind="strong" type="submit" busy={logIn.busy}>
          {logIn.busy ? words.login.busy : words.login.submit}
        </Button>
        <p className="muted small">{words.login.firstTime}</p>
      </form>
    </main>
  );
}
