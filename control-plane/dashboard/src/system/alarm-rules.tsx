/** When there is an alarm, at every site without rules of its own: a switch and a few figures each. */
import type { AlarmKind, AlarmRuleChanges, AlarmRulesView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { CheckField, FormProblem, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys, alarmQueries } from '../server/alarms.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { changesOf, type Figures, figureWords, KINDS, limitsOf, rulesDraft } from './alarm-rules-draft.ts';

export function AlarmRulesForm() {
  const rules = useQuery(alarmQueries.rules);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.alarmRules.title}</h2>
        <span className="muted small">{words.alarmRules.text}</span>
      </div>
      <Loaded query={rules}>{(view) => <Rules key={JSON.stringify(view)} view={view} />}</Loaded>
    </section>
  );
}

function Rules({ view }: { view: AlarmRulesView }) {
  const mayChange = useMay('administer', 'house');
  const [draft, setDraft] = useState(() => rulesDraft(view.inForce));
  const save = useAction({
    run: (body: AlarmRuleChanges) => alarmActions.setRules(body),
    stale: [alarmKeys.rules],
    done: words.alarmRules.saved,
    faults: 'in-form',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.run(changesOf(draft, view));
  };
  const change = (kind: AlarmKind, figures: Partial<Figures>) =>
    setDraft({ ...draft, [kind]: { ...draft[kind], ...figures } });
  return (
    <form className="form" onSubmit={submit}>
      <fieldset disabled={!mayChange} className="stack">
        <ul className="panel rows">
          {KINDS.map((kind) => (
            <li key={kind} className="row alarm-rule">
              <CheckField
                label={words.alarms.kinds[kind]}
                checked={draft[kind].enabled}
                onPick={(enabled) => change(kind, { enabled })}
              />
              <span className="alarm-figures">
                {Object.entries(draft[kind].figures).map(([name, value]) => (
                  <Figure
                    key={name}
                    kind={kind}
                    name={name}
                    value={value}
                    required={draft[kind].enabled}
                    onChange={(text) => change(kind, { figures: { ...draft[kind].figures, [name]: text } })}
                  />
                ))}
              </span>
            </li>
          ))}
        </ul>
        <div className="alarm-repeat">
          <TextField
            label={words.alarmRules.repeat}
            help={words.alarmRules.repeatHelp}
            type="number"
            min={0}
            max={720}
            required
            value={draft.repeatHours}
            onChange={(event) => setDraft({ ...draft, repeatHours: event.target.value })}
            problem={save.problemOf('repeatHours')}
          />
        </div>
      </fieldset>
      <FormProblem fault={save.fault} />
      {mayChange && (
        <div className="actions">
          <Button kind="strong" type="submit" busy={save.busy}>
            {words.common.save}
          </Button>
        </div>
      )}
    </form>
  );
}

interface FigureProps {
  kind: AlarmKind;
  name: string;
  value: string;
  required: boolean;
  onChange: (text: string) => void;
}

function Figure({ kind, name, value, required, onChange }: FigureProps) {
  const [before, after] = figureWords(kind, name);
  return (
    <label className="alarm-figure">
      <span>{before}</span>
      <input
        className="input"
        type="number"
        required
        readOnly={!required}
        {...limitsOf(kind, name)}
        value={value}
        aria-label={`${words.alarms.kinds[kind]}: ${before} … ${after}`}
        onChange={(event) => onChange(event.target.value)}
      />
      <span>{after}</span>
    </label>
  );
}
