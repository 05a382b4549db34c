/** A moment in the place's own time, with the viewer's on hover; and how long ago it was, counting on. */
import { type MomentStyle, sayAgo, sayMoment } from '../moments/say.ts';
import { ownZone } from '../moments/zone.ts';
import { useByClock } from '../server/clock.ts';
import { words } from '../words.ts';

export function Moment({ at, zone, style = 'date-time' }: { at: number; zone: string; style?: MomentStyle }) {
  const there = sayMoment(at, zone, 'full');
  const here = sayMoment(at, ownZone(), 'full');
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={here === there ? there : `${there}\n${words.common.yourTime(here)}`}
    >
      {sayMoment(at, zone, style)}
    </time>
  );
}

export function Ago({ at }: { at: number }) {
  return <>{useByClock((now) => sayAgo(now - at))}</>;
}
