/** The comparison of records and object store: begun here, and what it found. */
import type { StocktakeReport } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sayBytes, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions, houseKeys, houseQueries } from '../server/house.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

export function Stocktake() {
  const report = useQuery(houseQueries.stocktake);
  const mayBegin = useMay('administer', 'house');
  const [asking, setAsking] = useState(false);
  const begin = useAction({
    run: houseActions.stocktake,
    stale: [houseKeys.stocktake],
    done: words.stocktake.begun,
  });
  const running = begin.busy || report.data?.state === 'running';
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.stocktake.title}</h2>
      </div>
      <div className="panel stack">
        <p className="muted small">{words.stocktake.text}</p>
        <Loaded query={report}>
          {(known) => (known === null ? <p className="muted">{words.stocktake.none}</p> : <Found report={known} />)}
        </Loaded>
        {mayBegin && (
          <div className="actions">
            <Button busy={running} onClick={() => begin.run(false)}>
              {words.stocktake.begin}
            </Button>
            <Button kind="danger" busy={running} onClick={() => setAsking(true)}>
              {words.stocktake.repair}
            </Button>
          </div>
        )}
      </div>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={words.stocktake.repairTitle}
        action={words.stocktake.repair}
        danger
        onConfirm={() => begin.run(true)}
      >
        <p>{words.stocktake.repairText}</p>
      </Confirm>
    </section>
  );
}

function Found({ report }: { report: StocktakeReport }) {
  const { state, repair, startedAt, reason, framesLookedAt, filmsLookedAt, objectsLookedAt, missing, orphans, back } =
    report;
  const amount = ({ count, bytes }: StocktakeReport['missing']) =>
    count === 0
      ? words.common.none
      : `${sayNumber(count)}, ${sayBytes(bytes)}${repair ? `, ${words.stocktake.repaired}` : ''}`;
  const keys = [...missing.keys, ...orphans.keys];
  return (
    <div className="stack" role="status">
      <p>
        {words.stocktake.states[state]}, <Ago at={startedAt} />
      </p>
      {reason !== null && <p className="film-reason">{reason}</p>}
      <p className="muted small">
        {words.stocktake.looked(sayNumber(framesLookedAt), sayNumber(filmsLookedAt), sayNumber(objectsLookedAt))}
      </p>
      <Facts
        facts={{
          [words.stocktake.missing]: amount(missing),
          [words.stocktake.orphans]: amount(orphans),
          [words.stocktake.back]: back === 0 ? undefined : sayNumber(back),
        }}
      />
      {keys.length > 0 && (
        <details>
          <summary>{words.stocktake.keys}</summary>
          <ul className="small">
            {keys.map((key) => (
              <li key={key}>
                <code className="excerpt">{key}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
