/** The machinery at a glance: whether its parts answer, and what could not be taken as it came. */
import { useQuery } from '@tanstack/react-query';
import { sayBytes, sayMoment, sayNumber } from '../moments/say.ts';
import { ownZone } from '../moments/zone.ts';
import { Facts } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { useNow } from '../server/clock.ts';
import { houseQueries } from '../server/house.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { Faults } from './faults.tsx';
import { SystemFrame } from './system-frame.tsx';

export function SystemPage() {
  return (
    <SystemFrame at="/system">
      <div className="system-columns">
        <Health />
        <About />
        <Faults />
      </div>
    </SystemFrame>
  );
}

function Health() {
  const health = useQuery(houseQueries.health);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.parts.health}</h2>
      </div>
      <Loaded query={health}>
        {({ parts }) => (
          <ul className="panel rows">
            {parts.length === 0 && <li className="muted">{words.common.none}</li>}
            {parts.map(({ part, ready, detail }) => (
              <li key={part} className="row">
                <span>{words.parts.healthParts[part] ?? part}</span>
                <StateDot tone={ready ? 'good' : 'bad'}>
                  {ready ? words.parts.answers : words.parts.answersNot}
                </StateDot>
                <span className="muted small" lang="en">
                  {detail}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}

function About() {
  const system = useQuery(queries.system);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.system.about}</h2>
      </div>
      <div className="panel">
        <Loaded query={system}>
          {({ version, records, brokerUrl, minIntervalMs, jobs }) => (
            <Facts
              facts={{
                [words.system.version]: `${words.product} ${version}`,
                [words.system.frames]: sayNumber(records.frames),
                [words.system.stored]: sayBytes(records.bytes),
                [words.parts.jobs]: words.system.queue(jobs.waiting, jobs.running),
                [words.system.broker]: <code>{brokerUrl}</code>,
                [words.system.interval]: words.time.seconds(minIntervalMs / 1000),
                [words.system.time]: <ServerTime />,
              }}
            />
          )}
        </Loaded>
      </div>
    </section>
  );
}

function ServerTime() {
  return <>{sayMoment(useNow(), ownZone(), 'full')}</>;
}
