/** All elements of an overlay in words, as they are stacked at their anchors; and the way to more. */
import type { OverlayElementKind, OverlayLayout } from '@slowlight/protocol';
import { Button } from '../parts/button.tsx';
import { Menu } from '../parts/menu.tsx';
import { words } from '../words.ts';
import { ANCHORS, KINDS } from './layout-edits.ts';

interface Props {
  layout: OverlayLayout;
  chosen: string | null;
  editable: boolean;
  onChoose: (id: string | null) => void;
  onAdd: (kind: OverlayElementKind) => void;
  /** Those that can be seen on this frame; null: not known yet. */
  seen: ReadonlySet<string> | null;
}
const MOST = 30;

export function ElementList({ layout, chosen, editable, onChoose, onAdd, seen }: Props) {
  const text = words.overlays;
  const inOrder = ANCHORS.flatMap((anchor) => layout.elements.filter((one) => one.anchor === anchor));
  return (
    <section className="stack element-list" aria-label={text.elements}>
      <div className="section-head">
        <h2>{text.elements}</h2>
        {editable && (
          <div className="actions">
            <Menu
              trigger={
                <Button icon="plus" disabled={layout.elements.length >= MOST}>
                  {text.add}
                </Button>
              }
              entries={KINDS.map((kind) => ({ kind: 'act', text: text.kinds[kind], onSelect: () => onAdd(kind) }))}
            />
          </div>
        )}
      </div>
      {inOrder.length === 0 ? (
        <p className="muted">{text.noElements}</p>
      ) : (
        <ul>
          {inOrder.map(({ id, kind, anchor }) => (
            <li key={id}>
              <button
                type="button"
                className="element-row"
                aria-pressed={id === chosen}
                onClick={() => onChoose(id === chosen ? null : id)}
              >
                <span>{text.kinds[kind]}</span>
                <span className="muted small">{seen?.has(id) === false ? text.notHere : text.anchors[anchor]}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
