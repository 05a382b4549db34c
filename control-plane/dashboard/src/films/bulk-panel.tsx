/** Thumbnails and overlays of this timelapse that are made again, and how far that is. */
import type { TimelapseId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { BulkDialog } from '../pieces/bulk-dialog.tsx';
import { BulkRow } from '../pieces/bulk-row.tsx';
import { houseQueries } from '../server/house.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

export function BulkPanel({ timelapseId }: { timelapseId: TimelapseId }) {
  const bulk = useQuery(houseQueries.bulkOf(timelapseId));
  const mayOperate = useMay('operate');
  const [beginning, setBeginning] = useState(false);
  return (
    <section className="panel stack">
      <div className="section-head bulk-head">
        <h2>{words.parts.bulkHere}</h2>
        {mayOperate && (
          <div className="actions">
            <Button icon="again" onClick={() => setBeginning(true)}>
              {words.parts.bulkHereNew}
            </Button>
          </div>
        )}
      </div>
      <Loaded query={bulk} waiting={<div className="skeleton coverage-bone" />}>
        {(list) =>
          list.length === 0 ? (
            <p className="muted">{words.parts.noBulkHere}</p>
          ) : (
            <ul className="bulk-list">
              {list.map((one) => (
                <BulkRow key={one.id} bulk={one} mayOperate={mayOperate} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <BulkDialog open={beginning} onClose={() => setBeginning(false)} timelapseId={timelapseId} />
    </section>
  );
}
