/** What makes the films of a timelapse by itself: which rules there are, what comes next, what came of them. */
import type { RuleView, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { sayMoment, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Icon } from '../parts/icon.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { TimelapseFrame } from '../pieces/timelapse-frame.tsx';
import { useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { ruleActions, ruleKeys, ruleQueries } from '../server/rules.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { rhythmOf } from './rule-draft.ts';
import { RuleOccurrences } from './rule-occurrences.tsx';
import './timelapse.css';

const text = words.rules;

export function RulesPage() {
  const { timelapseId } = useParams({ from: '/timelapses/$timelapseId/rules' });
  return <TimelapseFrame timelapseId={timelapseId}>{(timelapse) => <Rules timelapse={timelapse} />}</TimelapseFrame>;
}

function Rules({ timelapse }: { timelapse: TimelapseView }) {
  const rules = useQuery(ruleQueries.of(timelapse.id));
  const [open, setOpen] = useState<RuleView | 'new' | null>(null);
  const may = useMay('operate');
  const add = may && (
    <Button kind="strong" icon="plus" onClick={() => setOpen('new')}>
      {text.add}
    </Button>
  );
  return (
    <section>
      <div className="section-head">
        <h2>{text.title}</h2>
        <div className="actions">{(rules.data?.length ?? 0) > 0 && add}</div>
      </div>
      <Loaded query={rules} waiting={<div className="skeleton coverage-bone" />}>
        {(list) =>
          list.length === 0 ? (
            <div className="panel">
              <Blank icon="film" title={text.none} text={text.noneText}>
                {add}
              </Blank>
            </div>
          ) : (
            <ul className="stack">
              {list.map((rule) => (
                <Rule key={rule.id} rule={rule} timelapse={timelapse} onEdit={() => setOpen(rule)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <RuleDialog rule={open} timelapse={timelapse} onClose={() => setOpen(null)} />
    </section>
  );
}

function Rule({ rule, timelapse, onEdit }: { rule: RuleView; timelapse: TimelapseView; onEdit: () => void }) {
  const may = useMay('operate');
  const [asked, setAsked] = useState(false);
  const stale = [ruleKeys.of(timelapse.id), keys.videosOf(timelapse.id)];
  const of = { timelapseId: timelapse.id, id: rule.id };
  const change = useAction({ run: ruleActions.change, stale });
  const run = useAction({ run: ruleActions.run, stale, done: words.video.queued });
  const remove = useAction({ run: ruleActions.remove, stale, done: text.removed });
  const zone = timelapse.schedule.timeZone;
  return (
    <li className="panel rule">
      <div className="row">
        <h3>{rule.name}</h3>
        <StateDot tone={rule.enabled ? 'good' : 'calm'}>{rule.enabled ? text.on : text.off}</StateDot>
      </div>
      <p>{sayRule(rule)}</p>
      <p className="muted small">
        {[
          rule.nextDueAt === null ? null : text.nextAt(sayMoment(rule.nextDueAt, zone, 'date-time')),
          rule.nextFrames === null ? null : text.nextFrames(sayNumber(rule.nextFrames)),
          rule.firedAt === null ? text.neverFired : text.firedAt(sayMoment(rule.firedAt, zone, 'date-time')),
        ]
          .filter((one) => one !== null)
          .join(' · ')}
      </p>
      <div className="actions">
        {rule.videoId !== null && (
          <Link
            className="button"
            to="/timelapses/$timelapseId"
            params={{ timelapseId: timelapse.id }}
            search={{ film: rule.videoId }}
          >
            <Icon name="play" />
            {text.newest}
          </Link>
        )}
        {may && (
          <>
            <Button icon="film" busy={run.busy} onClick={() => run.run(of)}>
              {text.now}
            </Button>
            <Button busy={change.busy} onClick={() => change.run({ ...of, change: { enabled: !rule.enabled } })}>
              {rule.enabled ? text.switchOff : text.switchOn}
            </Button>
            <Button icon="pencil" aria-label={`${text.edit}: ${rule.name}`} onClick={onEdit} />
            <Button
              kind="quiet"
              icon="trash"
              aria-label={`${text.remove}: ${rule.name}`}
              busy={remove.busy}
              onClick={() => setAsked(true)}
            />
          </>
        )}
      </div>
      <RuleOccurrences rule={rule} zone={zone} />
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={text.removeTitle(rule.name)}
        action={text.remove}
        danger
        onConfirm={() => remove.run(of)}
      >
        <p>{text.removeText}</p>
      </Confirm>
    </li>
  );
}

function sayRule({ when, covers, makes }: RuleView): string {
  return `${sayWhen(when)}: ${text.covers[covers]}, ${text.makes[makes]}.`;
}

function sayWhen(when: RuleView['when']): string {
  switch (when.kind) {
    case 'manual':
      return text.kinds.manual;
    case 'milestone':
      return text.milestones(when.at.map(sayNumber).join(', '), when.every === null ? null : sayNumber(when.every));
    case 'scheduled': {
      const { rhythm, time = '' } = rhythmOf(when.expression);
      return rhythm === 'cron' ? text.scheduled(when.expression) : text.atTime[rhythm](time);
    }
    case 'per-capture':
      return text.perCapture(when.throttleMinutes);
  }
}
