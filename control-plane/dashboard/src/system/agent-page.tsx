/** One agent: how its device is, what it has to deliver, its cameras, what it was asked, with what it comes in. */
import type { AgentView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Facts } from '../parts/facts.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { useTitle } from '../parts/title.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AgentCameras } from './agent-cameras.tsx';
import { AgentCommands } from './agent-commands.tsx';
import { deliveryFacts, deviceFacts, TONES, useGrowth } from './agent-facts.tsx';
import { AgentMenu } from './agent-menu.tsx';
import { Credentials } from './credentials.tsx';
import { IdentityNotes } from './identity-notes.tsx';
import { LimitsDialog } from './limits-dialog.tsx';
import { Quarantine } from './quarantine.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import { useDrain } from './use-drain.ts';
import './system.css';

export function AgentPage() {
  const { agentId } = useParams({ from: '/fleet/$agentId' });
  const agents = useQuery({ ...queries.agents, refetchInterval: 10_000 });
  return (
    <div className="page system">
      <Loaded query={agents}>
        {(list) => {
          const agent = list.find(({ id }) => id === agentId);
          return agent === undefined ? <Nobody /> : <Agent agent={agent} />;
        }}
      </Loaded>
    </div>
  );
}

function Nobody() {
  return (
    <Blank icon="cloud" title={words.faultsOfServer.notFound} text={words.faultsOfServer.notFoundHint}>
      <Link className="button" to="/fleet">
        {words.fleet.all}
      </Link>
    </Blank>
  );
}

function Agent({ agent }: { agent: AgentView }) {
  useTitle(agent.name);
  const site = useQuery(queries.sites).data?.find(({ id }) => id === agent.siteId);
  const zone = site?.timeZone ?? 'UTC';
  const mayOperate = useMay('operate', agent.siteId);
  const mayChange = useMay('administer', agent.siteId);
  return (
    <>
      <Head agent={agent} place={site?.name} zone={zone} mayChange={mayChange} />
      <IdentityNotes agent={agent} />
      <div className="system-columns">
        <Delivery agent={agent} zone={zone} mayChange={mayChange} mayOperate={mayOperate} />
        <AgentCameras agent={agent} mayOperate={mayOperate} />
        <section className="section">
          <div className="section-head">
            <h2>{words.fleet.device}</h2>
          </div>
          <div className="panel">
            <Facts facts={{ ...deviceFacts(agent), ...moreFacts(agent) }} />
          </div>
        </section>
        {mayOperate && <AgentCommands agent={agent} mayChange={mayChange} />}
        {mayChange && <Credentials agent={agent} zone={zone} />}
      </div>
    </>
  );
}

function moreFacts({ device }: AgentView): Record<string, string | undefined> {
  const offset = device?.clockOffsetMs;
  return {
    [words.fleet.clockOffset]:
      offset === undefined ? undefined : `${Math.round(offset).toLocaleString(words.locale)} ms`,
    [words.fleet.clockSource]: device?.clockSource,
    [words.fleet.bootLine]: device?.ffmpegVersion ?? undefined,
  };
}

interface HeadProps {
  agent: AgentView;
  place: string | undefined;
  zone: string;
  mayChange: boolean;
}

function Head({ agent, place, zone, mayChange }: HeadProps) {
  const [renaming, setRenaming] = useState(false);
  return (
    <header className="page-head">
      <Link to="/fleet" className="button button-quiet">
        {words.fleet.all}
      </Link>
      <h1>{agent.name}</h1>
      <span className="muted">{place}</span>
      <StateDot tone={TONES[agent.state]}>{words.system.agentStates[agent.state]}</StateDot>
      {agent.stateSince !== null && (
        <span className="muted small">
          <Ago at={agent.stateSince} />
        </span>
      )}
      <div className="actions">
        {mayChange && (
          <Button icon="pencil" onClick={() => setRenaming(true)}>
            {words.system.rename}
          </Button>
        )}
        <AgentMenu agent={agent} zone={zone} />
      </div>
      <RenameDialog open={renaming} onClose={() => setRenaming(false)} agent={agent} />
    </header>
  );
}

interface DeliveryProps {
  agent: AgentView;
  zone: string;
  mayChange: boolean;
  mayOperate: boolean;
}

function Delivery({ agent, zone, mayChange, mayOperate }: DeliveryProps) {
  const [limiting, setLimiting] = useState(false);
  const drain = useDrain(agent);
  const growth = useGrowth();
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.fleet.delivery}</h2>
        {mayChange && (
          <div className="actions">
            <Button icon="gear" onClick={() => setLimiting(true)}>
              {words.system.limits.title}
            </Button>
          </div>
        )}
      </div>
      <div className="panel stack">
        {agent.device === null ? (
          <p className="muted">{words.system.agentStates['never-seen']}</p>
        ) : (
          <Facts facts={deliveryFacts(agent, drain, growth)} />
        )}
        {mayOperate && agent.state === 'online' && <Quarantine agent={agent} zone={zone} />}
      </div>
      <LimitsDialog open={limiting} onClose={() => setLimiting(false)} agent={agent} />
    </section>
  );
}
