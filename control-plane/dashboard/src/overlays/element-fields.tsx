/** What an element says: its own settings, after its kind. */
import type { OverlayElement } from '@slowlight/protocol';
import type { ReactNode } from 'react';
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import { NumberField } from './number-field.tsx';
import { VariablesField } from './variables-field.tsx';

type Of<Kind extends OverlayElement['kind']> = Extract<OverlayElement, { kind: Kind }>;
interface Props<Element extends OverlayElement> {
  element: Element;
  /** @param group edits of the same thing are taken back together */
  onChange: (element: OverlayElement, group: string) => void;
  /** What is wrong with a field, by its name. */
  problemOf: (field: string) => string | undefined;
}
const text = words.overlays;
const pairs = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];
const PATTERNS = {
  date: ['yyyy-MM-dd', 'd LLLL yyyy', 'cccc d LLLL', 'dd.MM.yyyy', 'MM/dd/yyyy'],
  time: ['HH:mm', 'HH:mm:ss', 'h:mm a'],
  'date-time': ['yyyy-MM-dd HH:mm', 'd LLL yyyy HH:mm', 'dd.MM.yyyy HH:mm', 'ccc d LLL HH:mm'],
} as const;
const LOCALES = [
  'en',
  'en-GB',
  'en-US',
  'de',
  'de-AT',
  'fr',
  'it',
  'es',
  'pt',
  'nl',
  'pl',
  'sv',
  'tr',
  'ar',
  'he',
  'el',
  'ru',
  'uk',
];

export function ElementFields(props: Props<OverlayElement>) {
  const { element } = props;
  switch (element.kind) {
    case 'date':
    case 'time':
    case 'date-time':
      return <PatternFields {...props} element={element} />;
    case 'frame-number':
    case 'day-number':
      return <NumberFields {...props} element={element} />;
    case 'text':
      return <VariablesField {...props} element={element} />;
    case 'temperature':
      return <TemperatureFields {...props} element={element} />;
    case 'conditions':
      return (
        <>
          <Icon {...props} element={element} />
          <Around {...props} element={element}>
            <LocaleField {...props} element={element} />
          </Around>
        </>
      );
    case 'wind':
      return <WindFields {...props} element={element} />;
    case 'sun-position':
      return (
        <>
          <Icon {...props} element={element} />
          <Around {...props} element={element} />
        </>
      );
    case 'timelapse-name':
    case 'camera-name':
    case 'site-name':
    case 'quality-score':
      return <Around {...props} element={element} />;
    case 'progress-bar':
      return <BarFields {...props} element={element} />;
    case 'north-arrow':
      return (
        <NumberField
          label={text.bearing}
          help={text.bearingHelp}
          value={element.bearingDegrees}
          bounds={[0, 360]}
          problem={props.problemOf('bearingDegrees')}
          onNumber={(bearingDegrees) => props.onChange({ ...element, bearingDegrees }, 'bearing')}
        />
      );
    case 'image':
      return null;
  }
}

function PatternFields(props: Props<Of<'date'> | Of<'time'> | Of<'date-time'>>) {
  const { element, onChange, problemOf } = props;
  return (
    <>
      <TextField
        label={text.pattern}
        help={text.patternHelp}
        className="input mono"
        spellCheck={false}
        list="overlay-patterns"
        maxLength={80}
        value={element.pattern}
        problem={problemOf('pattern')}
        onChange={(event) => onChange({ ...element, pattern: event.target.value }, 'pattern')}
      />
      <datalist id="overlay-patterns">
        {PATTERNS[element.kind].map((pattern) => (
          <option key={pattern} value={pattern} />
        ))}
      </datalist>
      <Around {...props} element={element}>
        <LocaleField {...props} element={element} />
      </Around>
    </>
  );
}

function NumberFields(props: Props<Of<'frame-number'> | Of<'day-number'>>) {
  const { element, onChange, problemOf } = props;
  return (
    <>
      <div className="fields fields-tight">
        <NumberField
          label={text.digits}
          value={element.digits}
          bounds={[1, 12]}
          step={1}
          problem={problemOf('digits')}
          onNumber={(digits) => onChange({ ...element, digits }, 'digits')}
        />
        {element.kind === 'frame-number' && <Counted element={element} onChange={onChange} />}
      </div>
      <Around {...props} element={element} />
    </>
  );
}

