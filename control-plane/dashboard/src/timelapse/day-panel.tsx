/** One day of a timelapse: its counts, its hours, its gaps with their reasons, and the way to its frames. */
import type { TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sayDay, sayMoment, sayPart } from '../moments/say.ts';
import { boundsOfDay, type Day } from '../moments/zone.ts';
import { Icon } from '../parts/icon.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { sayCounts } from '../pieces/coverage.ts';
import { GapList } from '../pieces/gap-list.tsx';
import { ShareBar } from '../pieces/share-bar.tsx';
import { placeQueries } from '../server/place-queries.ts';
import { queries, thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';

const PAST_KEPT_MS = 300_000;
const SHOWN = 8;

export function DayPanel({ timelapse, day, today }: { timelapse: TimelapseView; day: Day; today: Day }) {
  const zone = timelapse.schedule.timeZone;
  const bounds = boundsOfDay(day, zone);
  const coverage = useQuery(
    queries.coverage(timelapse.id, day === today ? null : bounds, day === today ? 0 : PAST_KEPT_MS),
  );
  return (
    <section className="panel stack day-panel" aria-label={sayDay(day, true)}>
      <div className="section-head">
        <h2>{sayDay(day, true)}</h2>
      </div>
      <Loaded query={coverage} waiting={<div className="skeleton coverage-bone" />}>
        {(answer) => (
          <>
            <p className="coverage-line">
              <span className="coverage-part">{answer.covered === null ? '–' : sayPart(answer.covered)}</span>
              <span className="muted small">{answer.planned === 0 ? words.coverage.none : sayCounts(answer)}</span>
            </p>
            <ShareBar coverage={answer} />
            <GapList coverage={answer} zone={zone} />
          </>
        )}
      </Loaded>
      <DayPictures timelapse={timelapse} day={day} />
      <Link
        className="button"
        to="/timelapses/$timelapseId/frames"
        params={{ timelapseId: timelapse.id }}
        search={{ day }}
      >
        <Icon name="grid" />
        {words.calendar.frames}
      </Link>
    </section>
  );
}

/** A few pictures, evenly out of the day's first ones, as a foretaste. */
function DayPictures({ timelapse, day }: { timelapse: TimelapseView; day: Day }) {
  const zone = timelapse.schedule.timeZone;
  const { from, to } = boundsOfDay(day, zone);
  const strip = useQuery(placeQueries.dayFrames({ timelapseId: timelapse.id, from, to })).data;
  const stored = strip?.items.filter(({ picture }) => picture === 'stored') ?? [];
  const every = Math.max(1, Math.floor(stored.length / SHOWN));
  const shown = stored.filter((_, index) => index % every === 0).slice(0, SHOWN);
  if (shown.length === 0) return null;
  return (
    <ul className="day-pictures">
      {shown.map(({ id, dueAt, takenAt }) => {
        const time = sayMoment(dueAt ?? takenAt, zone, 'time');
        return (
          <li key={id}>
            <Link
              to="/timelapses/$timelapseId/frames"
              params={{ timelapseId: timelapse.id }}
              search={{ day, frame: id }}
              aria-label={`${sayDay(day)} ${time}`}
              title={time}
            >
              <img src={thumbnailOf(id, 'small')} alt="" loading="lazy" decoding="async" />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
