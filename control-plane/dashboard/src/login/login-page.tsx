import type { UserView } from '@slowlight/protocol';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { peopleActions, peopleQueries } from '../server/people.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';
import './login.css';

/** The address stays as it is: whoever logs in is where they wanted to be. */
export function LoginPage() {
  const client = useQueryClient();
  const ways = useQuery(peopleQueries.ways).data;
  const logIn = useAction({
    run: peopleActions.logIn,
    faults: 'in-form',
    onDone: (user) => void letIn(user),
  });
  const letIn = async (user: UserView) => {
    // An answer to who was here before would show this page again.
    await client.cancelQueries({ queryKey: keys.session });
    client.setQueryData(keys.session, user);
    void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const code = String(form.get('code') ?? '');
    logIn.run({
      name: String(form.get('name')).trim(),
      password: String(form.get('password')),
      ...(code === '' ? {} : { code }),
    });
  };
  const asksForCode = logIn.fault?.code.startsWith('login.code-') === true;
  // Whoever comes back from the identity provider without being let in is told why by the address.
  const cameBack = new URLSearchParams(window.location.search).get('login');
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
        {asksForCode && (
          <TextField
            label={words.loginMore.code}
            name="code"
            autoComplete="one-time-code"
            help={words.loginMore.codeHelp}
            required
            autoFocus
          />
        )}
        {logIn.fault?.code !== 'login.code-needed' && <FormProblem fault={logIn.fault} />}
        {cameBack !== null && logIn.fault === null && (
          <p className="field-problem" role="alert">
            {cameBack === 'login.not-known-here' ? words.loginMore.notKnown : words.loginMore.providerFailed}
          </p>
        )}
        <Button kind="strong" type="submit" busy={logIn.busy}>
          {logIn.busy ? words.login.busy : words.login.submit}
        </Button>
        {ways?.openId != null && (
          <a className="button" href="/api/session/open-id">
            {words.loginMore.through(ways.openId.name)}
          </a>
        )}
        <p className="muted small">{words.login.firstTime}</p>
      </form>
    </main>
  );
}
