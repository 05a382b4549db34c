/** What the camera shows now, about once a second, as long as the window is open. Nothing of it is kept. */
import type { CameraView } from '@slowlight/protocol';
import { useEffect, useState } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { backOffMs, later } from '../server/clock.ts';
import { isServerFault, requestPicture, type ServerFault } from '../server/request.ts';
import { words } from '../words.ts';

interface Props {
  open: boolean;
  onClose: () => void;
  camera: CameraView;
}

export function LiveLook({ open, onClose, camera }: Props) {
  return (
    <Dialog
      title={words.camera.liveTitle(camera.name)}
      explanation={words.camera.liveText}
      width="wide"
      open={open}
      onOpenChange={onClose}
    >
      <Stills camera={camera} />
    </Dialog>
  );
}

function Stills({ camera }: Pick<Props, 'camera'>) {
  const { src, fault } = useStills(`/api/cameras/${camera.id}/live`);
  return (
    <div className="stack" aria-live="polite">
      {fault !== null && (
        <div className="form-problem" role="alert">
          <Icon name="alert" />
          <p>
            <strong>{fault.message}</strong> {fault.hint}
          </p>
        </div>
      )}
      {src !== null && <img className="capture-picture" src={src} alt={words.camera.liveAlt(camera.name)} />}
      {src === null && fault === null && (
        <p className="capture-wait" role="status">
          <span className="spinner" aria-hidden="true" /> {words.camera.liveWaits}
        </p>
      )}
    </div>
  );
}

/** The newest still; asked for again as soon as it is there, and after a growing wait where there is none. */
function useStills(path: string): { src: string | null; fault: ServerFault | null } {
  const [src, setSrc] = useState<string | null>(null);
  const [fault, setFault] = useState<ServerFault | null>(null);
  useEffect(() => {
    const left = new AbortController();
    let etag: string | null = null;
    let shown: string | null = null;
    let failures = 0;
    let callOff = () => {};
    const show = (next: Blob) => {
      const before = shown;
      shown = URL.createObjectURL(next);
      setSrc(shown);
      if (before !== null) URL.revokeObjectURL(before);
    };
    const look = async (): Promise<void> => {
      let waitMs = 0;
      try {
        const answer = await requestPicture(path, { has: etag, signal: left.signal });
        failures = 0;
        if (answer.picture !== null) {
          etag = answer.etag;
          show(answer.picture);
        }
        setFault(null);
      } catch (thrown) {
        if (left.signal.aborted) return;
        if (isServerFault(thrown)) setFault(thrown);
        failures += 1;
        waitMs = backOffMs(failures + 1);
      }
      if (!left.signal.aborted) callOff = later(waitMs, () => void look());
    };
    void look();
    return () => {
      left.abort();
      callOff();
      if (shown !== null) URL.revokeObjectURL(shown);
    };
  }, [path]);
  return { src, fault };
}
