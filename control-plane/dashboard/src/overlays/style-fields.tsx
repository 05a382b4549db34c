/** How an element looks; or, without one, how all do where they say nothing else. */
import { BUILT_IN_STYLE, type OverlayStyle, type OverlayStyleChange } from '@slowlight/protocol';
import { Button } from '../parts/button.tsx';
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import { NumberField } from './number-field.tsx';

interface Props {
  /** What it says of itself. */
  own: OverlayStyleChange;
  /** What holds where it says nothing. */
  base: OverlayStyleChange;
  onChange: (change: OverlayStyleChange, group: string) => void;
  problemOf: (field: string) => string | undefined;
}
const text = words.overlays.style;
const pairs = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];
const percent = (share: number) => Math.round(share * 100);

export function StyleFields({ own, base, onChange, problemOf }: Props) {
  const style = { ...BUILT_IN_STYLE, ...base, ...own } as OverlayStyle;
  const { background, shadow, outline } = style;
  const differs = Object.keys(own).length > 0;
  return (
    <>
      <div className="fields fields-tight">
        <NumberField
          label={text.size}
          value={style.sizePercent}
          bounds={[0.5, 100]}
          problem={problemOf('sizePercent')}
          onNumber={(sizePercent) => onChange({ sizePercent }, 'size')}
        />
        <TextField
          label={text.colour}
          type="color"
          className="input colour"
          value={style.colour}
          onChange={(event) => onChange({ colour: event.target.value }, 'colour')}
        />
        <SelectField
          label={text.font}
          value={style.font}
          options={pairs(text.fonts)}
          onPick={(font) => onChange({ font }, 'font')}
        />
        <SelectField
          label={text.weight}
          value={style.weight}
          options={pairs(text.weights)}
          onPick={(weight) => onChange({ weight }, 'weight')}
        />
        <NumberField
          label={text.rotation}
          value={style.rotationDegrees}
          bounds={[-360, 360]}
          onNumber={(rotationDegrees) => onChange({ rotationDegrees }, 'rotation')}
        />
      </div>
      <Share label={text.opacity} value={style.opacity} onShare={(opacity) => onChange({ opacity }, 'opacity')} />
      <CheckField
        label={text.background}
        checked={background !== null}
        onPick={(on) =>
          onChange({ background: on ? (base.background ?? BUILT_IN_STYLE.background) : null }, 'background')
        }
      />
      {background !== null && (
        <div className="fields fields-tight style-part">
          <TextField
            label={text.backgroundColour}
            type="color"
            className="input colour"
            value={background.colour}
            onChange={(event) => onChange({ background: { ...background, colour: event.target.value } }, 'ground')}
          />
          <Share
            label={text.backgroundOpacity}
            value={background.opacity}
            onShare={(opacity) => onChange({ background: { ...background, opacity } }, 'ground-opacity')}
          />
          <NumberField
            label={text.radius}
            value={background.radiusPercent}
            bounds={[0, 200]}
            onNumber={(radiusPercent) => onChange({ background: { ...background, radiusPercent } }, 'radius')}
          />
          <NumberField
            label={text.padding}
            value={style.paddingPercent}
            bounds={[0, 300]}
            onNumber={(paddingPercent) => onChange({ paddingPercent }, 'padding')}
          />
        </div>
      )}
      <CheckField
        label={text.outline}
        checked={outline !== null}
        onPick={(on) => onChange({ outline: on ? { colour: '#000000', widthPercent: 6 } : null }, 'outline')}
      />
      {outline !== null && (
        <div className="fields fields-tight style-part">
          <TextField
            label={text.outlineColour}
            type="color"
            className="input colour"
            value={outline.colour}
            onChange={(event) => onChange({ outline: { ...outline, colour: event.target.value } }, 'outline-colour')}
          />
          <NumberField
            label={text.outlineWidth}
            value={outline.widthPercent}
            bounds={[0, 50]}
            onNumber={(widthPercent) => onChange({ outline: { ...outline, widthPercent } }, 'outline-width')}
          />
        </div>
      )}
      <CheckField
        label={text.shadow}
        checked={shadow !== null}
        onPick={(on) => onChange({ shadow: on ? SHADOW : null }, 'shadow')}
      />
      {shadow !== null && (
        <div className="fields fields-tight style-part">
          <TextField
            label={text.shadowColour}
            type="color"
            className="input colour"
            value={shadow.colour}
            onChange={(event) => onChange({ shadow: { ...shadow, colour: event.target.value } }, 'shadow-colour')}
          />
          <Share
            label={text.shadowOpacity}
            value={shadow.opacity}
            onShare={(opacity) => onChange({ shadow: { ...shadow, opacity } }, 'shadow-opacity')}
          />
          <NumberField
            label={text.shadowBlur}
            value={shadow.blurPercent}
            bounds={[0, 100]}
            onNumber={(blurPercent) => onChange({ shadow: { ...shadow, blurPercent } }, 'shadow-blur')}
          />
        </div>
      )}
      {differs && (
        <Button kind="quiet" icon="again" onClick={() => onChange(NOTHING, 'nothing')}>
          {text.asTemplate}
        </Button>
      )}
    </>
  );
}

const SHADOW = { colour: '#000000', opacity: 0.8, xPercent: 4, yPercent: 4, blurPercent: 6 };
/** All of it as the template says again. */
const NOTHING = Object.fromEntries(Object.keys(BUILT_IN_STYLE).map((name) => [name, undefined])) as OverlayStyleChange;

function Share({ label, value, onShare }: { label: string; value: number; onShare: (value: number) => void }) {
  return (
    <TextField
      label={`${label}: ${percent(value)} %`}
      type="range"
      className="range"
      min="0"
      max="100"
      step="5"
      value={percent(value)}
      onChange={(event) => onShare(Number(event.target.value) / 100)}
    />
  );
}
