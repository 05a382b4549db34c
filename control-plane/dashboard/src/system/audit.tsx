/** Who changed what, newest first; the address says what is looked for. */
import type { ActorKind, AuditEntry } from '@slowlight/protocol';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { boundsOfDay, dayOf, isDay, ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { type AuditFilter, houseQueries } from '../server/house.ts';
import { words } from '../words.ts';
import { ACTOR_KINDS, readAuditPlace } from './place.ts';
import { SystemFrame } from './system-frame.tsx';

const TONES: Record<AuditEntry['result'], Tone> = { done: 'good', begun: 'warn', refused: 'bad', failed: 'bad' };

export function AuditPage() {
  const place = useSearch({ from: '/system/audit' });
  return (
    <SystemFrame at="/system/audit">
      <Filter key={JSON.stringify(place)} place={place} />
      <Entries place={place} />
    </SystemFrame>
  );
}

function Filter({ place }: { place: AuditFilter }) {
  const navigate = useNavigate({ from: '/system/audit' });
  const zone = ownZone();
  const [actorKind, pickKind] = useState<ActorKind | ''>(place.actorKind ?? '');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const bounds = (name: string) => {
      const day = text(name);
      return isDay(day) ? boundsOfDay(day, zone) : undefined;
    };
    const wish = { actorKind, actor: text('actor'), action: text('action'), subject: text('subject') };
    const search = readAuditPlace({ ...wish, from: bounds('from')?.from, to: bounds('to')?.to });
    void navigate({ search });
  };
  const dayAt = (at: number | undefined, off = 0) => (at === undefined ? '' : dayOf(at - off, zone));
  return (
    <form className="form audit-filter" onSubmit={submit}>
      <div className="fields">
        <TextField label={words.audit.from} name="from" type="date" defaultValue={dayAt(place.from)} />
        <TextField label={words.audit.to} name="to" type="date" defaultValue={dayAt(place.to, 1)} />
        <SelectField
          label={words.audit.kind}
          value={actorKind}
          options={[['', words.audit.anybody], ...ACTOR_KINDS.map((kind) => [kind, words.audit.kinds[kind]] as const)]}
          onPick={pickKind}
        />
        <TextField label={words.audit.actor} name="actor" maxLength={80} defaultValue={place.actor} />
        <TextField
          label={words.audit.action}
          name="action"
          maxLength={80}
          placeholder="DELETE"
          defaultValue={place.action}
        />
        <TextField label={words.audit.subject} name="subject" maxLength={80} defaultValue={place.subject} />
      </div>
      <div className="actions">
        <Button type="submit" icon="search">
          {words.audit.find}
        </Button>
        {Object.keys(place).length > 0 && (
          <Button kind="quiet" onClick={() => void navigate({ search: {} })}>
            {words.audit.clear}
          </Button>
        )}
      </div>
    </form>
  );
}

function Entries({ place }: { place: AuditFilter }) {
  const entries = useInfiniteQuery(houseQueries.audit(place));
  return (
    <Loaded query={entries}>
      {({ pages }) => {
        const list = pages.flatMap(({ items }) => items);
        return (
          <ul className="panel rows">
            {list.length === 0 && <li className="muted">{words.audit.none}</li>}
            {list.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
            {entries.hasNextPage && (
              <li>
                <Button kind="quiet" busy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
                  {words.common.more}
                </Button>
              </li>
            )}
          </ul>
        );
      }}
    </Loaded>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { at, actor, address, action, subject, result, code, before, after } = entry;
  const who = actor.name ?? actor.id ?? words.audit.kinds[actor.kind];
  return (
    <li className="fault">
      <div className="row">
        <Moment at={at} zone={ownZone()} style="date-time-exact" />
        <span title={actor.id ?? undefined}>{who}</span>
        {actor.name !== null && actor.kind !== 'user' && (
          <span className="muted small">{words.audit.kinds[actor.kind]}</span>
        )}
        <code className="excerpt">{action}</code>
        {subject !== null && <code className="excerpt">{subject}</code>}
        <StateDot tone={TONES[result]}>{words.audit.results[result]}</StateDot>
        <span className="muted small">{[code, address].filter((part) => part !== null).join(', ')}</span>
      </div>
      {(before !== null || after !== null) && (
        <details>
          <summary className="small muted">{words.audit.details}</summary>
          <div className="audit-change">
            <Side title={words.audit.before} value={before} />
            <Side title={words.audit.after} value={after} />
          </div>
        </details>
      )}
    </li>
  );
}

function Side({ title, value }: { title: string; value: unknown }) {
  if (value === null) return null;
  return (
    <div>
      <span className="muted small">{title}</span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the page is scrolled with the keyboard too */}
      <pre className="small" tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </div>
  );
}
