/** Where the pictures come from: which agent, which address, which login. */
import type { AgentView, CameraId, CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import {
  type CameraDraft,
  changeOf,
  draftOf,
  inputOf,
  type SourceKind,
  withoutLoginInUrl,
} from '../pieces/camera-draft.ts';
import { CameraSourceFields } from '../pieces/camera-source-fields.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { FoundCameras } from './found-cameras.tsx';

interface Props {
  /** One that was added before, to be put right; null: a new one. */
  camera: CameraView | null;
  onDone: (id: CameraId) => void;
}

export function CameraStep(props: Props) {
  const agents = useQuery(queries.agents);
  return (
    <Loaded query={agents}>
      {(list) =>
        list.length === 0 ? (
          <Blank icon="cloud" title={words.camera.noAgents} text={words.wizard.noAgents}>
            <Link className="button button-strong" to="/system">
              {words.nav.system}
            </Link>
          </Blank>
        ) : (
          <CameraForm {...props} agents={list} />
        )
      }
    </Loaded>
  );
}

/** The one that is there first: most have only one. */
const firstOf = (agents: readonly AgentView[]) =>
  (agents.find(({ state }) => state === 'online') ?? agents[0])?.id ?? '';

function CameraForm({ camera, onDone, agents }: Props & { agents: readonly AgentView[] }) {
  const [draft, setDraft] = useState(() => draftOf(camera, firstOf(agents)));
  const [moved, setMoved] = useState(false);
  const set = (change: Partial<CameraDraft>) => setDraft((before) => ({ ...before, ...change }));
  const how = {
    stale: [keys.cameras, keys.agents],
    faults: 'in-form' as const,
    onDone: ({ id }: CameraView) => onDone(id),
  };
  const create = useAction({ run: actions.createCamera, ...how });
  const change = useAction({ run: actions.changeCamera, ...how });
  const action = camera === null ? create : change;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const clean = withoutLoginInUrl(draft);
    const named = clean.name.trim() === '' ? { ...clean, name: nameFor(clean) } : clean;
    setDraft(named);
    if (camera === null) create.run(inputOf(named, null));
    else change.run({ id: camera.id, change: changeOf(named, camera) });
  };
  const agent = agents.find(({ id }) => id === draft.agentId);
  return (
    <form className="form panel" onSubmit={submit}>
      <div className="fields">
        {camera === null && agents.length > 1 && (
          <SelectField
            label={words.camera.agent}
            help={words.camera.agentHelp}
            value={draft.agentId}
            options={agents.map(
              ({ id, name, state }) => [id as string, `${name} · ${words.system.agentStates[state]}`] as const,
            )}
            onPick={(agentId) => set({ agentId })}
          />
        )}
        <SelectField
          label={words.camera.kind}
          value={draft.kind}
          options={Object.entries(words.camera.kinds) as [SourceKind, string][]}
          onPick={(kind) => set({ kind })}
        />
        <TextField
          label={words.camera.name}
          value={draft.name}
          placeholder={words.camera.namePlaceholder}
          maxLength={120}
          onChange={(event) => set({ name: event.target.value })}
          problem={action.problemOf('name')}
        />
      </div>
      {camera === null && agent !== undefined && draft.kind !== 'test' && (
        <FoundCameras
          key={agent.id}
          agentId={agent.id}
          isOnline={agent.state === 'online'}
          login={draft}
          onPick={({ kind, url, name }) => set({ kind, url, ...(draft.name === '' && name !== null && { name }) })}
        />
      )}
      {draft.kind !== 'test' && (
        <CameraSourceFields
          draft={draft}
          set={set}
          problemOf={action.problemOf}
          moved={moved}
          onUrlLeft={() => {
            const clean = withoutLoginInUrl(draft);
            if (clean === draft) return;
            setDraft(clean);
            setMoved(true);
          }}
          hasPassword={camera?.hasPassword === true}
          passwordStale={camera?.passwordStale === true}
        />
      )}
      {agent !== undefined && agent.state !== 'online' && (
        <p className="warn-text">{words.wizard.agentAway(agent.name)}</p>
      )}
      <FormProblem fault={action.fault} />
      <div className="dialog-foot">
        <Button kind="strong" type="submit" busy={action.busy}>
          {words.wizard.tryIt}
        </Button>
      </div>
    </form>
  );
}

/** Nobody must think of a name to see a picture: the address gives one. */
function nameFor({ kind, url }: CameraDraft): string {
  const host = URL.parse(url.trim())?.host ?? '';
  return host === '' || kind === 'test' ? words.wizard.someCamera : `${words.wizard.someCamera} ${host}`.slice(0, 120);
}
