/** Programs that are told of every event, and how it goes there. For administrators. */
import type { SendTestResult, WebhookView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Menu } from '../parts/menu.tsx';
import { Ago } from '../parts/moment.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys, alarmQueries } from '../server/alarms.ts';
import { words } from '../words.ts';
import { TestOutcome } from './test-outcome.tsx';
import { WebhookDialog } from './webhook-dialog.tsx';

type State = keyof typeof words.webhooks.states;
const TONES: Record<State, Tone> = { on: 'good', off: 'calm', failing: 'warn', paused: 'bad' };

export function Webhooks() {
  const webhooks = useQuery(alarmQueries.webhooks);
  const [adding, setAdding] = useState(false);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.webhooks.title}</h2>
        <div className="actions">
          <Button icon="plus" onClick={() => setAdding(true)}>
            {words.webhooks.add}
          </Button>
        </div>
      </div>
      <Loaded query={webhooks}>
        {(list) => (
          <ul className="panel rows">
            {list.length === 0 && <li className="muted">{`${words.webhooks.none} ${words.webhooks.text}`}</li>}
            {list.map((webhook) => (
              <Webhook key={webhook.id} webhook={webhook} />
            ))}
          </ul>
        )}
      </Loaded>
      <WebhookDialog open={adding} onClose={() => setAdding(false)} />
    </section>
  );
}

function stateOf({ pausedAt, enabled, failingSince }: WebhookView): State {
  if (pausedAt !== null) return 'paused';
  if (!enabled) return 'off';
  return failingSince === null ? 'on' : 'failing';
}

function Webhook({ webhook }: { webhook: WebhookView }) {
  const [removing, setRemoving] = useState(false);
  const [tried, setTried] = useState<SendTestResult | null>(null);
  const stale = [alarmKeys.webhooks];
  const test = useAction({ run: alarmActions.testWebhook, onDone: setTried });
  const resume = useAction({ run: alarmActions.resumeWebhook, stale, done: words.webhooks.resumed });
  const remove = useAction({ run: alarmActions.removeWebhook, stale, done: words.alarmChannels.removed });
  const { id, name, url, topics, lastDeliveredAt, lastError } = webhook;
  const state = stateOf(webhook);
  return (
    <li className="fault">
      <div className="row">
        <span>{name}</span>
        <StateDot tone={TONES[state]}>{words.webhooks.states[state]}</StateDot>
        <div className="actions at-end">
          {state === 'paused' && (
            <Menu
              trigger={
                <Button busy={resume.busy} aria-label={words.webhooks.resumeOf(name)}>
                  {words.webhooks.resume}
                </Button>
              }
              entries={(['kept', 'now'] as const).map((from) => ({
                kind: 'act',
                text: words.webhooks.resumes[from],
                onSelect: () => resume.run({ id, from }),
              }))}
            />
          )}
          <Button
            busy={test.busy}
            aria-label={words.alarmChannels.testOf(name)}
            onClick={() => {
              setTried(null);
              test.run(id);
            }}
          >
            {words.alarmChannels.test}
          </Button>
          <Button
            kind="quiet"
            icon="trash"
            busy={remove.busy}
            aria-label={`${words.alarmChannels.remove}: ${name}`}
            onClick={() => setRemoving(true)}
          />
        </div>
      </div>
      <p className="row small muted">
        <span>{url}</span>
        <span>{topics.length === 0 ? words.webhooks.everything : topics.join(', ')}</span>
        <span>
          {words.webhooks.delivered} {lastDeliveredAt === null ? words.common.never : <Ago at={lastDeliveredAt} />}
        </span>
      </p>
      {lastError !== null && (
        <p className="small muted" lang="en">
          {lastError}
        </p>
      )}
      <TestOutcome result={tried} />
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={words.webhooks.removeTitle(name)}
        action={words.alarmChannels.remove}
        danger
        onConfirm={() => remove.run(id)}
      >
        <p>{words.webhooks.removeText}</p>
      </Confirm>
    </li>
  );
}
