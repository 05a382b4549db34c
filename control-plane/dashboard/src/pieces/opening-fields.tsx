/** When pictures may be taken: at hours of the week, by the sun, or always. */
import type { SunEvent, Weekday } from '@slowlight/protocol';
import { ToggleGroup } from 'radix-ui';
import { Button } from '../parts/button.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import {
  type HoursDraft,
  newHours,
  newSun,
  type ScheduleDraft,
  SUN_CHOICES,
  type SunDraft,
  WEEKDAYS,
} from './schedule-draft.ts';
import './schedule-form.css';

interface Props {
  draft: ScheduleDraft;
  set: (change: Partial<ScheduleDraft>) => void;
  problemOf: (path: string) => string | undefined;
}

export function OpeningFields({ draft, set, problemOf }: Props) {
  const { hours, sun } = draft;
  const text = words.schedule.opening;
  return (
    <fieldset>
      <legend>{text.title}</legend>
      {hours.length === 0 && sun.length === 0 && <p className="muted small">{text.always}</p>}
      {hours.map((row, index) => (
        <HoursRow
          key={row.key}
          row={row}
          problem={problemOf(`schedule.windows.${index}.to`) ?? problemOf(`schedule.windows.${index}.days`)}
          onChange={(change) => set({ hours: hours.with(index, { ...row, ...change }) })}
          onRemove={() => set({ hours: hours.toSpliced(index, 1) })}
        />
      ))}
      {sun.map((row, index) => (
        <SunRow
          key={row.key}
          row={row}
          problem={problemOf(`schedule.sunWindows.${index}.to`)}
          onChange={(change) => set({ sun: sun.with(index, { ...row, ...change }) })}
          onRemove={() => set({ sun: sun.toSpliced(index, 1) })}
        />
      ))}
      {hours.length > 0 && sun.length > 0 && <p className="muted small">{text.both}</p>}
      <div className="row">
        <Button icon="plus" onClick={() => set({ hours: [...hours, newHours()] })}>
          {text.addHours}
        </Button>
        <Button icon="sun" onClick={() => set({ sun: [...sun, newSun()] })}>
          {text.addSun}
        </Button>
      </div>
    </fieldset>
  );
}

interface RowProps<Row> {
  row: Row;
  problem: string | undefined;
  onChange: (change: Partial<Row>) => void;
  onRemove: () => void;
}

function HoursRow({ row, problem, onChange, onRemove }: RowProps<HoursDraft>) {
  const text = words.schedule.opening;
  return (
    <div className="schedule-row">
      <ToggleGroup.Root
        type="multiple"
        className="toggle-group weekdays"
        aria-label={text.days}
        value={row.days}
        onValueChange={(days) => onChange({ days: WEEKDAYS.filter((day) => days.includes(day)) })}
      >
        {WEEKDAYS.map((day: Weekday) => (
          <ToggleGroup.Item key={day} value={day} aria-label={words.schedule.weekdays[day].long}>
            {words.schedule.weekdays[day].short}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <div className="fields fields-tight">
        <TextField
          label={text.from}
          type="time"
          required
          value={row.from}
          onChange={(event) => onChange({ from: event.target.value })}
        />
        <TextField
          label={text.to}
          type="time"
          required
          value={row.to}
          help={row.to !== '' && row.to !== '00:00' && row.to <= row.from ? text.nextDay : undefined}
          onChange={(event) => onChange({ to: event.target.value })}
          problem={problem}
        />
      </div>
      <Button kind="quiet" icon="trash" aria-label={text.remove} onClick={onRemove} />
    </div>
  );
}

function SunRow({ row, problem, onChange, onRemove }: RowProps<SunDraft>) {
  const text = words.schedule.opening;
  const choices = SUN_CHOICES.map((event) => [event, words.schedule.sun[event]] as const);
  const minutes = { type: 'number', min: '-720', max: '720', step: '1', required: true } as const;
  return (
    <div className="schedule-row">
      <div className="fields">
        <SelectField
          label={text.from}
          value={row.fromEvent}
          options={choices}
          onPick={(fromEvent: SunEvent) => onChange({ fromEvent })}
        />
        <TextField
          label={text.offsetFrom}
          {...minutes}
          value={row.fromOffset}
          onChange={(event) => onChange({ fromOffset: event.target.value })}
        />
        <SelectField
          label={text.to}
          value={row.toEvent}
          options={choices}
          onPick={(toEvent: SunEvent) => onChange({ toEvent })}
        />
        <TextField
          label={text.offsetTo}
          {...minutes}
          value={row.toOffset}
          onChange={(event) => onChange({ toOffset: event.target.value })}
          problem={problem}
        />
      </div>
      <Button kind="quiet" icon="trash" aria-label={text.remove} onClick={onRemove} />
    </div>
  );
}
