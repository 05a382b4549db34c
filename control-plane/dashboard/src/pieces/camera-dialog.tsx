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
import { type CameraDraft, changeOf, draftOf, inputOf, withoutLoginInUrl } from './camera-draft.ts';
import { CameraPictureFields } from './camera-picture-fields.tsx';
import { TestResult } from './camera-test.tsx';

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
    <Dialog title={camera === null ? words.camera.add : words.camera.edit} open={open} onOpenChange={close}>
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
            options={Object.entries(words.camera.kinds) as ['rtsp' | 'test', string][]}
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
      {draft.kind === 'rtsp' && (
        <>
          <TextField
            label={words.camera.url}
            value={draft.url}
            placeholder="rtsp://192.168.1.20/stream"
            required
            spellCheck={false}
            inputMode="url"
            className="input mono"
            help={moved ? words.camera.urlMoved : words.camera.urlHelp}
            onChange={(event) => set({ url: event.target.value })}
            onBlur={moveLogin}
            problem={action.problemOf('source.url')}
          />
          <div className="fields">
            <TextField
              label={words.camera.username}
              value={draft.username}
              disabled={draft.forgetLogin}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => set({ username: event.target.value })}
              problem={action.problemOf('username')}
            />
            <TextField
              label={words.camera.password}
              type="password"
              autoComplete="new-password"
              value={draft.password}
              disabled={draft.forgetLogin}
              help={camera?.hasPassword === true ? words.camera.passwordKeep : words.camera.passwordNew}
              onChange={(event) => set({ password: event.target.value })}
              problem={action.problemOf('password')}
            />
          </div>
          {camera?.hasPassword === true && (
            <CheckField
              label={words.camera.passwordRemove}
              checked={draft.forgetLogin}
              onPick={(forgetLogin) => set({ forgetLogin })}
            />
          )}
        </>
      )}
      {camera !== null && <CameraPictureFields draft={draft} set={set} problemOf={action.problemOf} />}
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
