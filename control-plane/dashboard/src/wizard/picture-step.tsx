/** What the camera shows, and what is made of it. A picture that is as it should be needs nothing but a yes. */
import type { CameraView } from '@slowlight/protocol';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { type CameraDraft, changeOf, draftOf, shapeOf } from '../pieces/camera-draft.ts';
import { type TestShotState, useTestShot } from '../pieces/use-test-shot.ts';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  camera: CameraView;
  onBack: () => void;
  onDone: () => void;
}
const EDGES = [
  ['leftPx', words.camera.left],
  ['topPx', words.camera.top],
  ['widthPx', words.camera.width],
  ['heightPx', words.camera.height],
] as const;
const pairs = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];

export function PictureStep({ camera, onBack, onDone }: Props) {
  const [draft, setDraft] = useState(() => draftOf(camera, camera.agentId));
  const [shown, setShown] = useState(draft);
  const set = (change: Partial<CameraDraft>) => setDraft((before) => ({ ...before, ...change }));
  /** Choices are tried at once; numbers when they are said. */
  const setAndTry = (change: Partial<CameraDraft>) => {
    set(change);
    setShown((before) => ({ ...before, ...draft, ...change }));
  };
  const { state, again } = useTestShot(camera.id, shapeOf(shown));
  const save = useAction({
    run: actions.changeCamera,
    stale: [keys.cameras, keys.camera(camera.id)],
    faults: 'in-form',
    onDone,
  });
  const same = JSON.stringify(shapeOf(draft)) === JSON.stringify(camera.shape);
  const next = () => {
    if (same) onDone();
    else save.run({ id: camera.id, change: { shape: changeOf(draft, camera).shape ?? camera.shape } });
  };
  return (
    <div className="form panel">
      <Shot state={state} />
      {state.kind === 'picture' && (
        <details>
          <summary>{words.wizard.shape}</summary>
          <div className="form shape-fields">
            <div className="fields">
              <SelectField
                label={words.camera.rotate}
                value={draft.rotate}
                options={pairs(words.camera.rotations)}
                onPick={(rotate) => setAndTry({ rotate })}
              />
              <SelectField
                label={words.camera.aspect}
                value={draft.ratio}
                options={pairs(words.camera.aspects)}
                onPick={(ratio) => setAndTry({ ratio })}
              />
              {draft.ratio !== '' && (
                <SelectField
                  label={words.camera.fit}
                  value={draft.fit}
                  options={pairs(words.camera.fits)}
                  onPick={(fit) => setAndTry({ fit })}
                />
              )}
            </div>
            <CheckField
              label={words.camera.cropOn}
              checked={draft.cropOn}
              onPick={(cropOn) =>
                set({
                  cropOn,
                  ...(cropOn && draft.crop.widthPx === ''
                    ? {
                        crop: {
                          leftPx: '0',
                          topPx: '0',
                          widthPx: String(state.widthPx),
                          heightPx: String(state.heightPx),
                        },
                      }
                    : {}),
                })
              }
            />
            {draft.cropOn && (
              <div className="fields fields-tight">
                {EDGES.map(([edge, label]) => (
                  <TextField
                    key={edge}
                    label={`${label}, px`}
                    type="number"
                    min={edge === 'leftPx' || edge === 'topPx' ? 0 : 1}
                    step="1"
                    value={draft.crop[edge]}
                    onChange={(event) => set({ crop: { ...draft.crop, [edge]: event.target.value } })}
                    onBlur={() => setShown(draft)}
                    problem={save.problemOf(`shape.crop.${edge}`)}
                  />
                ))}
              </div>
            )}
          </div>
        </details>
      )}
      <FormProblem fault={save.fault} />
      <div className="dialog-foot">
        <Button className="aside" icon="left" onClick={onBack}>
          {words.wizard.otherAddress}
        </Button>
        <Button icon="again" busy={state.kind === 'waiting'} onClick={again}>
          {words.wizard.again}
        </Button>
        <Button kind="strong" busy={save.busy} disabled={state.kind === 'waiting'} onClick={next}>
          {state.kind === 'picture' ? words.wizard.looksGood : words.wizard.goOn}
        </Button>
      </div>
    </div>
  );
}

function Shot({ state }: { state: TestShotState }) {
  switch (state.kind) {
    case 'waiting':
      return (
        <div className="wizard-picture is-waiting" role="status">
          <span className="spinner" aria-hidden="true" /> {words.wizard.testing}
        </div>
      );
    case 'failed':
      return (
        <>
          <FormProblem fault={{ message: state.title, hint: state.hint }} />
          <p className="muted">{words.wizard.failedHelp}</p>
        </>
      );
    case 'picture':
      return (
        <figure className="stack">
          <img className="wizard-picture" src={state.src} alt={words.camera.testShotAlt} />
          <figcaption className="test-good">
            <Icon name="check" />
            {words.wizard.works}
            <span className="muted small">{words.camera.testShotSays(state.widthPx, state.heightPx, state.score)}</span>
          </figcaption>
        </figure>
      );
  }
}
