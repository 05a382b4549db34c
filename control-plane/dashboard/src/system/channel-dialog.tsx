/** Arranges where alarms are told: by ntfy, e-mail or webhook. A secret is typed once and never shown again. */
import type { ChannelView } from '@slowlight/protocol';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { OnceDialog } from '../parts/once-dialog.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys } from '../server/alarms.ts';
import { words } from '../words.ts';
import { type ChannelForm, type ChannelTexts, channelForm, channelOf, TARGETS } from './channel-draft.ts';
import { ChannelFilter } from './channel-filter.tsx';
import { TestOutcome } from './test-outcome.tsx';

/** `channel` null: a new one. */
interface DialogProps {
  open: boolean;
  onClose: () => void;
  channel: ChannelView | null;
}

export function ChannelDialog({ open, onClose, channel }: DialogProps) {
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  if (secret !== null)
    return (
      <OnceDialog
        title={words.alarmChannels.made}
        explanation={words.alarmChannels.once}
        label={words.alarmChannels.secret}
        secret={secret}
        open={open}
        onClose={close}
      />
    );
  const title = channel === null ? words.alarmChannels.addTitle : words.alarmChannels.changeTitle;
  return (
    <Dialog title={title} open={open} onOpenChange={close}>
      {open && <Form channel={channel} onClose={close} onSecret={setSecret} />}
    </Dialog>
  );
}

interface FormProps {
  channel: ChannelView | null;
  onClose: () => void;
  /** One was made, and is shown once. */
  onSecret: (secret: string) => void;
}

function Form({ channel, onClose, onSecret }: FormProps) {
  const [form, setForm] = useState(() => channelForm(channel));
  const options = { stale: [alarmKeys.channels], faults: 'in-form' } as const;
  const add = useAction({
    run: alarmActions.addChannel,
    ...options,
    onDone: ({ secret }) => (secret === null ? onClose() : onSecret(secret)),
  });
  const change = useAction({
    run: alarmActions.changeChannel,
    ...options,
    done: words.alarmChannels.done,
    onDone: onClose,
  });
  const test = useAction({ run: alarmActions.testChannel, faults: 'in-form', onDone: (answer) => setTried(answer) });
  const [tried, setTried] = useState<Awaited<ReturnType<typeof alarmActions.testChannel>> | null>(null);
  const save = channel === null ? add : change;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.forget();
    const draft = channelOf(form, channel);
    if (channel === null) add.run(draft);
    else change.run({ id: channel.id, change: draft });
  };
  const tryIt = () => {
    setTried(null);
    save.forget();
    const draft = channelOf(form, channel);
    const name = draft.name === '' ? words.alarmChannels.kinds[form.kind] : draft.name;
    test.run({ ...draft, name, ...(channel !== null && { id: channel.id }) });
  };
  const set = (part: Partial<ChannelForm>) => setForm({ ...form, ...part });
  const problemOf = (path: string) => save.problemOf(path) ?? test.problemOf(path);
  return (
    <form className="form" onSubmit={submit}>
      <SelectField
        label={words.alarmChannels.kind}
        value={form.kind}
        disabled={channel !== null}
        options={TARGETS.map((kind) => [kind, words.alarmChannels.kinds[kind]] as const)}
        onPick={(kind) => set({ kind })}
      />
      <Target form={form} set={set} problemOf={problemOf} hasSecret={channel?.hasSecret === true} />
      <div className="fields">
        <SelectField
          label={words.alarmChannels.leastSeverity}
          value={form.leastSeverity}
          options={Object.entries(words.alarmChannels.severities) as [ChannelForm['leastSeverity'], string][]}
          onPick={(leastSeverity) => set({ leastSeverity })}
        />
        <SelectField
          label={words.alarmChannels.digest}
          value={form.digest}
          options={Object.entries(words.alarmChannels.digests) as [ChannelForm['digest'], string][]}
          onPick={(digest) => set({ digest })}
        />
        {form.digest !== 'never' && (
          <TextField
            label={words.alarmChannels.digestHour}
            type="number"
            min={0}
            max={23}
            required
            value={form.digestHour}
            onChange={(event) => set({ digestHour: event.target.value })}
            problem={problemOf('digestHour')}
          />
        )}
      </div>
      <ChannelFilter form={form} set={set} problemOf={problemOf} />
      <CheckField label={words.alarmChannels.enabled} checked={form.enabled} onPick={(enabled) => set({ enabled })} />
      <TestOutcome result={tried} />
      <FormProblem fault={save.fault ?? test.fault} />
      <div className="dialog-foot">
        <Button kind="quiet" className="aside" busy={test.busy} onClick={tryIt}>
          {words.alarmChannels.test}
        </Button>
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={save.busy}>
          {words.common.save}
        </Button>
      </div>
    </form>
  );
}

interface TargetProps {
  form: ChannelForm;
  set: (part: Partial<ChannelForm>) => void;
  problemOf: (path: string) => string | undefined;
  hasSecret: boolean;
}

/** What each way of telling needs. */
function Target({ form, set, problemOf, hasSecret }: TargetProps) {
  const { kind, texts } = form;
  const field = (name: keyof Omit<ChannelTexts, 'secret'>, path = `target.${name}`) => ({
    label: words.alarmChannels[name],
    value: texts[name],
    problem: problemOf(path),
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => set({ texts: { ...texts, [name]: event.target.value } }),
  });
  const secret = (
    <TextField
      label={words.alarmChannels.secrets[kind]}
      type="password"
      autoComplete="new-password"
      maxLength={1000}
      value={texts.secret}
      problem={problemOf('secret')}
      help={hasSecret ? words.alarmChannels.saved : words.alarmChannels.secretHelps[kind]}
      onChange={(event) => set({ texts: { ...texts, secret: event.target.value } })}
    />
  );
  return (
    <>
      <TextField {...field('name', 'name')} required maxLength={120} />
      {kind === 'webhook' && (
        <TextField {...field('url')} type="url" required maxLength={1000} help={words.alarmChannels.urlHelp} />
      )}
      {kind === 'ntfy' && (
        <div className="fields">
          <TextField {...field('topic')} required maxLength={64} help={words.alarmChannels.topicHelp} />
          <TextField {...field('server', 'target.url')} type="url" required maxLength={1000} />
        </div>
      )}
      {kind === 'email' && (
        <>
          <div className="fields">
            <TextField {...field('host')} required maxLength={253} />
            <TextField {...field('port')} type="number" min={1} max={65_535} required />
            <SelectField
              label={words.alarmChannels.security}
              value={form.security}
              options={Object.entries(words.alarmChannels.securities) as [ChannelForm['security'], string][]}
              onPick={(security) => set({ security })}
            />
          </div>
          <TextField {...field('from')} type="email" required maxLength={254} />
          <TextField {...field('to')} required maxLength={4000} help={words.alarmChannels.toHelp} />
          <TextField {...field('username')} maxLength={256} />
        </>
      )}
      {secret}
    </>
  );
}
