/** Arranges the connection to the broker of a house: login, topics, and the cameras whose pictures are shown there. */
import type { CameraId, HomeBrokerView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, Field, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { type HomeBrokerDraft, homeActions, homeKey } from '../server/home.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';

/** `broker` null: a new one. */
interface DialogProps {
  open: boolean;
  onClose: () => void;
  broker: HomeBrokerView | null;
}

export function HomeBrokerDialog({ open, onClose, broker }: DialogProps) {
  return (
    <Dialog
      title={broker === null ? words.houses.addTitle : words.houses.changeTitle}
      explanation={words.houses.explanation}
      open={open}
      onOpenChange={onClose}
    >
      {open && <HomeBrokerForm broker={broker} onClose={onClose} />}
    </Dialog>
  );
}

const VERSIONS = [
  ['5', 'MQTT 5'],
  ['3.1.1', 'MQTT 3.1.1'],
] as const;

const textsOf = (broker: HomeBrokerView | null) => ({
  name: broker?.name ?? '',
  url: broker?.url ?? 'mqtt://',
  username: broker?.username ?? '',
  password: '',
  ca: broker?.ca ?? '',
  topicRoot: broker?.topicRoot ?? 'slowlight',
  discoveryPrefix: broker?.discoveryPrefix ?? 'homeassistant',
});
const orNone = (text: string) => (text.trim() === '' ? null : text);

function HomeBrokerForm({ broker, onClose }: Omit<DialogProps, 'open'>) {
  const [texts, setTexts] = useState(() => textsOf(broker));
  const [mqtt, setMqtt] = useState<HomeBrokerView['mqtt']>(broker?.mqtt ?? '5');
  const [enabled, setEnabled] = useState(broker?.enabled ?? true);
  const [pictures, setPictures] = useState<readonly CameraId[]>(broker?.pictures ?? []);
  const options = { stale: [homeKey], faults: 'in-form', done: words.houses.done, onDone: onClose } as const;
  const add = useAction({ run: homeActions.add, ...options });
  const change = useAction({ run: homeActions.change, ...options });
  const test = useAction({ run: homeActions.test, faults: 'in-form', onDone: (answer) => setTried(answer) });
  const [tried, setTried] = useState<Awaited<ReturnType<typeof homeActions.test>> | null>(null);
  const save = broker === null ? add : change;

  const draft = (): HomeBrokerDraft => ({
    name: texts.name.trim(),
    url: texts.url.trim(),
    mqtt,
    username: orNone(texts.username),
    ca: orNone(texts.ca),
    topicRoot: texts.topicRoot.trim(),
    discoveryPrefix: texts.discoveryPrefix.trim(),
    enabled,
    pictures: [...pictures],
    // Left empty: what is stored stays, or there is none. Without a user name there is no login at all.
    ...(texts.password !== '' && { password: texts.password }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.forget();
    if (broker === null) return add.run(draft());
    const gone = orNone(texts.username) === null ? { password: null } : {};
    change.run({ id: broker.id, change: { ...draft(), ...gone } });
  };
  const tryIt = () => {
    setTried(null);
    save.forget();
    test.run({ ...draft(), ...(broker !== null && { id: broker.id }), name: texts.name.trim() || words.houses.title });
  };
  const problemOf = (field: string) => save.problemOf(field) ?? test.problemOf(field);
  const field = (name: keyof typeof texts) => ({
    label: words.houses[name],
    value: texts[name],
    problem: problemOf(name),
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => setTexts({ ...texts, [name]: event.target.value }),
  });
  return (
    <form className="form" onSubmit={submit}>
      <TextField {...field('name')} required maxLength={120} />
      <TextField {...field('url')} required maxLength={300} help={words.houses.urlHelp} />
      <div className="fields">
        <TextField {...field('username')} maxLength={256} />
        <TextField
          {...field('password')}
          type="password"
          autoComplete="new-password"
          maxLength={256}
          help={broker?.hasPassword === true ? words.houses.saved : undefined}
        />
      </div>
      <SelectField label={words.houses.version} value={mqtt} options={VERSIONS} onPick={setMqtt} />
      {texts.url.startsWith('mqtts:') && (
        <Field label={words.houses.ca} help={words.houses.caHelp} problem={problemOf('ca')}>
          {(ids) => <textarea className="input" rows={4} {...ids} value={texts.ca} onChange={field('ca').onChange} />}
        </Field>
      )}
      <div className="fields">
        <TextField {...field('topicRoot')} required maxLength={80} />
        <TextField {...field('discoveryPrefix')} required maxLength={80} />
      </div>
      <Pictures chosen={pictures} onChoose={setPictures} />
      <CheckField label={words.houses.enabled} help={words.houses.enabledHelp} checked={enabled} onPick={setEnabled} />
      {tried?.kind === 'works' && <p role="status">{words.houses.works(tried.tookMs)}</p>}
      <FormProblem fault={save.fault ?? test.fault ?? (tried?.kind === 'failed' ? tried : null)} />
      <div className="dialog-foot">
        <Button kind="quiet" className="aside" busy={test.busy} onClick={tryIt}>
          {words.houses.test}
        </Button>
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={save.busy}>
          {words.houses.save}
        </Button>
      </div>
    </form>
  );
}

function Pictures({
  chosen,
  onChoose,
}: {
  chosen: readonly CameraId[];
  onChoose: (chosen: readonly CameraId[]) => void;
}) {
  const cameras = useQuery(queries.cameras).data ?? [];
  if (cameras.length === 0) return null;
  return (
    <fieldset className="stack">
      <legend>{words.houses.pictures}</legend>
      <p className="muted small">{words.houses.picturesHelp}</p>
      {cameras.map(({ id, name }) => (
        <CheckField
          key={id}
          label={name}
          checked={chosen.includes(id)}
          onPick={(is) => onChoose(is ? [...chosen, id] : chosen.filter((one) => one !== id))}
        />
      ))}
    </fieldset>
  );
}
