/** The machinery: agents, sites, what went wrong, keys for programs. */
import { useQuery } from '@tanstack/react-query';
import { sayBytes, sayMoment, sayNumber } from '../moments/say.ts';
import { ownZone } from '../moments/zone.ts';
import { Facts } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { useNow } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { Agents } from './agents.tsx';
import { Faults } from './faults.tsx';
import { HomeAutomation } from './home-automation.tsx';
import { Jobs } from './jobs.tsx';
import { Sites } from './sites.tsx';
import { Tokens } from './tokens.tsx';
import '../timelapse/timelapse.css';
import './system.css';

export function SystemPage() {
  useTitle(words.system.title);
  const mayChange = useMay('administer');
  return (
    <div className="page system">
      <h1 className="unseen">{words.system.title}</h1>
      <Agents />
      <div className="system-columns">
        <Faults />
        <Jobs />
        <Sites />
        {mayChange && <Tokens />}
        {mayChange && <HomeAutomation />}
        <About />
      </div>
    </div>
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
          {({ version, records, brokerUrl, minIntervalMs }) => (
            <Facts
              facts={{
                [words.system.version]: `${words.product} ${version}`,
                [words.system.frames]: sayNumber(records.frames),
                [words.system.stored]: sayBytes(records.bytes),
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
