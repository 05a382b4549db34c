/** The brokers of houses that are told of the cameras, and how each connection stands. For administrators. */
import type { HomeBrokerView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { useAction } from '../server/actions.ts';
import { homeActions, homeKey, homeQuery } from '../server/home.ts';
import { words } from '../words.ts';
import { HomeBrokerDialog } from './home-broker-dialog.tsx';
import { SystemFrame } from './system-frame.tsx';

const TONES: Record<HomeBrokerView['link']['state'], Tone> = { connected: 'good', connecting: 'warn', off: 'calm' };

export function HousesPage() {
  return (
    <SystemFrame at="/system/houses">
      <HomeAutomation />
    </SystemFrame>
  );
}

function HomeAutomation() {
  const home = useQuery(homeQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button icon="plus" onClick={() => setAdding(true)}>
      {words.houses.add}
    </Button>
  );
  return (
    <section>
      <div className="section-head">
        <h2>{words.houses.title}</h2>
        <div className="actions">{(home.data?.brokers.length ?? 0) > 0 && add}</div>
      </div>
      <Loaded query={home}>
        {({ brokers }) =>
          brokers.length === 0 ? (
            <div className="panel">
              <Blank icon="cloud" title={words.houses.none} text={words.houses.noneText}>
                {add}
              </Blank>
            </div>
          ) : (
            <ul className="panel rows">
              {brokers.map((broker) => (
                <House key={broker.id} broker={broker} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <HomeBrokerDialog open={adding} onClose={() => setAdding(false)} broker={null} />
    </section>
  );
}

function House({ broker }: { broker: HomeBrokerView }) {
  const [changing, setChanging] = useState(false);
  const [removing, setRemoving] = useState(false);
  const remove = useAction({ run: homeActions.remove, stale: [homeKey], done: words.houses.removed });
  const { link } = broker;
  return (
    <li className="fault">
      <div className="row">
        <span>{broker.name}</span>
        <StateDot tone={link.fault !== null && link.state === 'connecting' ? 'bad' : TONES[link.state]}>
          {words.houses.states[link.state]}
        </StateDot>
        {link.state === 'connected' && <span className="muted small">{words.houses.devices(link.devices)}</span>}
        <div className="actions at-end">
          <Button
            kind="quiet"
            icon="pencil"
            aria-label={`${words.houses.change}: ${broker.name}`}
            onClick={() => setChanging(true)}
          />
          <Button
            kind="quiet"
            icon="trash"
            busy={remove.busy}
            aria-label={`${words.houses.remove}: ${broker.name}`}
            onClick={() => setRemoving(true)}
          />
        </div>
      </div>
      {link.state === 'connecting' && link.fault !== null && (
        <p className="muted small">{`${sentence(link.fault.message)} ${link.fault.hint}`}</p>
      )}
      <HomeBrokerDialog open={changing} onClose={() => setChanging(false)} broker={broker} />
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={words.houses.removeTitle}
        action={words.houses.remove}
        danger
        onConfirm={() => remove.run(broker.id)}
      >
        <p>{words.houses.removeText}</p>
      </Confirm>
    </li>
  );
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
