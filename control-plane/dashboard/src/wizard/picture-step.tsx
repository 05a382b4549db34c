/** What the camera shows, and what is made of it. A picture that is as it should be needs nothing but a yes. */
import type { CameraView } from '@slowlight/protocol';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { type CameraDraft, changeOf, draftOf, shapeOf } from '../pieces/camera-draft.ts';
import { CropStage, WHOLE } from '../pieces/crop-editor.tsx';
import { CropFields, TurnFields } from '../pieces/shape-fields.tsx';
import { TestShot } from '../pieces/test-shot.tsx';
import { type TestShotState, useTestShot } from '../pieces/use-test-shot.ts';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  camera: CameraView;
  onBack: () => void;
  onDone: () => void;
}

export function PictureStep({ camera, onBack, onDone }: Props) {
  const [draft, setDraft] = useState(() => draftOf(camera, camera.agentId));
  const set = (change: Partial<CameraDraft>) => setDraft((before) => ({ ...before, ...change }));
  // Always the whole picture: what is cut is drawn on it.
  const { state, again } = useTestShot(camera.id, WHOLE);
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
  const [shaping, setShaping] = useState(() => JSON.stringify(camera.shape) !== JSON.stringify(WHOLE));
  const fields = { draft, set, problemOf: save.problemOf };
  return (
    <div className="form panel">
      <Shot state={state} hidden={shaping} />
      {state.kind === 'picture' && (
        <details open={shaping} onToggle={(event) => setShaping(event.currentTarget.open)}>
          <summary>{words.wizard.shape}</summary>
          {shaping && (
            <div className="form shape-fields">
              <CropStage still={state} draft={draft} set={set} />
              <CropFields {...fields} source={state} />
              <div className="fields">
                <TurnFields {...fields} />
              </div>
              <TestShot cameraId={camera.id} shape={shapeOf(draft)} />
            </div>
          )}
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

/** @param hidden the picture itself is shown with handles below */
function Shot({ state, hidden }: { state: TestShotState; hidden: boolean }) {
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
          {!hidden && <img className="wizard-picture" src={state.src} alt={words.camera.testShotAlt} />}
          <figcaption className="test-good">
            <Icon name="check" />
            {words.wizard.works}
            <span className="muted small">{words.camera.testShotSays(state.widthPx, state.heightPx, state.score)}</span>
          </figcaption>
        </figure>
      );
  }
}
