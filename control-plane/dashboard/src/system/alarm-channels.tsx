/** Where alarms are told, and how it goes there. For administrators. */
import type { ChannelView, SendTestResult } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys, alarmQueries } from '../server/alarms.ts';
import { words } from '../words.ts';
import { ChannelDialog } from './channel-dialog.tsx';
import { TestOutcome } from './test-outcome.tsx';

export function AlarmChannels() {
  const channels = useQuery(alarmQueries.channels);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button icon="plus" onClick={() => setAdding(true)}>
      {words.alarmChannels.add}
    </Button>
  );
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.alarmChannels.title}</h2>
        <div className="actions">{(channels.data?.length ?? 0) > 0 && add}</div>
      </div>
      <Loaded query={channels}>
        {(list) =>
          list.length === 0 ? (
            <div className="panel">
              <Blank icon="flag" title={words.alarmChannels.none} text={words.alarmChannels.noneText}>
                {add}
              </Blank>
            </div>
          ) : (
            <ul className="panel rows">
              {list.map((channel) => (
                <Channel key={channel.id} channel={channel} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <ChannelDialog open={adding} onClose={() => setAdding(false)} channel={null} />
    </section>
  );
}

function placeOf({ target }: ChannelView): string {
  if (target.kind === 'email') return target.to.join(', ');
  return target.kind === 'ntfy' ? `${target.url}/${target.topic}` : target.url;
}

function Channel({ channel }: { channel: ChannelView }) {
  const [changing, setChanging] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [tried, setTried] = useState<SendTestResult | null>(null);
  const { name, target, enabled, hasSecret, waiting, dead, lastSentAt, lastError } = channel;
  const { id, siteIds, kinds, leastSeverity, digest, digestHour } = channel;
  const test = useAction({ run: alarmActions.testChannel, onDone: setTried });
  const remove = useAction({
    run: alarmActions.removeChannel,
    stale: [alarmKeys.channels, alarmKeys.deliveries],
    done: words.alarmChannels.removed,
  });
  const tryIt = () => {
    setTried(null);
    test.run({ id, name, enabled, target, siteIds, kinds, leastSeverity, digest, digestHour });
  };
  const broken = lastError !== null;
  return (
    <li className="fault">
      <div className="row">
        <span>{name}</span>
        <StateDot tone={!enabled ? 'calm' : broken ? 'bad' : 'good'}>
          {!enabled ? words.alarmChannels.off : broken ? words.webhooks.states.failing : words.alarmChannels.on}
        </StateDot>
        <div className="actions at-end">
          <Button busy={test.busy} aria-label={words.alarmChannels.testOf(name)} onClick={tryIt}>
            {words.alarmChannels.test}
          </Button>
          <Button
            kind="quiet"
            icon="pencil"
            aria-label={`${words.alarmChannels.change}: ${name}`}
            onClick={() => setChanging(true)}
          />
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
        <span>{words.alarmChannels.kinds[target.kind]}</span>
        <span>{placeOf(channel)}</span>
        {leastSeverity === 'critical' && <span>{words.alarmChannels.severities.critical}</span>}
        {siteIds !== null && <span>{words.alarmChannels.onlySites(siteIds.length)}</span>}
        {kinds !== null && <span>{words.alarmChannels.onlyKinds(kinds.length)}</span>}
        {hasSecret && <span>{words.alarmChannels.secretSaved}</span>}
        <span>
          {words.alarmChannels.lastSent} {lastSentAt === null ? words.common.never : <Ago at={lastSentAt} />}
        </span>
        {waiting > 0 && <span>{words.alarmChannels.waiting(waiting)}</span>}
        {dead > 0 && <span className="warn-text">{words.alarmChannels.dead(dead)}</span>}
      </p>
      {broken && (
        <p className="small muted" lang="en">
          {lastError}
        </p>
      )}
      <TestOutcome result={tried} />
      <ChannelDialog open={changing} onClose={() => setChanging(false)} channel={channel} />
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={words.alarmChannels.removeTitle(name)}
        action={words.alarmChannels.remove}
        danger
        onConfirm={() => remove.run(id)}
      >
        <p>{words.alarmChannels.removeText}</p>
      </Confirm>
    </li>
  );
}