function Counted({
  element,
  onChange,
}: {
  element: Of<'frame-number'> | Of<'progress-bar'>;
  onChange: Props<OverlayElement>['onChange'];
}) {
  return (
    <SelectField
      label={text.of}
      value={element.of}
      options={pairs(text.counted)}
      onPick={(of) => onChange({ ...element, of }, 'of')}
    />
  );
}

function TemperatureFields(props: Props<Of<'temperature'>>) {
  const { element, onChange } = props;
  return (
    <>
      <Icon {...props} element={element} />
      <div className="fields fields-tight">
        <SelectField
          label={text.unit}
          value={element.unit}
          options={pairs(text.temperatures)}
          onPick={(unit) => onChange({ ...element, unit }, 'unit')}
        />
        <SelectField
          label={text.decimals}
          value={`${element.decimals}`}
          options={[
            ['0', '21'],
            ['1', '21.4'],
          ]}
          onPick={(decimals) => onChange({ ...element, decimals: Number(decimals) }, 'decimals')}
        />
      </div>
      <Around {...props} element={element}>
        <LocaleField {...props} element={element} />
      </Around>
    </>
  );
}

function WindFields(props: Props<Of<'wind'>>) {
  const { element, onChange } = props;
  return (
    <>
      <div className="fields fields-tight">
        <SelectField
          label={text.unit}
          value={element.unit}
          options={(['m/s', 'km/h', 'mph', 'kn'] as const).map((unit) => [unit, unit] as const)}
          onPick={(unit) => onChange({ ...element, unit }, 'unit')}
        />
        <SelectField
          label={text.direction}
          value={element.direction}
          options={pairs(text.directions)}
          onPick={(direction) => onChange({ ...element, direction }, 'direction')}
        />
      </div>
      <Around {...props} element={element}>
        <LocaleField {...props} element={element} />
      </Around>
    </>
  );
}

function BarFields({ element, onChange, problemOf }: Props<Of<'progress-bar'>>) {
  return (
    <div className="fields fields-tight">
      <Counted element={element} onChange={onChange} />
      <NumberField
        label={text.barWidth}
        value={element.widthPercent}
        bounds={[1, 100]}
        problem={problemOf('widthPercent')}
        onNumber={(widthPercent) => onChange({ ...element, widthPercent }, 'width')}
      />
      <TextField
        label={text.track}
        type="color"
        className="input colour"
        value={element.track.colour}
        onChange={(event) => onChange({ ...element, track: { ...element.track, colour: event.target.value } }, 'track')}
      />
    </div>
  );
}

function Icon({ element, onChange }: Props<Of<'temperature'> | Of<'conditions'> | Of<'sun-position'>>) {
  return (
    <CheckField label={text.icon} checked={element.icon} onPick={(icon) => onChange({ ...element, icon }, 'icon')} />
  );
}

function LocaleField({ element, onChange, problemOf }: Props<Extract<OverlayElement, { locale: string }>>) {
  const languages = LOCALES.includes(element.locale) ? LOCALES : [element.locale, ...LOCALES];
  const names = new Intl.DisplayNames(words.locale, { type: 'language' });
  return (
    <SelectField
      label={text.language}
      value={element.locale}
      options={languages.map((one) => [one, names.of(one) ?? one] as const)}
      problem={problemOf('locale')}
      onPick={(locale) => onChange({ ...element, locale }, 'locale')}
    />
  );
}

/** Words before and after what the element says. */
function Around({
  element,
  onChange,
  problemOf,
  children,
}: Props<Extract<OverlayElement, { before: string }>> & { children?: ReactNode }) {
  return (
    <div className="fields fields-tight">
      {(['before', 'after'] as const).map((side) => (
        <TextField
          key={side}
          label={text[side]}
          maxLength={80}
          value={element[side]}
          problem={problemOf(side)}
          onChange={(event) => onChange({ ...element, [side]: event.target.value }, side)}
        />
      ))}
      {children}
    </div>
  );
}
