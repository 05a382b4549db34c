/** Makes a webhook of the feed and shows its secret, once. */
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { OnceDialog } from '../parts/once-dialog.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys } from '../server/alarms.ts';
import { words } from '../words.ts';
import { listOf } from './channel-draft.ts';

export function WebhookDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  if (secret !== null)
    return (
      <OnceDialog
        title={words.webhooks.made}
        explanation={words.alarmChannels.once}
        label={words.alarmChannels.secret}
        secret={secret}
        open={open}
        onClose={close}
      />
    );
  return (
    <Dialog title={words.webhooks.add} explanation={words.webhooks.text} open={open} onOpenChange={close}>
      <WebhookForm onMade={setSecret} onClose={close} />
    </Dialog>
  );
}

function WebhookForm({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const [texts, setTexts] = useState({ name: '', url: '', topics: '' });
  const add = useAction({
    run: alarmActions.addWebhook,
    stale: [alarmKeys.webhooks],
    faults: 'in-form',
    onDone: ({ secret }) => onMade(secret),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.run({ name: texts.name.trim(), url: texts.url.trim(), topics: listOf(texts.topics) });
  };
  const field = (name: keyof typeof texts, label: string) => ({
    label,
    value: texts[name],
    problem: add.problemOf(name),
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => setTexts({ ...texts, [name]: event.target.value }),
  });
  return (
    <form className="form" onSubmit={submit}>
      <TextField {...field('name', words.alarmChannels.name)} required maxLength={120} />
      <TextField
        {...field('url', words.alarmChannels.url)}
        type="url"
        required
        maxLength={1000}
        help={words.alarmChannels.urlHelp}
      />
      <TextField {...field('topics', words.webhooks.topics)} maxLength={1000} help={words.webhooks.topicsHelp} />
      <FormProblem fault={add.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={add.busy}>
          {words.webhooks.add}
        </Button>
      </div>
    </form>
  );
}
