/** A picture of now in the shape that the form holds, before anything is saved. */
import type { CameraId, CommandId, CommandView, Shape } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { actions, useAction } from '../server/actions.ts';
import { queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { words } from '../words.ts';
import './pieces.css';

export function TestShot({ cameraId, shape }: { cameraId: CameraId; shape: Shape }) {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const shoot = useAction({ run: actions.testShot, onDone: ({ id }) => setAsked(id) });
  const command = useQuery({ ...queries.command(asked ?? ('' as CommandId)), enabled: asked !== null }).data;
  const waiting = shoot.busy || (asked !== null && (command === undefined || command.state === 'sent'));
  return (
    <div className="stack">
      <div className="row">
        <Button icon="shutter" busy={waiting} onClick={() => shoot.run({ id: cameraId, shape })}>
          {words.camera.testShot}
        </Button>
        <span className="muted small">{words.camera.testShotHelp}</span>
      </div>
      {command !== undefined && command.state !== 'sent' && <Shot command={command} />}
    </div>
  );
}

function Shot({ command: { state, answer, hint, code } }: { command: CommandView }) {
  if (state === 'done' && typeof answer?.picture === 'string')
    return (
      <figure className="stack test-shot">
        <img src={`data:image/jpeg;base64,${answer.picture}`} alt={words.camera.testShotAlt} />
        <figcaption className="muted small">
          {words.camera.testShotSays(numberOf(answer.widthPx), numberOf(answer.heightPx), numberOf(answer.score))}
        </figcaption>
      </figure>
    );
  return (
    <div className="form-problem" role="alert">
      <Icon name="alert" />
      <p>
        {state === 'refused' ? (sayRefusal({ code, hint }) ?? words.reason(code ?? '')) : words.camera.captureExpired}
      </p>
    </div>
  );
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);
