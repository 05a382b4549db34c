/** Makes a rule, or changes one: when it does something, which frames its film shows, how the film looks. */
import type { RuleView, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { FilmChoiceFields, FilmLookFields, FilmSpeedFields } from '../pieces/film-fields.tsx';
import { FilmTitleFields } from '../pieces/film-title-fields.tsx';
import { CronField } from '../pieces/rhythm-fields.tsx';
import { useAction } from '../server/actions.ts';
import { placeQueries } from '../server/place-queries.ts';
import { ruleActions, ruleKeys } from '../server/rules.ts';
import { words } from '../words.ts';
import { draftOfRule, newRule, type RuleDraft, ruleInputOf } from './rule-draft.ts';

interface Props {
  /** null: closed. */
  rule: RuleView | 'new' | null;
  timelapse: TimelapseView;
  onClose: () => void;
}
const text = words.rules;
const pairs = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];

export function RuleDialog({ rule, timelapse, onClose }: Props) {
  return (
    <Dialog
      title={rule === 'new' || rule === null ? text.add : text.edit}
      explanation={words.timelapse.zone(timelapse.schedule.timeZone)}
      open={rule !== null}
      onOpenChange={onClose}
    >
      {rule !== null && <RuleForm rule={rule} timelapse={timelapse} onClose={onClose} />}
    </Dialog>
  );
}

function RuleForm({ rule, timelapse, onClose }: Props & { rule: RuleView | 'new' }) {
  const [draft, setDraft] = useState(() => (rule === 'new' ? newRule() : draftOfRule(rule)));
  const set = (change: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...change }));
  const overlay = useQuery(placeQueries.overlayOf(timelapse.id)).data ?? null;
  const how = {
    stale: [ruleKeys.of(timelapse.id)],
    done: words.common.saved,
    faults: 'in-form' as const,
    onDone: onClose,
  };
  const create = useAction({ run: ruleActions.create, ...how });
  const change = useAction({ run: ruleActions.change, ...how });
  const action = rule === 'new' ? create : change;
  const input = ruleInputOf(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (input === null) return;
    if (rule === 'new') create.run({ timelapseId: timelapse.id, input });
    else change.run({ timelapseId: timelapse.id, id: rule.id, change: input });
  };
  const film = {
    draft: draft.film,
    set: (change: Partial<RuleDraft['film']>) =>
      setDraft((before) => ({ ...before, film: { ...before.film, ...change } })),
    problemOf: (path: string) => action.problemOf(`film.${path}`),
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={text.name}
        required
        maxLength={120}
        placeholder={text.namePlaceholder}
        value={draft.name}
        onChange={(event) => set({ name: event.target.value })}
        problem={action.problemOf('name')}
      />
      <WhenFields draft={draft} set={set} problemOf={action.problemOf} />
      <div className="fields">
        <SelectField
          label={text.shows}
          value={draft.covers}
          options={pairs(text.covers)}
          onPick={(covers) => set({ covers })}
        />
        <SelectField
          label={text.comesOf}
          value={draft.makes}
          options={pairs(text.makes)}
          onPick={(makes) => set({ makes })}
        />
      </div>
      <details>
        <summary>{text.film}</summary>
        <div className="form style-part">
          <FilmSpeedFields {...film} />
          <FilmChoiceFields {...film} between={false} />
          <FilmLookFields {...film} hasOverlay={overlay !== null} />
          <FilmTitleFields {...film} name={timelapse.name} />
        </div>
      </details>
      <FormProblem fault={action.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={action.busy} disabled={input === null}>
          {action.busy ? words.common.saving : words.common.save}
        </Button>
      </div>
    </form>
  );
}

function WhenFields({
  draft,
  set,
  problemOf,
}: {
  draft: RuleDraft;
  set: (change: Partial<RuleDraft>) => void;
  problemOf: (path: string) => string | undefined;
}) {
  return (
    <div className="fields">
      <SelectField label={text.when} value={draft.kind} options={pairs(text.kinds)} onPick={(kind) => set({ kind })} />
      {draft.kind === 'milestone' && (
        <>
          <TextField
            label={text.every}
            type="number"
            min="2"
            step="1"
            value={draft.every}
            onChange={(event) => set({ every: event.target.value })}
            problem={problemOf('when.every')}
          />
          <TextField
            label={text.at}
            value={draft.at}
            placeholder="100, 500, 1000"
            onChange={(event) => set({ at: event.target.value })}
            problem={problemOf('when.at')}
          />
        </>
      )}
      {draft.kind === 'scheduled' && (
        <>
          <SelectField
            label={text.rhythm}
            value={draft.rhythm}
            options={pairs(text.rhythms)}
            onPick={(rhythm) => set({ rhythm })}
          />
          {draft.rhythm === 'cron' ? (
            <CronField cron={draft.cron} set={set} problem={problemOf('when.expression')} />
          ) : (
            <TextField
              label={text.time}
              type="time"
              required
              value={draft.time}
              onChange={(event) => set({ time: event.target.value })}
              problem={problemOf('when.expression')}
            />
          )}
        </>
      )}
      {draft.kind === 'per-capture' && (
        <TextField
          label={text.minutes}
          type="number"
          min="1"
          max="10080"
          step="1"
          required
          value={draft.minutes}
          onChange={(event) => set({ minutes: event.target.value })}
          problem={problemOf('when.throttleMinutes')}
        />
      )}
    </div>
  );
}
