/** How often: a few schedules to choose from, with what they would cost and come to; or one of one's own. */
import type { CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { OpeningFields } from '../pieces/opening-fields.tsx';
import { newSchedule, type ScheduleDraft } from '../pieces/schedule-draft.ts';
import { SchedulePreview } from '../pieces/schedule-preview.tsx';
import type { IntervalUnit } from '../pieces/schedule-words.ts';
import { actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { useSiteZone } from '../server/zones.ts';
import { words } from '../words.ts';
import { type Choice, choicesFor, scheduleFor } from './schedule-choice.ts';

interface Props {
  camera: CameraView;
  onBack: () => void;
  onDone: () => void;
}

export function ScheduleStep({ camera, onBack, onDone }: Props) {
  const sites = useQuery(queries.sites).data;
  const site = sites?.find(({ id }) => id === camera.siteId);
  const choices = choicesFor(site);
  const zone = useSiteZone()(camera.siteId);
  const [picked, setPicked] = useState<Choice | null>(null);
  const [name, setName] = useState(camera.name);
  const [own, setOwn] = useState(newSchedule);
  const choice = picked ?? choices[0] ?? 'steady';
  const schedule = scheduleFor(choice, zone, own);
  const start = useAction({
    run: actions.startTimelapse,
    stale: [keys.timelapses, keys.cameras],
    faults: 'in-form',
    onDone,
  });
  const group = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (schedule !== null) start.run({ cameraId: camera.id, name: name.trim(), schedule });
  };
  if (camera.timelapseId !== null)
    return (
      <div className="panel form">
        <p>{words.wizard.runsAlready}</p>
        <div className="dialog-foot">
          <Button kind="strong" onClick={onDone}>
            {words.wizard.goOn}
          </Button>
        </div>
      </div>
    );
  return (
    <form className="form panel" onSubmit={submit}>
      <fieldset className="choices">
        <legend>{words.wizard.howOften}</legend>
        {choices.map((one) => (
          <label key={one} className="choice">
            <input type="radio" name={group} checked={one === choice} onChange={() => setPicked(one)} />
            <span>
              <strong>{words.wizard.choices[one].name}</strong>
              <span className="muted small">{words.wizard.choices[one].text}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {choice === 'own' && (
        <Own draft={own} set={(change) => setOwn((before) => ({ ...before, ...change }))} problemOf={start.problemOf} />
      )}
      <SchedulePreview schedule={schedule} about={{ cameraId: camera.id }} />
      <TextField
        label={words.timelapse.name}
        required
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.target.value)}
        problem={start.problemOf('name')}
      />
      <FormProblem fault={start.fault} />
      <div className="dialog-foot">
        <Button className="aside" icon="left" onClick={onBack}>
          {words.common.back}
        </Button>
        <Button kind="strong" type="submit" busy={start.busy} disabled={schedule === null}>
          {words.wizard.start}
        </Button>
      </div>
    </form>
  );
}

function Own({
  draft,
  set,
  problemOf,
}: {
  draft: ScheduleDraft;
  set: (change: Partial<ScheduleDraft>) => void;
  problemOf: (path: string) => string | undefined;
}) {
  return (
    <>
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
          problem={problemOf('schedule.rhythm.everyMs')}
        />
        <SelectField
          label={words.timelapse.unit}
          value={draft.unit}
          options={Object.entries(words.timelapse.units) as [IntervalUnit, string][]}
          onPick={(unit) => set({ unit })}
        />
      </div>
      <OpeningFields draft={draft} set={set} problemOf={problemOf} />
    </>
  );
}
