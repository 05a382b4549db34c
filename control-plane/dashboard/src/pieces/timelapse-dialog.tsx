/** Starts a timelapse, or changes one: what to take when, and what would come of it. */
import type { CameraId, Schedule, TimelapseView } from '@slowlight/protocol';
import { ToggleGroup } from 'radix-ui';
import { type FormEvent, useState } from 'react';
import { localOf, momentOfLocal } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';
import { SchedulePreview } from './schedule-preview.tsx';
import { type IntervalUnit, joinInterval, splitInterval } from './schedule-words.ts';

type Purpose = { kind: 'start'; cameraId: CameraId; cameraName: string } | { kind: 'edit'; timelapse: TimelapseView };
interface Props {
  open: boolean;
  onClose: () => void;
  purpose: Purpose;
  /** Of the place. */
  zone: string;
}

export function TimelapseDialog(props: Props) {
  const { open, onClose, purpose, zone } = props;
  const title = purpose.kind === 'start' ? words.timelapse.start : words.timelapse.edit;
  return (
    <Dialog title={title} explanation={words.timelapse.zone(zone)} open={open} onOpenChange={onClose}>
      <TimelapseForm {...props} />
    </Dialog>
  );
}

interface Draft {
  name: string;
  kind: 'interval' | 'cron';
  amount: string;
  unit: IntervalUnit;
  cron: string;
  startsAt: string;
  endsAt: string;
}

function TimelapseForm({ onClose, purpose, zone }: Props) {
  const [draft, setDraft] = useState(() => draftOf(purpose, zone));
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const stale = [keys.timelapses, keys.cameras];
  const start = useAction({
    run: actions.startTimelapse,
    stale,
    done: words.timelapse.started,
    faults: 'in-form',
    onDone: onClose,
  });
  const change = useAction({
    run: actions.changeTimelapse,
    stale,
    done: words.timelapse.changed,
    faults: 'in-form',
    onDone: onClose,
  });
  const action = purpose.kind === 'start' ? start : change;
  const schedule = scheduleOf(draft, zone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (schedule === null) return;
    if (purpose.kind === 'start') start.run({ cameraId: purpose.cameraId, name: draft.name.trim(), schedule });
    else change.run({ id: purpose.timelapse.id, change: { name: draft.name.trim(), schedule } });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.timelapse.name}
        value={draft.name}
        placeholder={words.timelapse.namePlaceholder}
        required
        maxLength={120}
        onChange={(event) => set({ name: event.target.value })}
        problem={action.problemOf('name')}
      />
      <fieldset>
        <legend>{words.timelapse.rhythm}</legend>
        <ToggleGroup.Root
          type="single"
          className="toggle-group"
          value={draft.kind}
          onValueChange={(value) => (value === 'interval' || value === 'cron') && set({ kind: value })}
        >
          <ToggleGroup.Item value="interval">{words.timelapse.kinds.interval}</ToggleGroup.Item>
          <ToggleGroup.Item value="cron">{words.timelapse.kinds.cron}</ToggleGroup.Item>
        </ToggleGroup.Root>
        {draft.kind === 'interval' ? (
          <div className="fields">
            <TextField
              label={words.timelapse.everyN}
              type="number"
              inputMode="decimal"
              min="0.1"
              step="any"
              required
              value={draft.amount}
              onChange={(event) => set({ amount: event.target.value })}
              problem={action.problemOf('schedule.rhythm.everyMs')}
            />
            <SelectField
              label={words.timelapse.unit}
              value={draft.unit}
              options={Object.entries(words.timelapse.units) as [IntervalUnit, string][]}
              onPick={(unit) => set({ unit })}
            />
          </div>
        ) : (
          <TextField
            label={words.timelapse.cron}
            className="input mono"
            required
            spellCheck={false}
            value={draft.cron}
            help={words.timelapse.cronHelp}
            onChange={(event) => set({ cron: event.target.value })}
            problem={action.problemOf('schedule.rhythm.expression')}
          />
        )}
      </fieldset>
      <details open={draft.startsAt !== '' || draft.endsAt !== ''}>
        <summary>{words.timelapse.bounds}</summary>
        <div className="fields form-bounds">
          <TextField
            label={words.timelapse.starts}
            type="datetime-local"
            value={draft.startsAt}
            onChange={(event) => set({ startsAt: event.target.value })}
            problem={action.problemOf('schedule.startsAt')}
          />
          <TextField
            label={words.timelapse.ends}
            type="datetime-local"
            value={draft.endsAt}
            onChange={(event) => set({ endsAt: event.target.value })}
            problem={action.problemOf('schedule.endsAt')}
          />
        </div>
      </details>
      <SchedulePreview schedule={schedule} />
      <FormProblem fault={action.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={action.busy} disabled={schedule === null}>
          {purpose.kind === 'edit'
            ? action.busy
              ? words.common.saving
              : words.common.save
            : action.busy
              ? words.timelapse.startBusy
              : words.timelapse.start}
        </Button>
      </div>
    </form>
  );
}

function draftOf(purpose: Purpose, zone: string): Draft {
  const base: Draft = {
    name: '',
    kind: 'interval',
    amount: '5',
    unit: 'min',
    cron: '0 8-18 * * *',
    startsAt: '',
    endsAt: '',
  };
  if (purpose.kind === 'start') return { ...base, name: purpose.cameraName };
  const { name, schedule } = purpose.timelapse;
  const { rhythm, startsAt, endsAt } = schedule;
  const interval = rhythm.kind === 'interval' ? splitInterval(rhythm.everyMs) : null;
  return {
    ...base,
    name,
    kind: rhythm.kind,
    ...(interval === null ? {} : { amount: String(interval.amount), unit: interval.unit }),
    ...(rhythm.kind === 'cron' ? { cron: rhythm.expression } : {}),
    startsAt: startsAt === null ? '' : localOf(startsAt, zone),
    endsAt: endsAt === null ? '' : localOf(endsAt, zone),
  };
}

/** null while something needed is missing. */
function scheduleOf(draft: Draft, zone: string): Schedule | null {
  const everyMs = joinInterval(draft.amount, draft.unit);
  const expression = draft.cron.trim();
  if (draft.kind === 'interval' ? everyMs === null : expression === '') return null;
  return {
    rhythm: draft.kind === 'interval' ? { kind: 'interval', everyMs: everyMs ?? 0 } : { kind: 'cron', expression },
    timeZone: zone,
    startsAt: momentOfLocal(draft.startsAt, zone),
    endsAt: momentOfLocal(draft.endsAt, zone),
  };
}
