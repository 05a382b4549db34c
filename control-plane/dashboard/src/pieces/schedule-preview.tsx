/** What a schedule would do, asked of the server while it is written: the next slots, how many a day, how much film. */
import type { CameraId, SchedulePreview as Preview, ScheduleInput, TimelapseId } from '@slowlight/protocol';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { sayBytes, sayDay, sayLength, sayNumber } from '../moments/say.ts';
import { dayOf } from '../moments/zone.ts';
import { Moment } from '../parts/moment.tsx';
import { later } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { isServerFault } from '../server/request.ts';
import { words } from '../words.ts';
import { SunCurve } from './sun-curve.tsx';
import './schedule-preview.css';

const PAUSE_MS = 250;
const SHOWN = 8;

/** @param about whose place and whose frames it is reckoned with */
export function SchedulePreview({
  schedule,
  about,
}: {
  schedule: ScheduleInput | null;
  about: { cameraId: CameraId } | { timelapseId: TimelapseId };
}) {
  const settled = useSettled(schedule);
  const { data, error } = useQuery({
    ...queries.preview(settled ?? NOTHING, about),
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
      <SunCurve days={data.days} zone={zone} />
      <PerDay of={data} zone={zone} />
    </section>
  );
}

function PerDay({
  of: { perDay, perMonth, slotsPerDay, frameSize, schedule, fps },
  zone,
}: {
  of: Preview;
  zone: string;
}) {
  const { windows = [], sunWindows = [], overrides = [] } = schedule;
  const uneven = windows.length + sunWindows.length + overrides.length > 0;
  const size = sayBytes(frameSize.bytes);
  return (
    <>
      <p className="muted small">
        {words.timelapse.perDay(Math.round(perDay.slots), sayLength(perDay.filmMs), fps)}{' '}
        {words.schedule.amounts(sayBytes(perDay.bytes), sayBytes(perMonth.bytes))}{' '}
        {frameSize.frames === 0
          ? words.schedule.assumedSize(size)
          : words.schedule.measuredSize(frameSize.frames, size)}
      </p>
      {uneven && (
        <ul className="preview-days small" aria-label={words.schedule.perDays}>
          {slotsPerDay.map(({ day, slots }) => (
            <li key={day}>
              <span className="muted">{sayDay(day)}</span> {sayNumber(slots)}
            </li>
          ))}
        </ul>
      )}
      {schedule.endsAt !== null && (
        <p className="small">
          {words.schedule.endsOn} <Moment at={schedule.endsAt} zone={zone} style="date-time" />
        </p>
      )}
    </>
  );
}

/** Never asked: only the shape that a query needs while it is off. */
const NOTHING: ScheduleInput = {
  rhythm: { kind: 'cron', expression: '' },
  timeZone: 'UTC',
  startsAt: null,
  endsAt: null,
};

/** The value once it has stopped changing for a moment. */
function useSettled(schedule: ScheduleInput | null): ScheduleInput | null {
  const [settled, setSettled] = useState(schedule);
  const text = JSON.stringify(schedule);
  useEffect(() => later(PAUSE_MS, () => setSettled(JSON.parse(text) as ScheduleInput | null)), [text]);
  return settled;
}
