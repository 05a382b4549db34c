/** Messages that were given up, to be told once more. */
import type { DeliveryView } from '@slowlight/protocol';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys, alarmQueries } from '../server/alarms.ts';
import { words } from '../words.ts';
import { More } from './alarm-list.tsx';

export function AlarmDeliveries() {
  const deliveries = useInfiniteQuery(alarmQueries.deliveries);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.alarmChannels.deliveries}</h2>
      </div>
      <Loaded query={deliveries}>
        {({ pages }) => {
          const list = pages.flatMap(({ items }) => items);
          return (
            <ul className="panel rows">
              {list.length === 0 && <li className="muted">{words.alarmChannels.noDeliveries}</li>}
              {list.map((delivery) => (
                <Delivery key={delivery.id} delivery={delivery} />
              ))}
              <More list={deliveries} />
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function Delivery({ delivery: { id, channelId, title, attempts, lastError, createdAt } }: { delivery: DeliveryView }) {
  const channel = useQuery(alarmQueries.channels).data?.find((one) => one.id === channelId);
  const retry = useAction({
    run: alarmActions.retryDelivery,
    stale: [alarmKeys.deliveries, alarmKeys.channels],
    done: words.alarmChannels.retried,
  });
  return (
    <li className="fault">
      <div className="row">
        <span lang="en">{title}</span>
        <span className="muted small">
          {channel?.name ?? words.alarmChannels.nowhere}, {words.alarmChannels.attempts(attempts)},{' '}
          <Ago at={createdAt} />
        </span>
        <Button
          className="at-end"
          icon="again"
          busy={retry.busy}
          aria-label={words.alarmChannels.retryOf(title)}
          onClick={() => retry.run(id)}
        >
          {words.alarmChannels.retry}
        </Button>
      </div>
      {lastError !== null && (
        <p className="muted small" lang="en">
          {lastError}
        </p>
      )}
    </li>
  );
}
