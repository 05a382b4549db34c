/** When a timelapse begins and when it is over: never, at a moment, or after a number of days. */
import { useState } from 'react';
import { SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { ScheduleDraft } from './schedule-draft.ts';

export function StopFields({
  draft,
  set,
  problemOf,
}: {
  draft: ScheduleDraft;
  set: (change: Partial<ScheduleDraft>) => void;
  problemOf: (path: string) => string | undefined;
}) {
  // As it is found; afterwards people open and close it.
  const [opened] = useState(draft.startsAt !== '' || draft.stop !== 'never');
  return (
    <details open={opened}>
      <summary>{words.timelapse.bounds}</summary>
      <div className="fields form-bounds">
        <TextField
          label={words.timelapse.starts}
          type="datetime-local"
          value={draft.startsAt}
          onChange={(event) => set({ startsAt: event.target.value })}
          problem={problemOf('schedule.startsAt')}
        />
        <SelectField
          label={words.schedule.stop}
          value={draft.stop}
          options={Object.entries(words.schedule.stops) as [ScheduleDraft['stop'], string][]}
          onPick={(stop) => set({ stop })}
        />
        {draft.stop === 'at' && (
          <TextField
            label={words.timelapse.ends}
            type="datetime-local"
            required
            value={draft.endsAt}
            onChange={(event) => set({ endsAt: event.target.value })}
            problem={problemOf('schedule.endsAt')}
          />
        )}
        {draft.stop === 'days' && (
          <TextField
            label={words.schedule.stopDays}
            type="number"
            min="1"
            max="36500"
            step="1"
            required
            value={draft.days}
            help={words.schedule.stopDaysHelp}
            onChange={(event) => set({ days: event.target.value })}
            problem={problemOf('schedule.endsAfterDays')}
          />
        )}
      </div>
    </details>
  );
}
