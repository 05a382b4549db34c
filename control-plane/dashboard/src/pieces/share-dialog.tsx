/** Makes links for strangers to one timelapse or one video, and withdraws them. Mount it where the thing is shown. */
import type { ShareView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Moment } from '../parts/moment.tsx';
import { Secret } from '../parts/secret.tsx';
import { useAction } from '../server/actions.ts';
import { serverNow } from '../server/clock.ts';
import { peopleActions, peopleKeys, peopleQueries, type Shown } from '../server/people.ts';
import { words } from '../words.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
type Ending = keyof typeof words.share.endings;
type Delay = keyof typeof words.share.delays;

interface Props {
  /** What is shared. */
  shown: Shown;
  /** As the page of the link is called at first. */
  name: string;
  open: boolean;
  onClose: () => void;
}

export function ShareDialog({ shown, name, open, onClose }: Props) {
  const [token, setToken] = useState<string | null>(null);
  const close = () => {
    setToken(null);
    onClose();
  };
  if (token !== null) {
    const { origin } = window.location;
    const player = `<iframe src="${origin}/embed/${token}" width="960" height="540" allowfullscreen></iframe>`;
    return (
      <Dialog title={words.share.made} explanation={words.share.once} open={open} onOpenChange={close}>
        <Secret label={words.share.link} value={`${origin}/s/${token}`} />
        <Secret label={words.share.player} value={player} />
      </Dialog>
    );
  }
  return (
    <Dialog title={words.share.title} explanation={words.share.text} open={open} onOpenChange={close}>
      <ShareForm shown={shown} name={name} onMade={setToken} />
      <Links shown={shown} />
    </Dialog>
  );
}

function ShareForm({ shown, name, onMade }: { shown: Shown; name: string; onMade: (token: string) => void }) {
  const [ending, setEnding] = useState<Ending>('30');
  const [delay, setDelay] = useState<Delay>('0');
  const make = useAction({
    run: peopleActions.share,
    stale: [peopleKeys.shares],
    faults: 'in-form',
    onDone: (made) => onMade(made.token),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const pages = String(form.get('embed')).split(/\s+/);
    make.run({
      ...shown,
      name: String(form.get('name')),
      delayMs: Number(delay) * HOUR_MS,
      embeddedBy: pages.filter((page) => page !== '').map((page) => page.replace(/\/+$/, '')),
      expiresAt: ending === 'never' ? null : Math.round(serverNow()) + Number(ending) * DAY_MS,
    });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField label={words.share.name} name="name" defaultValue={name} maxLength={120} required />
      <div className="fields">
        <SelectField
          label={words.share.ends}
          value={ending}
          options={Object.entries(words.share.endings) as [Ending, string][]}
          onPick={setEnding}
        />
        <SelectField
          label={words.share.delay}
          value={delay}
          options={Object.entries(words.share.delays) as [Delay, string][]}
          onPick={setDelay}
        />
      </div>
      <Field label={words.share.embed} help={words.share.embedHelp}>
        {(ids) => <textarea className="input" name="embed" rows={2} {...ids} />}
      </Field>
      <FormProblem fault={make.fault} />
      <div className="dialog-foot">
        <Button kind="strong" type="submit" busy={make.busy}>
          {words.share.make}
        </Button>
      </div>
    </form>
  );
}

function Links({ shown }: { shown: Shown }) {
  const links = useQuery(peopleQueries.shares(shown)).data?.items ?? [];
  if (links.length === 0) return null;
  return (
    <section>
      <h3>{words.share.existing}</h3>
      <ul className="rows">
        {links.map((link) => (
          <Link key={link.id} link={link} />
        ))}
      </ul>
    </section>
  );
}

function Link({ link }: { link: ShareView }) {
  const withdraw = useAction({
    run: peopleActions.withdraw,
    stale: [peopleKeys.shares],
    done: words.share.withdrawnDone,
  });
  const isOver = link.expiresAt !== null && link.expiresAt <= serverNow();
  return (
    <li className="row">
      <div>
        <strong>{link.name}</strong>
        <p className="muted small">
          {words.share.views(link.views)} ·{' '}
          {link.revokedAt !== null ? (
            words.share.withdrawn
          ) : isOver ? (
            words.share.over
          ) : link.expiresAt === null ? (
            words.share.forever
          ) : (
            <>
              {words.share.until} <Moment at={link.expiresAt} zone={ownZone()} />
            </>
          )}
        </p>
      </div>
      {link.revokedAt === null && !isOver && (
        <Button kind="quiet" busy={withdraw.busy} onClick={() => withdraw.run(link.id)}>
          {words.share.withdraw}
        </Button>
      )}
    </li>
  );
}
