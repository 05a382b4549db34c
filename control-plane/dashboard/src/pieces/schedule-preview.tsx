/** What a schedule would do, asked of the server while it is written: the next slots, how many a day, how much film. */
import type { Schedule } from '@slowlight/protocol';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { sayDay, sayLength } from '../moments/say.ts';
import { dayOf } from '../moments/zone.ts';
import { Moment } from '../parts/moment.tsx';
import { later } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { isServerFault } from '../server/request.ts';
import { words } from '../words.ts';
import './schedule-preview.css';

const PAUSE_MS = 250;
const SHOWN = 8;
const FPS = 24;

export function SchedulePreview({ schedule }: { schedule: Schedule | null }) {
  const settled = useSettled(schedule);
  const { data, error } = useQuery({
    ...queries.preview(settled ?? NOTHING),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  });
  if (settled === null) return null;
  if (error !== null) {
    const field = isServerFault(error) ? error.fields[0]?.problem : undefined;
    return (
      <p className="preview preview-problem" role="status">
        {field ?? error.message}
      </p>
    );
  }
  if (data === undefined) return <div className="preview skeleton" />;
  if (data.slots.length === 0) return <p className="preview">{words.timelapse.previewNone}</p>;
  const zone = settled.timeZone;
  return (
    <section className="preview" aria-label={words.timelapse.preview}>
      <h3>{words.timelapse.preview}</h3>
      <ol>
        {data.slots.slice(0, SHOWN).map((at, index, all) => {
          const before = all[index - 1];
          const newDay = before === undefined || dayOf(before, zone) !== dayOf(at, zone);
          return (
            <li key={at}>
              {newDay && <span className="muted">{sayDay(dayOf(at, zone))} </span>}
              <Moment at={at} zone={zone} style="time-exact" />
            </li>
          );
        })}
        {data.slots.length > SHOWN && <li aria-hidden="true">…</li>}
      </ol>
      <p className="muted small">
        {words.timelapse.perDay(data.slotsInFirstDay, sayLength((data.slotsInFirstDay / FPS) * 1000))}
      </p>
    </section>
  );
}

/** Never asked: only the shape that a query needs while it is off. */
const NOTHING: Schedule = { rhythm: { kind: 'cron', expression: '' }, timeZone: 'UTC', startsAt: null, endsAt: null };

/** The value once it has stopped changing for a moment. */
function useSettled(schedule: Schedule | null): Schedule | null {
  const [settled, setSettled] = useState(schedule);
  const text = JSON.stringify(schedule);
  useEffect(() => later(PAUSE_MS, () => setSettled(JSON.parse(text) as Schedule | null)), [text]);
  return settled;
}
