/** Where somebody is logged in, and the second factor. */
import type { SessionView, UserView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { generate } from 'lean-qr';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { Secret } from '../parts/secret.tsx';
import { useAction } from '../server/actions.ts';
import { peopleActions, peopleKeys, peopleQueries } from '../server/people.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';
import './account.css';

export function AccountDialog({ user, open, onClose }: { user: UserView; open: boolean; onClose: () => void }) {
  return (
    <Dialog title={words.account.title} explanation={user.name} open={open} onOpenChange={onClose}>
      <section>
        <h3>{words.account.sessions}</h3>
        <Sessions />
      </section>
      {user.hasPassword && (
        <section>
          <h3>{words.account.factor}</h3>
          <SecondFactor user={user} />
        </section>
      )}
    </Dialog>
  );
}

function Sessions() {
  const sessions = useQuery(peopleQueries.sessions);
  return (
    <Loaded query={sessions}>
      {({ items }) => (
        <ul className="rows">
          {items.map((session) => (
            <Session key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Session({ session }: { session: SessionView }) {
  const end = useAction({
    run: peopleActions.endSession,
    stale: [peopleKeys.sessions],
    done: words.account.ended,
  });
  return (
    <li className="row">
      <div>
        <strong>{session.current ? words.account.here : (session.browser ?? words.account.unknownBrowser)}</strong>
        <p className="muted small">
          {session.address} · {words.account.seen} <Moment at={session.seenAt} zone={ownZone()} />
        </p>
      </div>
      {!session.current && (
        <Button kind="quiet" busy={end.busy} onClick={() => end.run(session.id)}>
          {words.account.end}
        </Button>
      )}
    </li>
  );
}

function SecondFactor({ user }: { user: UserView }) {
  const [step, setStep] = useState<'password' | 'code' | null>(null);
  const [offer, setOffer] = useState<{ secret: string; uri: string } | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const begin = useAction({
    run: peopleActions.beginFactor,
    faults: 'in-form',
    onDone: (given) => {
      setOffer(given);
      setStep('code');
    },
  });
  const confirm = useAction({
    run: peopleActions.confirmFactor,
    stale: [keys.session],
    faults: 'in-form',
    onDone: ({ recoveryCodes }) => {
      setRecovery(recoveryCodes);
      setStep(null);
    },
  });
  const remove = useAction({
    run: peopleActions.removeFactor,
    stale: [keys.session],
    done: words.account.factorRemoved,
    faults: 'in-form',
    onDone: () => {
      setStep(null);
      setRecovery(null);
    },
  });
  const withPassword = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    (user.hasSecondFactor ? remove : begin).run(password);
  };
  const withCode = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.run(String(new FormData(event.currentTarget).get('code')));
  };
  if (recovery !== null)
    return (
      <>
        <p>{words.account.recoveryText}</p>
        <Secret label={words.account.recovery} value={recovery.join('\n')} />
      </>
    );
  if (step === 'code' && offer !== null)
    return (
      <form className="form" onSubmit={withCode}>
        <p>{words.account.scan}</p>
        <QrCode text={offer.uri} label={words.account.qr} />
        <Secret label={words.account.key} value={offer.secret} />
        <TextField label={words.account.code} name="code" inputMode="numeric" autoComplete="one-time-code" required />
        <FormProblem fault={confirm.fault} />
        <Button kind="strong" type="submit" busy={confirm.busy}>
          {words.account.confirm}
        </Button>
      </form>
    );
  if (step === 'password')
    return (
      <form className="form" onSubmit={withPassword}>
        <TextField
          label={words.account.confirmPassword}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        <FormProblem fault={begin.fault ?? remove.fault} />
        <Button kind="strong" type="submit" busy={begin.busy || remove.busy}>
          {words.account.confirm}
        </Button>
      </form>
    );
  return (
    <>
      <p>{user.hasSecondFactor ? words.account.factorOn : words.account.factorOff}</p>
      <Button onClick={() => setStep('password')}>
        {user.hasSecondFactor ? words.account.factorRemove : words.account.factorBegin}
      </Button>
    </>
  );
}

function QrCode({ text, label }: { text: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) generate(text).toCanvas(canvas.current);
  }, [text]);
  return <canvas ref={canvas} className="qr" role="img" aria-label={label} />;
}
