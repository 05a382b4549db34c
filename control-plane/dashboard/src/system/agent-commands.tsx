/** What an agent can be asked, and below what it answered: the questions of this visit, newest first. */
import type { AgentView, CommandId, CommandView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sayBytes } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { SelectField } from '../parts/field.tsx';
import { Ago } from '../parts/moment.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { actions, useAction } from '../server/actions.ts';
import { houseActions } from '../server/house.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';

const TONES: Record<CommandView['state'], Tone> = { sent: 'accent', done: 'good', refused: 'bad', expired: 'bad' };
type Level = keyof typeof words.fleet.logLevels;
const LEVELS = Object.entries(words.fleet.logLevels) as [Level, string][];
const LOG_MINUTES = 30;

interface Asked {
  id: CommandId;
  what: string;
}

export function AgentCommands({ agent, mayChange }: { agent: AgentView; mayChange: boolean }) {
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  const [restarting, setRestarting] = useState(false);
  const [level, setLevel] = useState<Level>('debug');
  const listed = (what: string) => ({ onDone: ({ id }: CommandView) => setAsked((all) => [{ id, what }, ...all]) });
  const backlog = useAction({ run: actions.reportBacklog, ...listed(words.system.askBacklog) });
  const reconcile = useAction({ run: houseActions.reconcile, ...listed(words.fleet.reconcile) });
  const log = useAction({ run: houseActions.setLogLevel, ...listed(words.fleet.log) });
  const restart = useAction({ run: actions.restartAgent, ...listed(words.system.restart) });
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.fleet.commands}</h2>
      </div>
      <div className="panel stack">
        {agent.state !== 'online' ? (
          <p className="muted">{words.fleet.offlineText}</p>
        ) : (
          <>
            <div className="actions">
              <Button busy={backlog.busy} onClick={() => backlog.run(agent.id)}>
                {words.system.askBacklog}
              </Button>
              <Button busy={reconcile.busy} onClick={() => reconcile.run(agent.id)}>
                {words.fleet.reconcile}
              </Button>
              {mayChange && (
                <Button kind="danger" busy={restart.busy} onClick={() => setRestarting(true)}>
                  {words.system.restart}
                </Button>
              )}
            </div>
            {mayChange && (
              <div className="row agent-log">
                <SelectField label={words.fleet.log} value={level} options={LEVELS} onPick={setLevel} />
                <Button busy={log.busy} onClick={() => log.run({ id: agent.id, level, minutes: LOG_MINUTES })}>
                  {words.fleet.logSet}
                </Button>
              </div>
            )}
          </>
        )}
        {asked.length > 0 && (
          <ul className="rows panel" aria-label={words.fleet.asked} aria-live="polite">
            {asked.map((one) => (
              <Answer key={one.id} asked={one} />
            ))}
          </ul>
        )}
      </div>
      <Confirm
        open={restarting}
        onOpenChange={setRestarting}
        title={words.system.restartTitle}
        action={words.system.restart}
        danger
        onConfirm={() => restart.run(agent.id)}
      >
        <p>{words.system.restartText}</p>
      </Confirm>
    </section>
  );
}

function Answer({ asked: { id, what } }: { asked: Asked }) {
  const command = useQuery(queries.command(id)).data;
  const state = command?.state ?? 'sent';
  return (
    <li className="row">
      <span>{what}</span>
      <StateDot tone={TONES[state]}>{words.fleet.states[state]}</StateDot>
      <span className="muted small">{command === undefined ? null : sayAnswer(command)}</span>
      {command !== undefined && (
        <span className="muted small at-end">
          <Ago at={command.createdAt} />
        </span>
      )}
    </li>
  );
}

function sayAnswer({ type, state, hint, answer }: CommandView): string | null {
  if (state !== 'done') return hint;
  if (type === 'report-backlog' && typeof answer?.frames === 'number')
    return `${words.video.frames(answer.frames)}, ${sayBytes(Number(answer.bytes))}; ${words.system.quarantined(Number(answer.quarantined))}`;
  if (type === 'reconcile' && typeof answer?.frames === 'number') return words.fleet.answers.held(answer.frames);
  const level = LEVELS.find(([one]) => one === answer?.level);
  return type === 'set-log-level' && level !== undefined ? words.fleet.answers.level(level[1]) : null;
}
