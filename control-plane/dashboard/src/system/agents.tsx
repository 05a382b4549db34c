import type { AgentView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { sayBytes } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Facts } from '../parts/facts.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { Progress } from '../parts/progress.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AgentDialog } from './agent-dialog.tsx';
import { AgentMenu } from './agent-menu.tsx';
import { deviceDetails } from './device-facts.tsx';
import { Enrolments } from './enrolments.tsx';
import { IdentityNotes } from './identity-notes.tsx';
import { LimitsDialog } from './limits-dialog.tsx';
import { RenameDialog } from './rename-dialog.tsx';

const TONES: Record<AgentView['state'], Tone> = {
  online: 'good',
  offline: 'bad',
  stopped: 'calm',
  'never-seen': 'calm',
};

export function Agents() {
  const agents = useQuery(queries.agents);
  const [adding, setAdding] = useState(false);
  const mayChange = useMay('administer');
  const add = mayChange && (
    <Button icon="plus" onClick={() => setAdding(true)}>
      {words.system.addAgent}
    </Button>
  );
  return (
    <section>
      <div className="section-head">
        <h2>{words.system.agents}</h2>
        <div className="actions">{agents.data !== undefined && agents.data.length > 0 && add}</div>
      </div>
      <Loaded query={agents}>
        {(list) =>
          list.length === 0 ? (
            <div className="panel">
              <Blank icon="cloud" title={words.system.noAgents} text={words.system.noAgentsText}>
                {add}
              </Blank>
            </div>
          ) : (
            <ul className="agents">
              {list.map((agent) => (
                <Agent key={agent.id} agent={agent} mayChange={mayChange} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Enrolments />
      <AgentDialog open={adding} onClose={() => setAdding(false)} />
    </section>
  );
}

function Agent({ agent, mayChange }: { agent: AgentView; mayChange: boolean }) {
  const [renaming, setRenaming] = useState(false);
  const [limiting, setLimiting] = useState(false);
  const site = useQuery(queries.sites).data?.find(({ id }) => id === agent.siteId);
  return (
    <li className="panel agent">
      <header className="row">
        <h3>{agent.name}</h3>
        <span className="muted">{site?.name}</span>
        <span className="push" />
        {mayChange && (
          <Button
            kind="quiet"
            icon="pencil"
            aria-label={`${words.system.rename}: ${agent.name}`}
            onClick={() => setRenaming(true)}
          />
        )}
        {mayChange && (
          <Button
            kind="quiet"
            icon="gear"
            aria-label={`${words.system.limits.title}: ${agent.name}`}
            onClick={() => setLimiting(true)}
          />
        )}
        <AgentMenu agent={agent} zone={site?.timeZone ?? 'UTC'} />
      </header>
      <p className="row">
        <StateDot tone={TONES[agent.state]}>{words.system.agentStates[agent.state]}</StateDot>
        {agent.stateSince !== null && (
          <span className="muted small">
            <Ago at={agent.stateSince} />
          </span>
        )}
      </p>
      <IdentityNotes agent={agent} />
      <Facts facts={factsOf(agent)} />
      <LimitsDialog open={limiting} onClose={() => setLimiting(false)} agent={agent} />
      <RenameDialog open={renaming} onClose={() => setRenaming(false)} agent={agent} />
    </li>
  );
}

function factsOf(agent: AgentView): Record<string, ReactNode> {
  const { device, settingsApplied, settingsVersion } = agent;
  const always = {
    [words.system.version]: agent.version ?? '–',
    [words.system.settings]:
      settingsApplied >= settingsVersion ? (
        words.system.settingsApplied
      ) : (
        <span className="warn-text">{words.system.settingsWaiting(settingsApplied, settingsVersion)}</span>
      ),
  };
  return device === null ? always : { ...always, ...deviceFacts(device) };
}

function deviceFacts(device: NonNullable<AgentView['device']>): Record<string, ReactNode> {
  const { backlogFrames, backlogBytes, diskFreeBytes, diskTotalBytes, temperatureCelsius } = device;
  const held = device.heldBack?.backlog ?? device.heldBack?.newFrames;
  const backlog = `${words.video.frames(backlogFrames)}, ${sayBytes(backlogBytes)}`;
  return {
    [words.system.backlog]: (
      <>
        {backlogFrames === 0 ? words.system.noBacklog : backlog}
        {backlogFrames > 0 && held !== undefined && ` · ${words.system.heldBack[held.by]}`}
        {device.quarantinedFrames > 0 && (
          <span className="warn-text"> · {words.system.quarantined(device.quarantinedFrames)}</span>
        )}
      </>
    ),
    [words.system.disk]: (
      <span className="agent-disk">
        {words.system.diskFree(sayBytes(diskFreeBytes), sayBytes(diskTotalBytes))}
        <Progress part={diskTotalBytes > 0 ? 1 - diskFreeBytes / diskTotalBytes : null} label={words.system.disk} />
      </span>
    ),
    [words.system.temperature]: temperatureCelsius === null ? undefined : `${Math.round(temperatureCelsius)} °C`,
    [words.system.clock]:
      device.clock === 'synchronised' ? (
        words.system.clocks.synchronised
      ) : (
        <span className="warn-text">{words.system.clocks.untrusted}</span>
      ),
    ...deviceDetails(device),
    [words.system.reported]: <Ago at={device.at} />,
  };
}
