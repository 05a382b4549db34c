import type { CameraView, FrameId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { CameraDialog } from '../pieces/camera-dialog.tsx';
import { TestDialog } from '../pieces/camera-test.tsx';
import { sayHealth } from '../pieces/health.ts';
import { actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { CaptureNow } from './capture-now.tsx';
import { LiveLook } from './live-look.tsx';

export function CameraHead({
  camera,
  zone,
  onShow,
}: {
  camera: CameraView;
  zone: string;
  onShow: (frame: FrameId) => void;
}) {
  const [open, setOpen] = useState<'edit' | 'live' | 'test' | 'remove' | null>(null);
  const navigate = useNavigate();
  const agent = useQuery(queries.agents).data?.find(({ id }) => id === camera.agentId);
  const health = sayHealth(camera, agent);
  const mayOperate = useMay('operate');
  const mayChange = useMay('administer');
  const remove = useAction({
    run: actions.deleteCamera,
    stale: [[...keys.cameras, 'all']],
    done: words.camera.removed,
    onDone: () => void navigate({ to: '/' }),
  });
  const close = () => setOpen(null);
  return (
    <>
      <header className="page-head camera-head">
        <Link
          to="/"
          className="button button-quiet button-bare"
          aria-label={words.faultsOfServer.toCameras}
          title={words.faultsOfServer.toCameras}
        >
          <Icon name="left" />
        </Link>
        <div className="camera-title">
          <h1>{camera.name}</h1>
          <StateDot tone={health.tone}>{health.text}</StateDot>
        </div>
        {mayOperate && (
          <div className="actions">
            <CaptureNow camera={camera} zone={zone} onShow={onShow} />
            <Menu
              trigger={<Button icon="gear" aria-label={words.camera.more} />}
              entries={[
                { kind: 'act', text: words.camera.live, icon: 'play', onSelect: () => setOpen('live') },
                { kind: 'act', text: words.camera.test, icon: 'again', onSelect: () => setOpen('test') },
                ...(mayChange
                  ? ([
                      { kind: 'act', text: words.camera.edit, icon: 'pencil', onSelect: () => setOpen('edit') },
                      { kind: 'line' },
                      {
                        kind: 'act',
                        text: words.camera.remove,
                        icon: 'trash',
                        danger: true,
                        onSelect: () => setOpen('remove'),
                      },
                    ] as const)
                  : []),
              ]}
            />
          </div>
        )}
        <CameraDialog open={open === 'edit'} onClose={close} camera={camera} />
        <LiveLook open={open === 'live'} onClose={close} camera={camera} />
        <TestDialog open={open === 'test'} onClose={close} cameraId={camera.id} />
        <Confirm
          open={open === 'remove'}
          onOpenChange={close}
          title={words.camera.removeTitle}
          action={words.video.remove}
          danger
          onConfirm={() => remove.run(camera.id)}
        >
          <p>{words.camera.removeText}</p>
        </Confirm>
      </header>
      {health.why !== null && <p className="camera-why">{health.why}</p>}
    </>
  );
}
