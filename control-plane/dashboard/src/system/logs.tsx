/** What the control plane writes into its log, as it writes it. Newest first; the address says what is looked for. */
import type { LogLevel, LogLine } from '@slowlight/protocol';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { later } from '../server/clock.ts';
import { type LogState, useLog } from '../server/logs.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { LEVELS } from './place.ts';
import { SystemFrame } from './system-frame.tsx';
import './logs.css';

const text = words.logs;
const SETTLED_MS = 300;
const STATE_TONES: Record<LogState, Tone> = { following: 'good', paused: 'calm', away: 'warn' };

export function LogsPage() {
  const administers = useMay('administer', 'house');
  return <SystemFrame at="/system/logs">{administers && <Log />}</SystemFrame>;
}

function Log() {
  const { level = 'info', find = '' } = useSearch({ from: '/system/logs' });
  const navigate = useNavigate({ from: '/system/logs' });
  const [typed, setTyped] = useState(find);
  const [paused, setPaused] = useState(false);
  const { query, newer, state } = useLog({ level, text: find }, paused);
  useEffect(
    () =>
      later(SETTLED_MS, () => {
        const wanted = typed.trim();
        if (wanted !== find)
          void navigate({
            search: ({ find: _, ...rest }) => (wanted === '' ? rest : { ...rest, find: wanted }),
            replace: true,
          });
      }),
    [typed, find, navigate],
  );
  const pick = (next: LogLevel) =>
    void navigate({ search: ({ level: _, ...rest }) => (next === 'info' ? rest : { ...rest, level: next }) });
  return (
    <section className="stack">
      <div className="log-tools">
        <SelectField
          label={text.level}
          value={level}
          options={LEVELS.map((one) => [one, text.atLeast[one]] as const)}
          onPick={pick}
        />
        <TextField
          label={text.find}
          type="search"
          maxLength={200}
          value={typed}
          placeholder={text.findPlaceholder}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button icon={paused ? 'play' : 'pause'} aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? text.goOn : text.pause}
        </Button>
      </div>
      <p className="row muted small" role="status">
        <StateDot tone={STATE_TONES[state]}>{text.states[state]}</StateDot>
        <span>{text.kept}</span>
      </p>
      <Loaded query={query}>
        {({ pages }) => {
          const lines = [...newer, ...pages.flatMap(({ items }) => items)];
          return (
            <ol className="panel rows log" aria-label={text.title}>
              {lines.length === 0 && <li className="muted">{find === '' ? text.none : text.noneFound}</li>}
              {lines.map((line) => (
                <Line key={line.number} line={line} />
              ))}
              {query.hasNextPage && (
                <li>
                  <Button kind="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    {words.common.more}
                  </Button>
                </li>
              )}
            </ol>
          );
        }}
      </Loaded>
    </section>
  );
}

function Line({ line: { at, level, message, fields } }: { line: LogLine }) {
  const short = Object.entries(fields).filter(([, value]) => !value.includes('\n'));
  const long = Object.entries(fields).filter(([, value]) => value.includes('\n'));
  return (
    <li className={`log-line log-${level}`}>
      <span className="log-at">
        <Moment at={at} zone={ownZone()} style="date-time-exact" />
      </span>
      <span className="log-level">{text.levels[level]}</span>
      <div className="log-words">
        {message}
        {short.length > 0 && (
          <span className="log-fields">
            {short.map(([name, value]) => (
              <code key={name}>
                {name}={value}
              </code>
            ))}
          </span>
        )}
        {long.map(([name, value]) => (
          <details key={name}>
            <summary className="small muted">{name}</summary>
            <pre className="small">{value}</pre>
          </details>
        ))}
      </div>
    </li>
  );
}
