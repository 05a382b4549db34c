import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';

/** What came in and could not be taken as it was. */
export function Faults() {
  const faults = useInfiniteQuery(queries.faults);
  const agents = useQuery(queries.agents).data;
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.system.faults}</h2>
      </div>
      <Loaded query={faults}>
        {({ pages }) => {
          const list = pages.flatMap((page) => page.items);
          return (
            <ul className="panel rows">
              {list.length === 0 && <li className="muted">{words.system.noFaults}</li>}
              {list.map(({ id, at, agentId, code, reason, excerpt }) => (
                <li key={id} className="fault">
                  <p className="row small muted">
                    <Moment at={at} zone={ownZone()} style="date-time-exact" />
                    <code>{code}</code>
                    {agents?.find((agent) => agent.id === agentId)?.name}
                  </p>
                  <p>{reason}</p>
                  {excerpt !== null && <code className="excerpt">{excerpt}</code>}
                </li>
              ))}
              {faults.hasNextPage && (
                <li>
                  <Button kind="quiet" busy={faults.isFetchingNextPage} onClick={() => void faults.fetchNextPage()}>
                    {words.common.more}
                  </Button>
                </li>
              )}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}
