import type { AgentView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Facts } from '../parts/facts.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AgentDialog } from './agent-dialog.tsx';
import { deliveryFacts, deviceFacts, TONES, useGrowth } from './agent-facts.tsx';
import { AgentMenu } from './agent-menu.tsx';
import { Enrolments } from './enrolments.tsx';
import { IdentityNotes } from './identity-notes.tsx';
import { LimitsDialog } from './limits-dialog.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import { useDrain } from './use-drain.ts';

export function Agents() {
  const agents = useQuery({ ...queries.agents, refetchInterval: 15_000 });
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
  const drain = useDrain(agent);
  const growth = useGrowth();
  const site = useQuery(queries.sites).data?.find(({ id }) => id === agent.siteId);
  return (
    <li className="panel agent">
      <header className="row">
        <h3>
          <Link to="/fleet/$agentId" params={{ agentId: agent.id }}>
            {agent.name}
          </Link>
        </h3>
        <span className="muted">{site?.name}</span>
        <div className="actions at-end">
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
        </div>
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
      <Facts facts={{ ...deliveryFacts(agent, drain, growth), ...deviceFacts(agent) }} />
      <LimitsDialog open={limiting} onClose={() => setLimiting(false)} agent={agent} />
      <RenameDialog open={renaming} onClose={() => setRenaming(false)} agent={agent} />
    </li>
  );
}
