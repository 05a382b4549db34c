/** How much is stored and how fast it grows, what goes by age, and whether records and store agree. */
import type { StorageView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { sayBytes, sayNumber } from '../moments/say.ts';
import { Figures } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Progress } from '../parts/progress.tsx';
import { houseQueries } from '../server/house.ts';
import { words } from '../words.ts';
import { sayDays } from './agent-facts.tsx';
import { daysUntilFull } from './drain.ts';
import { Retention } from './retention.tsx';
import { Stocktake } from './stocktake.tsx';
import { SystemFrame } from './system-frame.tsx';

export function StoragePage() {
  const storage = useQuery(houseQueries.storage);
  return (
    <SystemFrame at="/system/storage">
      <section className="panel stack">
        <Loaded query={storage}>{(view) => <Stored view={view} />}</Loaded>
      </section>
      <div className="system-columns">
        <Retention />
        <Stocktake />
      </div>
    </SystemFrame>
  );
}

function Stored({ view: { classes, growth, space } }: { view: StorageView }) {
  const bytes = classes.reduce((sum, one) => sum + one.bytes, 0);
  const perDay = growth.reduce((sum, one) => sum + one.bytesPerDay, 0);
  const days = space === null ? null : daysUntilFull(space.freeBytes, perDay);
  const full = days === null ? words.parts.noGrowth : sayDays(days);
  return (
    <>
      <Figures
        figures={[
          [words.parts.total, sayBytes(bytes)],
          [words.parts.growth, sayBytes(perDay), words.parts.growthNote],
          ...(space === null
            ? []
            : ([
                [words.parts.space, sayBytes(space.freeBytes), words.parts.spaceOf(sayBytes(space.totalBytes))],
                [words.parts.fullIn, full],
              ] as const)),
        ]}
      />
      {space === null && <p className="muted small">{words.parts.elsewhere}</p>}
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{words.parts.what}</th>
            <th scope="col" className="number">
              {words.parts.count}
            </th>
            <th scope="col" className="number">
              {words.parts.size}
            </th>
            <td className="table-bar" />
          </tr>
        </thead>
        <tbody>
          {classes.map((one) => (
            <tr key={one.what}>
              <th scope="row">{words.parts.classes[one.what]}</th>
              <td className="number">{sayNumber(one.count)}</td>
              <td className="number">{sayBytes(one.bytes)}</td>
              <td className="table-bar">
                <Progress part={bytes === 0 ? 0 : one.bytes / bytes} label={words.parts.classes[one.what]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">{words.parts.classesNote}</p>
    </>
  );
}
