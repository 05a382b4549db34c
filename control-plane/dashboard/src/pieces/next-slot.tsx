import type { Schedule, TimelapseView } from '@slowlight/protocol';
import { nextDueAfter } from '../moments/next-due.ts';
import { sayCountdown } from '../moments/say.ts';
import { Icon } from '../parts/icon.tsx';
import { useByClock } from '../server/clock.ts';
import { words } from '../words.ts';

/** Counts down to the next slot. Nothing where none is planned. */
export function NextSlot({ nextDueAt, schedule }: { nextDueAt: number | null; schedule: Schedule | undefined }) {
  const text = useByClock((now) => {
    const next = nextDueAfter(now, nextDueAt, schedule);
    if (next === null) return null;
    return next <= now ? words.wall.dueNow : words.wall.next(sayCountdown(next - now));
  });
  return text === null ? null : <span className="countdown">{text}</span>;
}

/** A timelapse that runs and plans nothing for a week is most often a mistake: it is pointed out. */
export function NothingPlanned({ timelapse }: { timelapse: Pick<TimelapseView, 'nothingPlanned'> }) {
  if (!timelapse.nothingPlanned) return null;
  return (
    <span className="warn-text nothing-planned">
      <Icon name="alert" /> {words.schedule.nothingPlanned}
    </span>
  );
}
