/** Starts a timelapse, or changes one: what to take when, and what would come of it. */
import type { CameraId, TimelapseView } from '@slowlight/protocol';
import { ToggleGroup } from 'radix-ui';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';
import { OpeningFields } from './opening-fields.tsx';
import { OverrideFields } from './override-fields.tsx';
import { CronField, IntervalFields } from './rhythm-fields.tsx';
import { draftOf, newSchedule, type ScheduleDraft, scheduleOf } from './schedule-draft.ts';
import { SchedulePreview } from './schedule-preview.tsx';
import { StopFields } from './stop-fields.tsx';

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

interface Draft extends ScheduleDraft {
  name: string;
}

function TimelapseForm({ onClose, purpose, zone }: Props) {
  const [draft, setDraft] = useState(() => firstDraft(purpose, zone));
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
  const about = purpose.kind === 'start' ? { cameraId: purpose.cameraId } : { timelapseId: purpose.timelapse.id };
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
            <IntervalFields
              amount={draft.amount}
              unit={draft.unit}
              set={set}
              problem={action.problemOf('schedule.rhythm.everyMs')}
            />
          </div>
        ) : (
          <CronField
            cron={draft.cron}
            help={words.timelapse.cronHelp}
            set={set}
            problem={action.problemOf('schedule.rhythm.expression')}
          />
        )}
      </fieldset>
      <OpeningFields draft={draft} set={set} problemOf={action.problemOf} />
      <OverrideFields draft={draft} set={set} problemOf={action.problemOf} />
      <StopFields draft={draft} set={set} problemOf={action.problemOf} />
      <SchedulePreview schedule={schedule} about={about} />
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

function firstDraft(purpose: Purpose, zone: string): Draft {
  if (purpose.kind === 'start') return { ...newSchedule(), name: purpose.cameraName };
  const { name, schedule } = purpose.timelapse;
  return { ...draftOf(schedule, zone), name };
}
