/** Adds a camera and tries it at once, or changes one. */
import type { CameraId, CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';
import {
  type CameraDraft,
  changeOf,
  draftOf,
  inputOf,
  type SourceKind,
  shapeOf,
  withoutLoginInUrl,
} from './camera-draft.ts';
import { CameraPictureFields } from './camera-picture-fields.tsx';
import { CameraSourceFields } from './camera-source-fields.tsx';
import { TestResult } from './camera-test.tsx';
import { TestShot } from './test-shot.tsx';

interface Props {
  open: boolean;
  onClose: () => void;
  /** null: a new one. */
  camera: CameraView | null;
}

export function CameraDialog({ open, onClose, camera }: Props) {
  const [added, setAdded] = useState<CameraId | null>(null);
  const agents = useQuery({ ...queries.agents, enabled: open });
  const close = () => {
    setAdded(null);
    onClose();
  };
  return (
    <Dialog
      title={camera === null ? words.camera.add : words.camera.edit}
      open={open}
      onOpenChange={close}
      {...(camera === null
        ? {
            explanation: (
              <Link to="/new" onClick={close}>
                {words.wizard.open}
              </Link>
            ),
          }
        : {})}
    >
      {added !== null ? (
        <TestResult cameraId={added} onClose={close} isNew />
      ) : (
        <Loaded query={agents}>
          {(list) =>
            list.length === 0 ? (
              <Blank icon="cloud" title={words.camera.noAgents}>
                <Link className="button" to="/system" onClick={close}>
                  {words.nav.system}
                </Link>
              </Blank>
            ) : (
              <CameraForm
                camera={camera}
                agents={list.map(({ id, name }) => [id, name] as const)}
                onClose={close}
                onAdded={setAdded}
              />
            )
          }
        </Loaded>
      )}
    </Dialog>
  );
}

interface FormProps {
  camera: CameraView | null;
  agents: readonly (readonly [string, string])[];
  onClose: () => void;
  onAdded: (id: CameraId) => void;
}

function CameraForm({ camera, agents, onClose, onAdded }: FormProps) {
  const [draft, setDraft] = useState(() => draftOf(camera, agents[0]?.[0] ?? ''));
  const [moved, setMoved] = useState(false);
  const set = (change: Partial<CameraDraft>) => setDraft((before) => ({ ...before, ...change }));
  const create = useAction({
    run: actions.createCamera,
    stale: [keys.cameras, keys.agents],
    done: words.camera.added,
    faults: 'in-form',
    onDone: ({ id }) => onAdded(id),
  });
  const change = useAction({
    run: actions.changeCamera,
    stale: [keys.cameras, keys.agents],
    done: words.common.saved,
    faults: 'in-form',
    onDone: onClose,
  });
  const action = camera === null ? create : change;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const clean = withoutLoginInUrl(draft);
    setDraft(clean);
    if (camera === null) create.run(inputOf(clean, null));
    else change.run({ id: camera.id, change: changeOf(clean, camera) });
  };
  const moveLogin = () => {
    const clean = withoutLoginInUrl(draft);
    if (clean === draft) return;
    setDraft(clean);
    setMoved(true);
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.camera.name}
        value={draft.name}
        placeholder={words.camera.namePlaceholder}
        required
        maxLength={120}
        onChange={(event) => set({ name: event.target.value })}
        problem={action.problemOf('name')}
      />
      {camera === null ? (
        <div className="fields">
          <SelectField
            label={words.camera.agent}
            value={draft.agentId}
            options={agents}
            onPick={(agentId) => set({ agentId })}
          />
          <SelectField
            label={words.camera.kind}
            value={draft.kind}
            options={Object.entries(words.camera.kinds) as [SourceKind, string][]}
            onPick={(kind) => set({ kind })}
          />
        </div>
      ) : (
        <CheckField
          label={words.camera.enabled}
          help={words.camera.enabledHelp}
          checked={draft.enabled}
          onPick={(enabled) => set({ enabled })}
        />
      )}
      {draft.kind !== 'test' && (
        <CameraSourceFields
          draft={draft}
          set={set}
          problemOf={action.problemOf}
          moved={moved}
          onUrlLeft={moveLogin}
          hasPassword={camera?.hasPassword === true}
          passwordStale={camera?.passwordStale === true}
        />
      )}
      {camera !== null && (
        <>
          <CameraPictureFields cameraId={camera.id} draft={draft} set={set} problemOf={action.problemOf} />
          <TestShot cameraId={camera.id} shape={shapeOf(draft)} />
        </>
      )}
      <FormProblem fault={action.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={action.busy}>
          {camera === null ? words.camera.create : action.busy ? words.common.saving : words.common.save}
        </Button>
      </div>
    </form>
  );
}
