/** How often: every so many of a unit, or by a cron expression. */
import { SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { IntervalUnit } from './schedule-words.ts';

interface IntervalProps {
  amount: string;
  unit: IntervalUnit;
  set: (change: { amount: string } | { unit: IntervalUnit }) => void;
  problem: string | undefined;
}

/** Fields that stand in a row of others. */
export function IntervalFields({ amount, unit, set, problem }: IntervalProps) {
  return (
    <>
      <TextField
        label={words.timelapse.everyN}
        type="number"
        inputMode="decimal"
        min="0.1"
        step="any"
        required
        value={amount}
        onChange={(event) => set({ amount: event.target.value })}
        problem={problem}
      />
      <SelectField
        label={words.timelapse.unit}
        value={unit}
        options={Object.entries(words.timelapse.units) as [IntervalUnit, string][]}
        onPick={(next) => set({ unit: next })}
      />
    </>
  );
}

interface CronProps {
  cron: string;
  help?: string;
  set: (change: { cron: string }) => void;
  problem: string | undefined;
}

export function CronField({ cron, help, set, problem }: CronProps) {
  return (
    <TextField
      label={words.timelapse.cron}
      className="input mono"
      required
      spellCheck={false}
      value={cron}
      help={help}
      onChange={(event) => set({ cron: event.target.value })}
      problem={problem}
    />
  );
}
