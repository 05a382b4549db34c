/** Alarms that are open, and those that are over. */
import type { AlarmView } from '@slowlight/protocol';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { Menu } from '../parts/menu.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys, alarmQueries } from '../server/alarms.ts';
import { serverNow } from '../server/clock.ts';
import { alarmIsKnown } from '../server/foretaste.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

const HOUR_MS = 3_600_000;
const SPANS = Object.entries(words.alarms.spans);

export function OpenAlarms() {
  const alarms = useInfiniteQuery(alarmQueries.alarms('open'));
  return (
    <section>
      <div className="section-head">
        <h2>{words.alarms.open}</h2>
      </div>
      <Loaded query={alarms}>
        {({ pages }) => {
          const list = pages.flatMap(({ items }) => items);
          if (list.length === 0)
            return (
              <div className="panel">
                <Blank icon="check" title={words.alarms.none} text={words.alarms.noneText} />
              </div>
            );
          return (
            <ul className="panel rows">
              {list.map((alarm) => (
                <OpenAlarm key={alarm.id} alarm={alarm} />
              ))}
              <More list={alarms} />
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function OpenAlarm({ alarm }: { alarm: AlarmView }) {
  const mayOperate = useMay('operate', alarm.siteId ?? 'house');
  const options = { run: alarmActions.change, stale: [alarmKeys.alarms] };
  const me = useQuery(queries.session).data;
  const know = useAction({
    ...options,
    atOnce: ({ id, change: { acknowledged } }) =>
      alarmIsKnown(id, acknowledged === true ? { name: me?.name ?? words.common.none, at: serverNow() } : null),
    done: ({ acknowledgedAt }) => (acknowledgedAt === null ? words.alarms.told : words.alarms.acknowledged),
  });
  const silence = useAction({
    ...options,
    done: ({ silencedUntil }) => (silencedUntil === null ? words.alarms.told : words.alarms.silencedDone),
  });
  const { id, severity, raisedAt, acknowledgedAt, acknowledgedBy, silencedUntil } = alarm;
  const { title, text } = words.alarms.said(alarm);
  const silent = silencedUntil !== null && silencedUntil > serverNow();
  const silenceUntil = (until: number | null) => silence.run({ id, change: { silencedUntil: until } });
  const entries = [
    ...SPANS.map(([hours, span]) => ({
      kind: 'act' as const,
      text: span,
      onSelect: () => silenceUntil(Math.round(serverNow()) + Number(hours) * HOUR_MS),
    })),
    ...(silent ? [{ kind: 'act' as const, text: words.alarms.takeBack, onSelect: () => silenceUntil(null) }] : []),
  ];
  return (
    <li className="fault">
      <div className="row">
        <StateDot tone={severity === 'critical' ? 'bad' : 'warn'}>{words.alarms.severities[severity]}</StateDot>
        <About alarm={alarm}>{title}</About>
        <span className="muted small">
          <Where alarm={alarm} />
          {`, ${words.alarms.since} `}
          <Moment at={raisedAt} zone={ownZone()} /> (<Ago at={raisedAt} />)
        </span>
      </div>
      <p>{text}</p>
      <div className="row small muted">
        {acknowledgedAt !== null && <span>{words.alarms.acknowledgedBy(acknowledgedBy ?? words.common.none)}</span>}
        {silent && (
          <span>
            {words.alarms.silenced} {words.alarms.until} <Moment at={silencedUntil} zone={ownZone()} />
          </span>
        )}
        {mayOperate && (
          <div className="actions at-end">
            <Button
              busy={know.busy}
              title={words.alarms.acknowledgeHelp}
              onClick={() => know.run({ id, change: { acknowledged: acknowledgedAt === null } })}
            >
              {acknowledgedAt === null ? words.alarms.acknowledge : words.alarms.takeBack}
            </Button>
            <Menu
              trigger={
                <Button busy={silence.busy} aria-label={words.alarms.silenceOf(title)}>
                  {words.alarms.silence}
                </Button>
              }
              entries={entries}
            />
          </div>
        )}
      </div>
    </li>
  );
}

function Where({ alarm: { siteId } }: { alarm: AlarmView }) {
  const site = useQuery(queries.sites).data?.find(({ id }) => id === siteId);
  return <span>{siteId === null ? words.alarms.house : (site?.name ?? siteId)}</span>;
}

/** Leads to where something can be done about it. */
function About({ alarm: { kind, subject }, children }: { alarm: AlarmView; children: ReactNode }) {
  switch (kind) {
    case 'agent-offline':
    case 'agent-clone':
    case 'card-filling':
    case 'clock-untrusted':
      return (
        <Link to="/fleet/$agentId" params={{ agentId: subject }}>
          {children}
        </Link>
      );
    case 'camera-failing':
    case 'view-moved':
    case 'quality-falling':
      return (
        <Link to="/cameras/$cameraId" params={{ cameraId: subject }}>
          {children}
        </Link>
      );
    case 'coverage-low':
    case 'nothing-planned':
    case 'render-failed':
      return (
        <Link to="/timelapses/$timelapseId" params={{ timelapseId: subject }}>
          {children}
        </Link>
      );
    case 'jobs-dead':
      return <Link to="/system/jobs">{children}</Link>;
    case 'storage-low':
      return <Link to="/system/storage">{children}</Link>;
    case 'certificate-expiring':
    case 'webhook-paused':
      return <span>{children}</span>;
  }
}

export function AlarmHistory() {
  const alarms = useInfiniteQuery(alarmQueries.alarms('cleared'));
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.alarms.history}</h2>
      </div>
      <Loaded query={alarms}>
        {({ pages }) => {
          const list = pages.flatMap(({ items }) => items);
          return (
            <ul className="panel rows">
              {list.length === 0 && <li className="muted">{words.alarms.noHistory}</li>}
              {list.map((alarm) => (
                <li key={alarm.id} className="row">
                  <About alarm={alarm}>{words.alarms.said(alarm).title}</About>
                  <span className="muted small">
                    <Where alarm={alarm} />
                    {`, ${words.alarms.from} `}
                    <Moment at={alarm.raisedAt} zone={ownZone()} />
                    {alarm.clearedAt !== null && (
                      <>
                        {` ${words.alarms.until} `}
                        <Moment at={alarm.clearedAt} zone={ownZone()} />
                      </>
                    )}
                  </span>
                </li>
              ))}
              <More list={alarms} />
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The rest of a list, as its last row. */
export function More({ list }: { list: Pages }) {
  if (!list.hasNextPage) return null;
  return (
    <li>
      <Button kind="quiet" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {words.common.more}
      </Button>
    </li>
  );
}
