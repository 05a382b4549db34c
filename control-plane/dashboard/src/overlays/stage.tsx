/**
 * The picture as the server draws it, with a handle on each element. A handle is dragged to one of nine anchors; with the
 * keyboard the arrow keys carry it there, alt and the arrow keys change its order, delete takes it away.
 */
import type { OverlayAnchor, OverlayLayout } from '@slowlight/protocol';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { words } from '../words.ts';
import { ANCHORS, anchorAt, anchorBeside, moveElement, moveWithin } from './layout-edits.ts';
import type { Drawn } from './use-drawing.ts';

interface Props {
  layout: OverlayLayout;
  drawn: Drawn;
  chosen: string | null;
  editable: boolean;
  onChoose: (id: string | null) => void;
  onChange: (layout: OverlayLayout) => void;
  onRemove: (id: string) => void;
}
interface Drag {
  id: string;
  startX: number;
  startY: number;
  x: number;
  y: number;
  moved: boolean;
}
/** A shorter way is a click. */
const LEAST_PX = 5;
const ARROWS: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export function Stage({ layout, drawn: { drawing, busy }, chosen, editable, onChoose, onChange, onRemove }: Props) {
  const stage = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const shareOf = (x: number, y: number) => {
    const box = stage.current?.getBoundingClientRect();
    return box === undefined ? { x: 0, y: 0 } : { x: (x - box.left) / box.width, y: (y - box.top) / box.height };
  };
  const over: OverlayAnchor | null =
    drag?.moved === true ? anchorAt(shareOf(drag.x, drag.y).x, shareOf(drag.x, drag.y).y) : null;

  const press = (event: PointerEvent<HTMLButtonElement>, id: string) => {
    if (!editable || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { clientX: x, clientY: y } = event;
    setDrag({ id, startX: x, startY: y, x, y, moved: false });
  };
  const move = (event: PointerEvent) => {
    const { clientX: x, clientY: y } = event;
    setDrag((before) => {
      if (before === null) return null;
      const far = Math.hypot(x - before.startX, y - before.startY) > LEAST_PX;
      return { ...before, x, y, moved: before.moved || far };
    });
  };
  const drop = () => {
    if (drag?.moved === true && over !== null) {
      const at = shareOf(drag.x, drag.y);
      const above = layout.elements.filter(({ id, anchor }) => {
        const box = drawing?.boxes.find((one) => one.id === id);
        return anchor === over && id !== drag.id && box !== undefined && box.top + box.height / 2 < at.y;
      });
      onChange(moveElement(layout, drag.id, over, above.length));
    }
    setDrag(null);
  };
  const typed = (event: KeyboardEvent, id: string) => {
    const element = layout.elements.find((one) => one.id === id);
    const arrow = ARROWS[event.key];
    if (!editable || element === undefined) return;
    if (event.key === 'Escape') onChoose(null);
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove(id);
    else if (arrow === undefined) return;
    else if (!event.altKey) onChange(moveElement(layout, id, anchorBeside(element.anchor, arrow)));
    else if (arrow.y !== 0) onChange(moveWithin(layout, id, arrow.y < 0 ? -1 : 1));
    event.preventDefault();
  };
  if (drawing === null) return <div className="stage skeleton" />;
  return (
    <div
      ref={stage}
      className={drag?.moved === true ? 'stage is-dragging' : 'stage'}
      style={{ aspectRatio: `${drawing.widthPx} / ${drawing.heightPx}` }}
      aria-busy={busy}
    >
      <img src={drawing.src} alt={words.overlays.previewAlt} draggable={false} />
      {drag?.moved === true && (
        <div className="zones" aria-hidden="true">
          {ANCHORS.map((anchor) => (
            <span key={anchor} className={anchor === over ? 'is-over' : ''} />
          ))}
        </div>
      )}
      {drawing.boxes.map(({ id, left, top, width, height }) => {
        const element = layout.elements.find((one) => one.id === id);
        if (element === undefined) return null;
        const name = words.overlays.kinds[element.kind];
        const dragged = drag?.id === id && drag.moved;
        return (
          <button
            key={id}
            type="button"
            className="handle"
            aria-pressed={id === chosen}
            aria-label={words.overlays.handle(name, words.overlays.anchors[element.anchor])}
            aria-describedby="stage-help"
            style={{
              left: `${left * 100}%`,
              top: `${top * 100}%`,
              width: `${width * 100}%`,
              height: `${height * 100}%`,
              ...(dragged ? { translate: `${drag.x - drag.startX}px ${drag.y - drag.startY}px` } : {}),
            }}
            onPointerDown={(event) => press(event, id)}
            onPointerMove={move}
            onPointerUp={drop}
            onPointerCancel={() => setDrag(null)}
            onClick={() => onChoose(id)}
            onKeyDown={(event) => typed(event, id)}
          />
        );
      })}
      <p id="stage-help" className="unseen">
        {words.overlays.stageHelp}
      </p>
    </div>
  );
}
