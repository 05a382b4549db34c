/** What holds for the whole overlay: its margins, how much it is seen, and the look of all that says nothing else. */
import type { OverlayLayout } from '@slowlight/protocol';
import { TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import { styled } from './layout-edits.ts';
import { NumberField } from './number-field.tsx';
import { StyleFields } from './style-fields.tsx';

interface Props {
  layout: OverlayLayout;
  problemOf: (path: string) => string | undefined;
  onChange: (layout: OverlayLayout, group?: string | null) => void;
}

export function LayoutPanel({ layout, problemOf, onChange }: Props) {
  const text = words.overlays;
  return (
    <section className="panel form" aria-label={text.whole}>
      <h2>{text.whole}</h2>
      <p className="muted small">{text.wholeHelp}</p>
      <TextField
        label={`${text.style.opacity}: ${Math.round(layout.opacity * 100)} %`}
        type="range"
        className="range"
        min="0"
        max="100"
        step="5"
        value={Math.round(layout.opacity * 100)}
        onChange={(event) => onChange({ ...layout, opacity: Number(event.target.value) / 100 }, 'whole opacity')}
      />
      <div className="fields fields-tight">
        <NumberField
          label={text.marginX}
          value={layout.marginXPercent}
          bounds={[0, 45]}
          problem={problemOf('layout.marginXPercent')}
          onNumber={(marginXPercent) => onChange({ ...layout, marginXPercent }, 'marginX')}
        />
        <NumberField
          label={text.marginY}
          value={layout.marginYPercent}
          bounds={[0, 45]}
          problem={problemOf('layout.marginYPercent')}
          onNumber={(marginYPercent) => onChange({ ...layout, marginYPercent }, 'marginY')}
        />
        <NumberField
          label={text.gap}
          value={layout.gapPercent}
          bounds={[0, 20]}
          problem={problemOf('layout.gapPercent')}
          onNumber={(gapPercent) => onChange({ ...layout, gapPercent }, 'gap')}
        />
      </div>
      <details className="style-details" open>
        <summary>{text.lookOfAll}</summary>
        <div className="form">
          <StyleFields
            own={layout.style}
            base={{}}
            problemOf={(field) => problemOf(`layout.style.${field}`)}
            onChange={(change, group) => onChange(styled(layout, change), `whole ${group}`)}
          />
        </div>
      </details>
    </section>
  );
}
