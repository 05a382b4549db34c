/** The first two days of a schedule: how high the sun stands, when the schedule is open, and where its slots lie. */
import type { SchedulePreview } from '@slowlight/protocol';
import { sayDay, sayMoment, sayNumber } from '../moments/say.ts';
import { dayOf } from '../moments/zone.ts';
import { Moment } from '../parts/moment.tsx';
import { words } from '../words.ts';
import { curvePath, ticksOf } from './sun-path.ts';
import './sun-curve.css';

type Days = SchedulePreview['days'];
const text = words.schedule.sunDays;

export function SunCurve({ days, zone }: { days: Days; zone: string }) {
  const { from, until, open, slots, sun } = days;
  const span = until - from;
  const left = (at: number) => `${((at - from) / span) * 100}%`;
  const ticks = ticksOf(days, zone);
  return (
    <figure className="sun">
      <div className="sun-stage" role="img" aria-label={say(days, zone)}>
        {open.map((one) => (
          <span
            key={one.from}
            className="sun-open"
            style={{ left: left(one.from), width: `${((one.until - one.from) / span) * 100}%` }}
          />
        ))}
        {sun !== null && (
          <svg viewBox="0 -90 1000 180" preserveAspectRatio="none" aria-hidden="true">
            <path className="sun-area" d={curvePath(sun, span, 'area')} />
            <path className="sun-line" d={curvePath(sun, span, 'line')} />
            <line className="sun-horizon" x1="0" x2="1000" y1="0" y2="0" />
          </svg>
        )}
        {slots?.map((at) => (
          <span key={at} className="sun-slot" style={{ left: left(at) }} />
        ))}
        {ticks.map(({ at, isMidnight }) => (
          <span key={at} className={isMidnight ? 'sun-tick is-midnight' : 'sun-tick'} style={{ left: left(at) }} />
        ))}
      </div>
      <div className="sun-hours" aria-hidden="true">
        {ticks.map(({ at, isMidnight }) => (
          <span key={at} style={{ left: left(at) }}>
            {isMidnight ? sayDay(dayOf(at, zone)) : sayMoment(at, zone, 'time')}
          </span>
        ))}
      </div>
      <figcaption className="small muted">
        <Events days={days} zone={zone} />
        {slots === null && <span> {text.dense}</span>}
      </figcaption>
    </figure>
  );
}

function Events({ days: { sun, from, until }, zone }: { days: Days; zone: string }) {
  if (sun === null) return <span>{text.noPlace}</span>;
  const first = dayOf(from, zone);
  const today = sun.events.filter(({ at }) => dayOf(at, zone) === first);
  const highest = Math.max(...sun.elevations.slice(0, Math.round((until - from) / 2 / sun.stepMs)));
  return (
    <span className="sun-events">
      {today.map(({ event, at }) => (
        <span key={at}>
          {text.events[event]} <Moment at={at} zone={zone} style="time" />
        </span>
      ))}
      <span>{text.highest(sayNumber(Math.round(highest)))}</span>
    </span>
  );
}

/** The picture in one sentence. */
function say({ open, slots, sun }: Days, zone: string): string {
  const pieces = open.slice(0, 6).map((one) => {
    const [begins, ends] = [sayMoment(one.from, zone, 'date-time'), sayMoment(one.until, zone, 'date-time')];
    return text.fromTo(begins, ends);
  });
  const parts = [
    open.length === 0 ? text.closed : text.open(pieces.join(', ')),
    slots === null ? null : text.slots(slots.length),
    sun === null
      ? null
      : sun.events
          .slice(0, 4)
          .map(({ event, at }) => `${text.events[event]} ${sayMoment(at, zone, 'time')}`)
          .join(', '),
  ];
  return parts.filter((part) => part !== null && part !== '').join('. ');
}
