/** The crop, drawn with handles on a picture of now; the fields beside it follow, and it follows them. */
import type { CameraId, Shape } from '@slowlight/protocol';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { words } from '../words.ts';
import type { CameraDraft } from './camera-draft.ts';
import { boxIn, type CropBox, cropRatio, dragged, HANDLES, type Handle, type Size } from './crop-box.ts';
import { useTestShot } from './use-test-shot.ts';
import './crop-editor.css';

/** The picture as it comes from the camera. */
export const WHOLE: Shape = { crop: null, rotateDegrees: 0, aspect: null };
const NAMES = Object.keys(HANDLES) as Handle[];

interface Props {
  cameraId: CameraId;
  draft: CameraDraft;
  set: (change: Partial<CameraDraft>) => void;
}

export function CropEditor(props: Props) {
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <div>
        <Button icon="camera" onClick={() => setOpen(true)}>
          {words.camera.cropEditor.open}
        </Button>
      </div>
    );
  return <Drawn {...props} />;
}

function Drawn({ cameraId, draft, set }: Props) {
  const { state, again } = useTestShot(cameraId, WHOLE);
  const said = words.camera.cropEditor;
  if (state.kind === 'waiting')
    return (
      <p className="waiting" role="status">
        <span className="spinner" aria-hidden="true" /> {said.waiting}
      </p>
    );
  if (state.kind === 'failed')
    return (
      <div className="form-problem" role="alert">
        <p>
          <strong>{state.title}</strong> {state.hint}
        </p>
        <Button icon="again" onClick={again}>
          {words.common.tryAgain}
        </Button>
      </div>
    );
  return (
    <div className="stack">
      <CropStage still={state} draft={draft} set={set} />
      <div className="row">
        <Button icon="again" onClick={again}>
          {said.again}
        </Button>
      </div>
    </div>
  );
}

/** @param still the camera's whole picture, as it comes from the source */
export function CropStage({ still, draft, set }: Omit<Props, 'cameraId'> & { still: Size & { src: string } }) {
  const said = words.camera.cropEditor;
  const source = { widthPx: still.widthPx, heightPx: still.heightPx };
  const box = draft.cropOn ? boxIn(draft.crop, source) : { leftPx: 0, topPx: 0, ...source };
  const change = ({ leftPx, topPx, widthPx, heightPx }: CropBox) =>
    set({
      cropOn: true,
      crop: { leftPx: `${leftPx}`, topPx: `${topPx}`, widthPx: `${widthPx}`, heightPx: `${heightPx}` },
    });
  return (
    <>
      <Stage
        src={still.src}
        source={source}
        box={box}
        ratio={cropRatio(draft.ratio, draft.fit, draft.rotate)}
        onChange={change}
      />
      <p className="muted small">
        {said.says(box.widthPx, box.heightPx)} {said.help}
      </p>
    </>
  );
}

interface StageProps {
  src: string;
  source: Size;
  box: CropBox;
  ratio: number | null;
  onChange: (box: CropBox) => void;
}

function Stage({ src, source, box, ratio, onChange }: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const grip = useRef<{ handle: Handle; x: number; y: number; box: CropBox } | null>(null);
  const within = { source, ratio };
  const percent = (value: number, of: number) => `${(value / of) * 100}%`;
  const down = (handle: Handle) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = { handle, x: event.clientX, y: event.clientY, box };
  };
  const move = (event: PointerEvent) => {
    const { current } = grip;
    const wide = stage.current?.clientWidth;
    if (current === null || wide === undefined || wide === 0) return;
    const scale = source.widthPx / wide;
    const by = { dx: (event.clientX - current.x) * scale, dy: (event.clientY - current.y) * scale };
    onChange(dragged(current.box, current.handle, by, within));
  };
  const up = () => {
    grip.current = null;
  };
  const pressed = (handle: Handle) => (event: KeyboardEvent) => {
    const step = Math.max(1, Math.round(source.widthPx / (event.shiftKey ? 20 : 200)));
    const ways: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const way = ways[event.key];
    if (way === undefined) return;
    event.preventDefault();
    onChange(dragged(box, handle, { dx: way[0] * step, dy: way[1] * step }, within));
  };
  const place = {
    left: percent(box.leftPx, source.widthPx),
    top: percent(box.topPx, source.heightPx),
    width: percent(box.widthPx, source.widthPx),
    height: percent(box.heightPx, source.heightPx),
  };
  return (
    <div ref={stage} className="crop-stage" style={{ aspectRatio: `${source.widthPx} / ${source.heightPx}` }}>
      <img src={src} alt={words.camera.testShotAlt} draggable={false} />
      <div className="crop-box" style={place}>
        {NAMES.map((handle) => (
          <button
            key={handle}
            type="button"
            className={`crop-handle crop-${handle}`}
            aria-label={words.camera.cropEditor.handles[handle]}
            onPointerDown={down(handle)}
            onPointerMove={move}
            onPointerUp={up}
            onPointerCancel={up}
            onKeyDown={pressed(handle)}
          />
        ))}
      </div>
    </div>
  );
}
