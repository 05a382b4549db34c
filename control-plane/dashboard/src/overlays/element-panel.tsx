/** The settings of the element that is chosen: where it lies, what it says, how it looks. */
import type { OverlayElement, OverlayLayout } from '@slowlight/protocol';
import { Button } from '../parts/button.tsx';
import { words } from '../words.ts';
import { ElementFields } from './element-fields.tsx';
import { ANCHORS, moveElement, moveWithin, putElement, styled } from './layout-edits.ts';
import { StyleFields } from './style-fields.tsx';

interface Props {
  layout: OverlayLayout;
  element: OverlayElement;
  problemOf: (field: string) => string | undefined;
  onChange: (layout: OverlayLayout, group?: string | null) => void;
  onRemove: () => void;
  onCopy: () => void;
  onOtherPicture: () => void;
}

export function ElementPanel({ layout, element, problemOf, onChange, onRemove, onCopy, onOtherPicture }: Props) {
  const text = words.overlays;
  const stack = layout.elements.filter(({ anchor }) => anchor === element.anchor);
  const put = (next: OverlayElement, group: string) => onChange(putElement(layout, next), `${element.id} ${group}`);
  return (
    <section className="panel form" aria-label={text.kinds[element.kind]}>
      <div className="section-head">
        <h2>{text.kinds[element.kind]}</h2>
        <div className="actions">
          <Button kind="quiet" icon="copy" aria-label={text.copy} onClick={onCopy} />
          <Button kind="quiet" icon="trash" aria-label={text.remove} onClick={onRemove} />
        </div>
      </div>
      <fieldset>
        <legend>{text.anchor}</legend>
        <div className="row">
          <div className="anchor-grid">
            {ANCHORS.map((anchor) => (
              <button
                key={anchor}
                type="button"
                aria-pressed={anchor === element.anchor}
                aria-label={text.anchors[anchor]}
                title={text.anchors[anchor]}
                onClick={() => onChange(moveElement(layout, element.id, anchor))}
              />
            ))}
          </div>
          {stack.length > 1 && (
            <div className="actions">
              <Button disabled={stack[0] === element} onClick={() => onChange(moveWithin(layout, element.id, -1))}>
                {text.up}
              </Button>
              <Button disabled={stack.at(-1) === element} onClick={() => onChange(moveWithin(layout, element.id, 1))}>
                {text.down}
              </Button>
            </div>
          )}
        </div>
      </fieldset>
      {element.kind === 'image' && (
        <div className="row">
          <Button icon="camera" onClick={onOtherPicture}>
            {text.otherPicture}
          </Button>
        </div>
      )}
      <ElementFields element={element} onChange={put} problemOf={problemOf} />
      <details className="style-details">
        <summary>{text.look}</summary>
        <div className="form">
          <StyleFields
            own={element.style}
            base={layout.style}
            problemOf={(field) => problemOf(`style.${field}`)}
            onChange={(change, group) => put(styled(element, change), group)}
          />
        </div>
      </details>
    </section>
  );
}
