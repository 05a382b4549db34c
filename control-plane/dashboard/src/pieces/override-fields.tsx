/** Days on which another rhythm holds, or nothing is taken: a concrete pour, a holiday. */
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import { CronField, IntervalFields } from './rhythm-fields.tsx';
import { newOverride, type OverrideDraft, type ScheduleDraft } from './schedule-draft.ts';
import './schedule-form.css';

interface Props {
  draft: ScheduleDraft;
  set: (change: Partial<ScheduleDraft>) => void;
  problemOf: (path: string) => string | undefined;
}

export function OverrideFields({ draft: { overrides }, set, problemOf }: Props) {
  const text = words.schedule.overrides;
  // As it is found; afterwards people open and close it.
  const [opened] = useState(overrides.length > 0);
  return (
    <details open={opened}>
      <summary>{text.title}</summary>
      <div className="form schedule-overrides">
        <p className="muted small">{text.explain}</p>
        {overrides.map((row, index) => (
          <OverrideRow
            key={row.key}
            row={row}
            problemOf={(field) => problemOf(`schedule.overrides.${index}.${field}`)}
            onChange={(change) => set({ overrides: overrides.with(index, { ...row, ...change }) })}
            onRemove={() => set({ overrides: overrides.toSpliced(index, 1) })}
          />
        ))}
        <div className="row">
          <Button icon="plus" onClick={() => set({ overrides: [...overrides, newOverride()] })}>
            {text.add}
          </Button>
        </div>
      </div>
    </details>
  );
}

function OverrideRow({
  row,
  problemOf,
  onChange,
  onRemove,
}: {
  row: OverrideDraft;
  problemOf: (field: string) => string | undefined;
  onChange: (change: Partial<OverrideDraft>) => void;
  onRemove: () => void;
}) {
  const text = words.schedule.overrides;
  return (
    <div className="schedule-row">
      <div className="fields">
        <TextField
          label={text.label}
          required
          maxLength={120}
          placeholder={text.labelPlaceholder}
          value={row.label}
          onChange={(event) => onChange({ label: event.target.value })}
        />
        <SelectField
          label={text.kind}
          value={row.kind}
          options={Object.entries(text.kinds) as [OverrideDraft['kind'], string][]}
          onPick={(kind) => onChange({ kind })}
        />
        <TextField
          label={text.from}
          type="datetime-local"
          required
          value={row.from}
          onChange={(event) => onChange({ from: event.target.value })}
          problem={problemOf('from')}
        />
        <TextField
          label={text.until}
          type="datetime-local"
          required
          value={row.until}
          onChange={(event) => onChange({ until: event.target.value })}
          problem={problemOf('until')}
        />
        {row.kind === 'interval' && (
          <IntervalFields amount={row.amount} unit={row.unit} set={onChange} problem={problemOf('rhythm.everyMs')} />
        )}
        {row.kind === 'cron' && <CronField cron={row.cron} set={onChange} problem={problemOf('rhythm.expression')} />}
      </div>
      <Button kind="quiet" icon="trash" aria-label={text.remove} onClick={onRemove} />
    </div>
  );
}
