/**
 * When there is an alarm: a switch and a few figures each, for the whole house or for one site, where only what differs is
 * the site's own.
 */
import type { AlarmKind, AlarmRuleChanges, AlarmRulesView, SiteId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useAction } from '../server/actions.ts';
import { alarmActions, alarmKeys, alarmQueries, type RulesScope } from '../server/alarms.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import {
  changesOf,
  type Figures,
  figureWords,
  kindsOf,
  limitsOf,
  type Ruled,
  rulesDraft,
} from './alarm-rules-draft.ts';

const text = words.alarmRules;

export function AlarmRulesForm() {
  const seesHouse = useMay('look', 'house');
  const sites = useQuery(queries.sites).data ?? [];
  const { rules: asked } = useSearch({ from: '/system/alarms' });
  const navigate = useNavigate({ from: '/system/alarms' });
  const known = sites.find(({ id }) => id === asked)?.id;
  const scope: RulesScope | undefined = known ?? (seesHouse ? 'house' : sites[0]?.id);
  const rules = useQuery({ ...alarmQueries.rules(scope ?? 'house'), enabled: scope !== undefined });
  if (scope === undefined) return null;
  const scopes = [
    ...(seesHouse ? [['house', text.house] as const] : []),
    ...sites.map(({ id, name }) => [id as string, name] as const),
  ];
  return (
    <section className="section">
      <div className="section-head">
        <h2>{text.title}</h2>
        <span className="muted small">{scope === 'house' ? text.text : text.siteText}</span>
      </div>
      <div className="stack">
        {scopes.length > 1 && (
          <div className="alarm-scope">
            <SelectField
              label={text.scope}
              value={scope as string}
              options={scopes}
              onPick={(next) =>
                void navigate({ search: next === 'house' ? {} : { rules: next as SiteId }, resetScroll: false })
              }
            />
          </div>
        )}
        <Loaded query={rules}>
          {(view) => <Rules key={`${scope} ${JSON.stringify(view)}`} view={view} scope={scope} />}
        </Loaded>
      </div>
    </section>
  );
}

function Rules({ view, scope }: { view: AlarmRulesView; scope: RulesScope }) {
  const mayChange = useMay('administer', scope);
  const [draft, setDraft] = useState(() => rulesDraft(view.inForce));
  const [dropped, setDropped] = useState<readonly Ruled[]>([]);
  const save = useAction({
    run: (rules: AlarmRuleChanges) => alarmActions.setRules({ scope, rules }),
    stale: [alarmKeys.rules],
    done: text.saved,
    faults: 'in-form',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.run(changesOf(draft, view, { scope, dropped }));
  };
  const change = (kind: AlarmKind, figures: Partial<Figures>) =>
    setDraft({ ...draft, [kind]: { ...draft[kind], ...figures } });
  /** What is the own rule of this level, and the way back to that of the level above. */
  const own = (ruled: Ruled) => ({
    isOwn: view.own[ruled] !== undefined,
    isDropped: dropped.includes(ruled),
    name: ruled === 'repeatHours' ? text.repeat : words.alarms.kinds[ruled],
    above: scope === 'house' ? text.asBuiltIn : text.asHouse,
    onDrop: () => setDropped(dropped.includes(ruled) ? dropped.filter((one) => one !== ruled) : [...dropped, ruled]),
  });
  return (
    <form className="form" onSubmit={submit}>
      <fieldset disabled={!mayChange} className="stack">
        <ul className="panel rows">
          {kindsOf(scope).map((kind) => (
            <li key={kind} className="row alarm-rule">
              <fieldset className="row alarm-rule-fields" disabled={dropped.includes(kind)}>
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
                      onChange={(typed) => change(kind, { figures: { ...draft[kind].figures, [name]: typed } })}
                    />
                  ))}
                </span>
              </fieldset>
              {mayChange && <Own {...own(kind)} />}
            </li>
          ))}
        </ul>
        <div className="alarm-repeat">
          <TextField
            label={text.repeat}
            help={text.repeatHelp}
            type="number"
            min={0}
            max={720}
            required
            disabled={dropped.includes('repeatHours')}
            value={draft.repeatHours}
            onChange={(event) => setDraft({ ...draft, repeatHours: event.target.value })}
            problem={save.problemOf('repeatHours')}
          />
          {mayChange && <Own {...own('repeatHours')} />}
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

interface OwnProps {
  isOwn: boolean;
  isDropped: boolean;
  name: string;
  above: string;
  onDrop: () => void;
}

function Own({ isOwn, isDropped, name, above, onDrop }: OwnProps) {
  if (!isOwn) return null;
  return (
    <Button kind="quiet" icon="undo" aria-pressed={isDropped} aria-label={`${above}: ${name}`} onClick={onDrop}>
      {isDropped ? text.whenSaved : above}
    </Button>
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
