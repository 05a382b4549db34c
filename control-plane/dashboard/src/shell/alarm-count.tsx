/** How many alarms are open, beside where they are found; nothing where there is none. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { sayNumber } from '../moments/say.ts';
import { alarmQueries } from '../server/alarms.ts';
import { words } from '../words.ts';

export function AlarmCount() {
  const { data, hasNextPage } = useInfiniteQuery(alarmQueries.alarms('open'));
  const count = data?.pages
    .flatMap(({ items }) => items)
    .filter(({ acknowledgedAt }) => acknowledgedAt === null).length;
  if (count === undefined || count === 0) return null;
  const text = `${sayNumber(count)}${hasNextPage ? '+' : ''}`;
  return (
    <span className="alarm-count">
      <span aria-hidden="true">{text}</span>
      <span className="unseen">{words.alarms.count(text)}</span>
    </span>
  );
}
