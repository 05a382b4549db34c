/** What an agent has set aside because it could not be delivered, with the reasons; asked for when somebody wants to know. */
import type { AgentView, CommandId, FrameId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { actions, useAction } from '../server/actions.ts';
import { houseActions } from '../server/house.ts';
import { keys, queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { words } from '../words.ts';

interface SetAside {
  frameId: FrameId;
  takenAt: number;
  reason: string;
}

export function Quarantine({ agent, zone }: { agent: AgentView; zone: string }) {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const look = useAction({ run: actions.reportBacklog, onDone: ({ id }) => setAsked(id) });
  const count = agent.device?.quarantinedFrames ?? 0;
  if (asked !== null) return <Listed id={asked} agent={agent} zone={zone} />;
  if (count === 0) return <p className="muted small">{words.fleet.nothingAside}</p>;
  return (
    <div className="actions">
      <Button busy={look.busy} onClick={() => look.run(agent.id)}>
        {words.fleet.lookAside}
      </Button>
    </div>
  );
}

function Listed({ id, agent, zone }: { id: CommandId; agent: AgentView; zone: string }) {
  const command = useQuery(queries.command(id)).data;
  const done = { stale: [keys.agents], done: words.system.retryAsked };
  const one = useAction({ run: houseActions.retryFrames, ...done });
  const all = useAction({ run: actions.retryQuarantine, ...done });
  if (command === undefined || command.state === 'sent')
    return (
      <p className="capture-wait" role="status">
        <span className="spinner" aria-hidden="true" /> {words.system.asking}
      </p>
    );
  if (command.state !== 'done') return <p role="alert">{sayRefusal(command) ?? words.camera.captureExpired}</p>;
  const listed = command.answer?.quarantinedFrames;
  const list = (Array.isArray(listed) ? listed : []) as SetAside[];
  if (list.length === 0) return <p className="muted small">{words.fleet.nothingAside}</p>;
  return (
    <div className="stack">
      <ul className="rows panel">
        {list.map(({ frameId, takenAt, reason }) => (
          <li key={frameId} className="row">
            <Moment at={takenAt} zone={zone} style="date-time-exact" />
            <span className="muted small">{reason}</span>
            <Button
              kind="quiet"
              className="at-end"
              busy={one.busy}
              onClick={() => one.run({ id: agent.id, frameIds: [frameId] })}
            >
              {words.fleet.retryOne}
            </Button>
          </li>
        ))}
      </ul>
      <Button icon="again" busy={all.busy} onClick={() => all.run(agent.id)}>
        {words.fleet.retryAll}
      </Button>
    </div>
  );
}
