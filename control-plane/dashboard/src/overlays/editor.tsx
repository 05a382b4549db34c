/** Edits a layout: the picture in the middle, its elements and their settings beside it, every step can be taken back. */
import type { OverlayElementKind, OverlayLayout, OverlayTemplateView, TimelapseId } from '@slowlight/protocol';
import { useEffect, useReducer, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem } from '../parts/field.tsx';
import type { Action } from '../server/actions.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AssetsDialog } from './assets-dialog.tsx';
import { EditorHead } from './editor-head.tsx';
import { ElementList } from './element-list.tsx';
import { ElementPanel } from './element-panel.tsx';
import { FramePicker } from './frame-picker.tsx';
import { begin, edit, type History, redo, undo } from './history.ts';
import { addElement, copyElement, newElement, removeElement } from './layout-edits.ts';
import { LayoutPanel } from './layout-panel.tsx';
import type { EditorPlace } from './place.ts';
import { Stage } from './stage.tsx';
import { useDrawing } from './use-drawing.ts';
import { useSomeFrame } from './use-some-frame.ts';

interface Props {
  start: OverlayLayout;
  name: string;
  note: string;
  /** What the button says. */
  saving: string;
  versions?: Pick<OverlayTemplateView, 'version' | 'newestVersion' | 'builtIn'>;
  place: EditorPlace;
  timelapseId: TimelapseId | undefined;
  zone: string;
  action: Pick<Action<never>, 'busy' | 'fault' | 'problemOf'>;
  onSave: (layout: OverlayLayout, name: string) => void;
}

type Step =
  | { kind: 'edit'; layout: OverlayLayout; group: string | null }
  | { kind: 'undo' }
  | { kind: 'redo' }
  | { kind: 'begin'; layout: OverlayLayout };

function step(history: History<OverlayLayout>, by: Step): History<OverlayLayout> {
  switch (by.kind) {
    case 'edit':
      return edit(history, by.layout, by.group);
    case 'undo':
      return undo(history);
    case 'redo':
      return redo(history);
    case 'begin':
      return begin(by.layout);
  }
}

export function Editor({
  start,
  name: known,
  note,
  saving,
  versions,
  place,
  timelapseId,
  zone,
  action,
  onSave,
}: Props) {
  const [history, take] = useReducer(step, start, begin);
  const [chosen, choose] = useState<string | null>(null);
  const [name, setName] = useState(known);
  const [picking, setPicking] = useState<'new' | 'other' | null>(null);
  const editable = useMay('operate');
  const layout = history.now;
  const { frameId, frames } = useSomeFrame(timelapseId, place);
  const drawn = useDrawing(layout, frameId, zone);
  const change = (next: OverlayLayout, group: string | null = null) => take({ kind: 'edit', layout: next, group });
  useUndoKeys(
    () => take({ kind: 'undo' }),
    () => take({ kind: 'redo' }),
  );
  const seen = drawn.drawing === null || drawn.busy ? null : new Set(drawn.drawing.boxes.map(({ id }) => id));
  const element = layout.elements.find(({ id }) => id === chosen);
  const add = (kind: OverlayElementKind) => {
    const made = newElement(kind, {
      elements: layout.elements,
      anchor: 'bottom-left',
      locale: words.locale.slice(0, 2),
    });
    if (made === null) setPicking('new');
    else {
      change(addElement(layout, made));
      choose(made.id);
    }
  };
  const remove = (id: string) => {
    change(removeElement(layout, id));
    choose(null);
  };
  const fault = action.fault ?? drawn.fault;
  const problemOf = (path: string) =>
    action.problemOf(path) ?? drawn.fault?.fields.find((field) => field.path === path)?.problem;
  const unsaved = layout !== start || name !== known;
  return (
    <>
      <EditorHead
        name={name}
        onName={editable && versions !== undefined ? setName : null}
        note={note}
        back={timelapseId}
        place={place}
        {...(versions === undefined ? {} : { versions })}
      >
        {editable && (
          <>
            <Button
              icon="undo"
              aria-label={words.overlays.undo}
              disabled={history.past.length === 0}
              onClick={() => take({ kind: 'undo' })}
            />
            <Button
              icon="redo"
              aria-label={words.overlays.redo}
              disabled={history.future.length === 0}
              onClick={() => take({ kind: 'redo' })}
            />
            <Button kind="strong" busy={action.busy} disabled={!unsaved} onClick={() => onSave(layout, name.trim())}>
              {saving}
            </Button>
          </>
        )}
      </EditorHead>
      <div className="editor">
        <div className="stack editor-sight">
          <Stage
            layout={layout}
            drawn={drawn}
            chosen={chosen}
            editable={editable}
            onChoose={choose}
            onChange={change}
            onRemove={remove}
          />
          <FormProblem fault={fault} />
          <FramePicker frames={frames} frameId={frameId} zone={zone} place={place} />
        </div>
        <div className="stack editor-panel">
          <ElementList layout={layout} chosen={chosen} editable={editable} onChoose={choose} onAdd={add} seen={seen} />
          {editable && element !== undefined && (
            <ElementPanel
              key={element.id}
              layout={layout}
              element={element}
              problemOf={(field) => problemOf(`layout.elements.${layout.elements.indexOf(element)}.${field}`)}
              onChange={change}
              onRemove={() => remove(element.id)}
              onCopy={() => {
                const copied = copyElement(layout, element.id);
                change(copied.layout);
                choose(copied.id);
              }}
              onOtherPicture={() => setPicking('other')}
            />
          )}
          {editable && element === undefined && <LayoutPanel layout={layout} problemOf={problemOf} onChange={change} />}
        </div>
      </div>
      <AssetsDialog
        open={picking !== null}
        onClose={() => setPicking(null)}
        onPick={(assetId) => {
          if (picking === 'other' && element?.kind === 'image')
            change({
              ...layout,
              elements: layout.elements.map((one) => (one === element ? { ...element, assetId } : one)),
            });
          else {
            const made = newElement('image', { elements: layout.elements, anchor: 'top-right', locale: 'en', assetId });
            if (made !== null) {
              change(addElement(layout, made));
              choose(made.id);
            }
          }
          setPicking(null);
        }}
      />
    </>
  );
}

/** Ctrl (or cmd) and z, with shift the other way; a field that is typed in has its own. */
function useUndoKeys(onUndo: () => void, onRedo: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== 'z' && key !== 'y')) return;
      if (event.target instanceof Element && event.target.closest('input:not([type=range]), textarea') !== null) return;
      event.preventDefault();
      if (key === 'y' || event.shiftKey) onRedo();
      else onUndo();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });
}
