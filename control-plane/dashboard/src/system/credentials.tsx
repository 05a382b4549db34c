/** With what an agent comes in. Secrets are never here. */
import type { AgentView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { useAction } from '../server/actions.ts';
import { enrolmentActions } from '../server/enrolments.ts';
import { houseKeys, houseQueries } from '../server/house.ts';
import { words } from '../words.ts';

export function Credentials({ agent, zone }: { agent: AgentView; zone: string }) {
  const credentials = useQuery(houseQueries.credentials(agent.id));
  const rotate = useAction({
    run: enrolmentActions.rotate,
    stale: [houseKeys.credentials(agent.id)],
    done: words.enrolment.rotated,
  });
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.fleet.credentials}</h2>
        {agent.state === 'online' && (
          <div className="actions">
            <Button busy={rotate.busy} onClick={() => rotate.run(agent.id)}>
              {words.enrolment.rotate}
            </Button>
          </div>
        )}
      </div>
      <Loaded query={credentials}>
        {(list) => (
          <ul className="panel rows">
            {list.length === 0 && <li className="muted">{words.common.none}</li>}
            {list.map(({ id, madeBy, madeAt, usedAt, revokedAt }) => (
              <li key={id} className="row">
                <span>{words.fleet.madeBy[madeBy]}</span>
                <span className="muted small">
                  <Moment at={madeAt} zone={zone} />
                </span>
                <span className="muted small at-end">
                  {revokedAt !== null ? (
                    <>
                      {words.fleet.gone} <Ago at={revokedAt} />
                    </>
                  ) : usedAt === null ? (
                    words.fleet.notUsed
                  ) : (
                    <>
                      {words.fleet.usedAt} <Ago at={usedAt} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
