/** A text of one's own, with what is known of a frame put in where a variable stands. */
import type { OverlayElement } from '@slowlight/protocol';
import { useRef } from 'react';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { words } from '../words.ts';

interface Props {
  element: Extract<OverlayElement, { kind: 'text' }>;
  onChange: (element: OverlayElement, group: string) => void;
  problemOf: (field: string) => string | undefined;
}
const VARIABLES = [
  'date:d LLLL yyyy',
  'time:HH:mm',
  'timelapse',
  'camera',
  'site',
  'day',
  'frame:5',
  'temperature:C',
  'conditions',
  'wind',
  'sun',
  'score',
] as const;

export function VariablesField({ element, onChange, problemOf }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const insert = (variable: string) => {
    const field = box.current;
    const [from, to] = [field?.selectionStart ?? element.text.length, field?.selectionEnd ?? element.text.length];
    const written = `{${variable}}`;
    onChange({ ...element, text: element.text.slice(0, from) + written + element.text.slice(to) }, 'insert');
    field?.focus();
    // The field gets its new text first.
    requestAnimationFrame(() => field?.setSelectionRange(from + written.length, from + written.length));
  };
  return (
    <>
      <Field label={words.overlays.text} problem={problemOf('text')}>
        {(ids) => (
          <textarea
            ref={box}
            className="input"
            rows={2}
            maxLength={500}
            {...ids}
            value={element.text}
            onChange={(event) => onChange({ ...element, text: event.target.value }, 'text')}
          />
        )}
      </Field>
      <fieldset>
        <legend>{words.overlays.variables}</legend>
        <div className="variables">
          {VARIABLES.map((variable) => {
            const name = variable.split(':')[0] as keyof typeof words.overlays.variableNames;
            return (
              <Button key={variable} title={`{${variable}}`} onClick={() => insert(variable)}>
                {words.overlays.variableNames[name]}
              </Button>
            );
          })}
        </div>
      </fieldset>
    </>
  );
}
