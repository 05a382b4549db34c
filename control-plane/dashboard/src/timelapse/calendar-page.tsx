/** Every day of a timelapse at a glance: how much of what was planned is there, where it is not, and why. */
import type { CalendarView, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { boundsOfDay, type Day, dayOf, isDay, shiftDay } from '../moments/zone.ts';
import { Loaded } from '../parts/loaded.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { TimelapseFrame } from '../pieces/timelapse-frame.tsx';
import { useByClock } from '../server/clock.ts';
import { placeQueries } from '../server/place-queries.ts';
import { words } from '../words.ts';
import { CalendarMonths } from './calendar-months.tsx';
import { DayPanel } from './day-panel.tsx';
import { ExportMenu } from './export-menu.tsx';
import './timelapse.css';

/** The server counts at most 400 days at once. */
const MOST_DAYS = 399;

export function CalendarPage() {
  const { timelapseId } = useParams({ from: '/timelapses/$timelapseId/calendar' });
  return <TimelapseFrame timelapseId={timelapseId}>{(timelapse) => <Calendar timelapse={timelapse} />}</TimelapseFrame>;
}

function Calendar({ timelapse }: { timelapse: TimelapseView }) {
  const { day: chosen } = useSearch({ from: '/timelapses/$timelapseId/calendar' });
  const navigate = useNavigate({ from: '/timelapses/$timelapseId/calendar' });
  const zone = timelapse.schedule.timeZone;
  const today = useByClock((now) => dayOf(now, zone));
  const last = timelapse.completedAt === null ? today : dayOf(timelapse.completedAt, zone);
  const start = dayOf(timelapse.startedAt, zone);
  const earliest = shiftDay(last, -MOST_DAYS);
  const [first = start] = [start, earliest].sort().reverse();
  const bounds = { from: boundsOfDay(first, zone).from, to: boundsOfDay(last, zone).to };
  const calendar = useQuery(placeQueries.calendar(timelapse.id, bounds));
  const day = chosen !== undefined && chosen >= first && chosen <= last ? chosen : last;
  const go = (next: Day) => {
    if (isDay(next) && next >= first && next <= last)
      void navigate({ search: { day: next }, replace: true, resetScroll: false });
  };
  useShortcuts({ '[': () => go(shiftDay(day, -1)), ']': () => go(shiftDay(day, 1)) });
  return (
    <Loaded query={calendar} waiting={<div className="skeleton calendar-bone" />}>
      {(answer: CalendarView) => (
        <div className="calendar-page">
          <section className="stack" aria-label={words.calendar.title}>
            <div className="section-head">
              <h2>{words.calendar.title}</h2>
              <div className="actions">
                <ExportMenu timelapse={timelapse} />
              </div>
            </div>
            <CalendarMonths first={first} last={last} days={answer.days} chosen={day} onPick={go} />
            {first > start && <p className="muted small">{words.calendar.newestDays(MOST_DAYS)}</p>}
          </section>
          <DayPanel timelapse={timelapse} day={day} today={today} />
        </div>
      )}
    </Loaded>
  );
}
