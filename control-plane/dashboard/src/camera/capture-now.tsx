/** Asks the agent for a picture now and shows it, or says why there is none. */
import type { CameraView, CommandId, FrameId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { actions, useAction } from '../server/actions.ts';
import { pictureOf, queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { words } from '../words.ts';

export function CaptureNow({
  camera,
  zone,
  onShow,
}: {
  camera: CameraView;
  zone: string;
  onShow: (frame: FrameId) => void;
}) {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const capture = useAction({ run: actions.captureNow, onDone: (command) => setAsked(command.id) });
  const start = (force = false) => {
    if (!capture.busy) capture.run({ id: camera.id, force });
  };
  useShortcuts({ c: () => start() });
  return (
    <>
      <Button kind="strong" icon="shutter" busy={capture.busy} onClick={() => start()}>
        {words.camera.capture}
      </Button>
      <Dialog title={words.camera.captureTitle} width="wide" open={asked !== null} onOpenChange={() => setAsked(null)}>
        {asked !== null && (
          <Result
            id={asked}
            zone={zone}
            name={camera.name}
            onAgain={(force) => {
              setAsked(null);
              start(force);
            }}
            onShow={(frame) => {
              setAsked(null);
              onShow(frame);
            }}
          />
        )}
      </Dialog>
    </>
  );
}

interface ResultProps {
  id: CommandId;
  zone: string;
  name: string;
  onAgain: (force: boolean) => void;
  onShow: (frame: FrameId) => void;
}

function Result({ id, zone, name, onAgain, onShow }: ResultProps) {
  const command = useQuery(queries.command(id)).data;
  if (command === undefined || command.state === 'sent') return <Wait text={words.camera.captureSent} />;
  if (command.state === 'done' && command.frameId !== null)
    return <Taken id={command.frameId} zone={zone} name={name} onShow={onShow} />;
  const expired = command.state === 'expired';
  return (
    <div className="stack">
      <div className="form-problem" role="alert">
        <Icon name="alert" />
        <p>
          <strong>{expired ? words.camera.captureExpired : words.camera.captureNo}</strong>{' '}
          {expired
            ? words.camera.captureExpiredHint
            : (sayRefusal(command) ?? (command.code === null ? '' : words.reason(command.code)))}
        </p>
      </div>
      <div className="dialog-foot">
        {command.code === 'not-ready.outside-window' ? (
          <Button icon="shutter" onClick={() => onAgain(true)}>
            {words.schedule.force}
          </Button>
        ) : (
          <Button icon="again" onClick={() => onAgain(false)}>
            {words.common.tryAgain}
          </Button>
        )}
      </div>
    </div>
  );
}

function Taken({ id, zone, name, onShow }: Omit<ResultProps, 'id' | 'onAgain'> & { id: FrameId }) {
  const { data: frame } = useQuery({
    ...queries.frame(id),
    staleTime: 0,
    retry: true,
    refetchInterval: ({ state }) =>
      state.data?.picture === 'stored' || state.data?.picture === 'evicted' ? false : 1000,
  });
  if (frame === undefined || frame.picture !== 'stored') return <Wait text={words.camera.captureComing} />;
  return (
    <div className="stack">
      <img
        className="capture-picture"
        src={pictureOf(id)}
        width={frame.widthPx}
        height={frame.heightPx}
        alt={words.camera.captureDone}
      />
      <div className="row">
        <p>
          {name}, <Moment at={frame.takenAt} zone={zone} style="time-exact" />
          <span className="muted">
            {' · '}
            {words.frame.score} {frame.score}
          </span>
        </p>
        <Button className="push" onClick={() => onShow(id)}>
          {words.camera.show}
        </Button>
      </div>
    </div>
  );
}

function Wait({ text }: { text: string }) {
  return (
    <p className="capture-wait" role="status">
      <span className="spinner" aria-hidden="true" /> {text}
    </p>
  );
}
