/** The fields of a film: which frames it shows, how fast, and how it looks. */
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { FilmDraft } from './film-draft.ts';

interface Props {
  draft: FilmDraft;
  set: (change: Partial<FilmDraft>) => void;
  problemOf: (path: string) => string | undefined;
}
const text = words.film;
const pairs = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];
// Object keys that are whole numbers come first and in ascending order: the list says its own order.
const HEIGHTS = (['1080', '720', '480', '1440', '2160', 'source'] as const).map(
  (height) => [height, words.video.heights[height]] as const,
);

export function FilmSpeedFields({ draft, set, problemOf }: Props) {
  return (
    <div className="fields">
      <SelectField
        label={text.speed}
        value={draft.speed}
        options={pairs(text.speeds)}
        onPick={(speed) => set({ speed })}
      />
      {draft.speed === 'fps' ? (
        <TextField
          label={words.video.fps}
          type="number"
          inputMode="decimal"
          min="1"
          max="120"
          step="any"
          required
          value={draft.fps}
          onChange={(event) => set({ fps: event.target.value })}
          problem={problemOf('fps')}
        />
      ) : (
        <TextField
          label={text.seconds}
          type="number"
          inputMode="decimal"
          min="0.1"
          max="86400"
          step="any"
          required
          value={draft.seconds}
          onChange={(event) => set({ seconds: event.target.value })}
          problem={problemOf('length.seconds')}
        />
      )}
    </div>
  );
}

/** @param between whether a first and a last moment can be chosen: a rule decides that by itself */
export function FilmChoiceFields({ draft, set, problemOf, between }: Props & { between: boolean }) {
  const which = pairs(text.which).filter(([one]) => between || one !== 'between');
  return (
    <>
      <div className="fields">
        <SelectField label={text.frames} value={draft.which} options={which} onPick={(one) => set({ which: one })} />
        {draft.which === 'between' && (
          <>
            <TextField
              label={words.video.from}
              type="datetime-local"
              value={draft.from}
              onChange={(event) => set({ from: event.target.value })}
              problem={problemOf('from')}
            />
            <TextField
              label={words.video.to}
              type="datetime-local"
              value={draft.to}
              onChange={(event) => set({ to: event.target.value })}
              problem={problemOf('to')}
            />
          </>
        )}
        {draft.which === 'frames' && (
          <TextField
            label={text.howMany}
            type="number"
            min="2"
            step="1"
            required
            value={draft.lastFrames}
            onChange={(event) => set({ lastFrames: event.target.value })}
            problem={problemOf('last.frames')}
          />
        )}
        {draft.which === 'days' && (
          <TextField
            label={text.howManyDays}
            type="number"
            min="0.01"
            step="any"
            required
            value={draft.lastDays}
            onChange={(event) => set({ lastDays: event.target.value })}
            problem={problemOf('last.days')}
          />
        )}
      </div>
      <div className="fields">
        <SelectField
          label={text.evenLight}
          value={draft.evenLight}
          options={pairs(text.evenLights)}
          onPick={(evenLight) => set({ evenLight })}
        />
        <TextField
          label={text.everyNth}
          type="number"
          min="1"
          step="1"
          required
          value={draft.everyNth}
          help={text.everyNthHelp}
          onChange={(event) => set({ everyNth: event.target.value })}
          problem={problemOf('everyNth')}
        />
      </div>
      <CheckField label={text.daylight} checked={draft.daylight} onPick={(daylight) => set({ daylight })} />
      <CheckField label={text.hours} checked={draft.hours} onPick={(hours) => set({ hours })} />
      {draft.hours && (
        <div className="fields fields-tight">
          <TextField
            label={words.schedule.opening.from}
            type="time"
            required
            value={draft.hoursFrom}
            onChange={(event) => set({ hoursFrom: event.target.value })}
          />
          <TextField
            label={words.schedule.opening.to}
            type="time"
            required
            value={draft.hoursTo}
            help={
              draft.hoursTo <= draft.hoursFrom && draft.hoursTo !== '00:00' ? words.schedule.opening.nextDay : undefined
            }
            onChange={(event) => set({ hoursTo: event.target.value })}
            problem={problemOf('windows.0.to')}
          />
        </div>
      )}
      <CheckField label={words.video.flagged} checked={draft.flagged} onPick={(flagged) => set({ flagged })} />
    </>
  );
}

/** @param hasOverlay whether the timelapse shows something over its frames that the film could show too */
export function FilmLookFields({ draft, set, problemOf, hasOverlay }: Props & { hasOverlay: boolean }) {
  return (
    <>
      <div className="fields">
        <SelectField
          label={text.shape}
          value={draft.shape}
          options={pairs(text.shapes)}
          onPick={(shape) => set({ shape })}
        />
        {draft.shape !== 'source' && (
          <SelectField label={text.fit} value={draft.fit} options={pairs(text.fits)} onPick={(fit) => set({ fit })} />
        )}
        <SelectField
          label={draft.shape === 'source' ? words.video.height : text.shortSide}
          value={draft.height}
          options={HEIGHTS}
          onPick={(height) => set({ height })}
          problem={problemOf('heightPx')}
        />
      </div>
      <div className="fields">
        <SelectField
          label={text.codec}
          value={draft.codec}
          options={pairs(text.codecs)}
          onPick={(codec) => set({ codec })}
        />
        <SelectField
          label={words.video.quality}
          value={draft.quality}
          options={pairs(words.video.qualities)}
          onPick={(quality) => set({ quality })}
        />
      </div>
      <PercentField
        label={words.video.deflicker}
        sayShare={text.deflicker}
        first="100"
        value={draft.deflicker}
        onPick={(deflicker) => set({ deflicker })}
      />
      <PercentField
        label={text.crossFades}
        sayShare={text.crossFade}
        first="50"
        value={draft.crossFade}
        onPick={(crossFade) => set({ crossFade })}
      />
      <CheckField
        label={text.overlay}
        help={hasOverlay ? undefined : text.noOverlay}
        checked={draft.overlay}
        onPick={(overlay) => set({ overlay })}
      />
    </>
  );
}

interface PercentProps {
  label: string;
  /** How much it is, in words. */
  sayShare: (percent: number) => string;
  /** What it is when it is switched on, in percent. */
  first: string;
  /** '0': it is off. */
  value: string;
  onPick: (value: string) => void;
}

/** Something that is off, or on to some share. */
function PercentField({ label, sayShare, first, value, onPick }: PercentProps) {
  const isOn = Number(value) > 0;
  return (
    <>
      <CheckField label={label} checked={isOn} onPick={(on) => onPick(on ? first : '0')} />
      {isOn && (
        <TextField
          label={sayShare(Number(value))}
          type="range"
          className="range"
          min="5"
          max="100"
          step="5"
          value={value}
          onChange={(event) => onPick(event.target.value)}
        />
      )}
    </>
  );
}
