/** What an agent can be asked to do from here, and what it answered. */
import type { AgentView, CommandId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sayBytes } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu, type MenuEntry } from '../parts/menu.tsx';
import { Moment } from '../parts/moment.tsx';
import { actions, useAction } from '../server/actions.ts';
import { enrolmentActions } from '../server/enrolments.ts';
import { keys, queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { ReplaceDialog } from './replace-dialog.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';

export function AgentMenu({ agent, zone }: { agent: AgentView; zone: string }) {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const [restarting, setRestarting] = useState(false);
  const [replacing, setReplacing] = useState(false);
  const [revoking, setRevoking] = useState(false);
  const mayOperate = useMay('operate');
  const mayChange = useMay('administer');
  const onDone = ({ id }: { id: CommandId }) => setAsked(id);
  const backlog = useAction({ run: actions.reportBacklog, onDone });
  const retry = useAction({ run: actions.retryQuarantine, stale: [keys.agents], done: words.system.retryAsked });
  const restart = useAction({ run: actions.restartAgent, done: words.system.restartAsked });
  const debug = useAction({ run: actions.setLogLevel, done: words.system.debugAsked });
  const rotate = useAction({ run: enrolmentActions.rotate, done: words.enrolment.rotated });
  const isOnline = agent.state === 'online';
  if (!mayOperate || agent.retiredAt !== null) return null;
  const entries: MenuEntry[] = isOnline
    ? [{ kind: 'act', text: words.system.askBacklog, icon: 'grid', onSelect: () => backlog.run(agent.id) }]
    : [];
  if (isOnline && (agent.device?.quarantinedFrames ?? 0) > 0)
    entries.push({
      kind: 'act',
      text: words.system.retryQuarantine,
      icon: 'again',
      onSelect: () => retry.run(agent.id),
    });
  if (isOnline && mayChange)
    entries.push(
      { kind: 'line' },
      {
        kind: 'act',
        text: words.system.debugLog,
        icon: 'pencil',
        onSelect: () => debug.run({ id: agent.id, level: 'debug', minutes: 30 }),
      },
      { kind: 'act', text: words.system.restart, icon: 'stop', danger: true, onSelect: () => setRestarting(true) },
    );
  if (isOnline) entries.push({ kind: 'line' });
  entries.push({ kind: 'act', text: words.enrolment.replace, icon: 'again', onSelect: () => setReplacing(true) });
  if (mayChange && isOnline)
    entries.push({ kind: 'act', text: words.enrolment.rotate, icon: 'gear', onSelect: () => rotate.run(agent.id) });
  if (mayChange && agent.revokedAt === null)
    entries.push({
      kind: 'act',
      text: words.enrolment.revoke,
      icon: 'stop',
      danger: true,
      onSelect: () => setRevoking(true),
    });
  return (
    <>
      <ReplaceDialog agent={agent} zone={zone} open={replacing} onClose={() => setReplacing(false)} />
      <RevokeDialog agent={agent} open={revoking} onClose={() => setRevoking(false)} />
      <Menu
        trigger={<Button kind="quiet" icon="down" aria-label={`${words.system.ask}: ${agent.name}`} />}
        entries={entries}
      />
      <Dialog title={words.system.backlog} open={asked !== null} onOpenChange={() => setAsked(null)}>
        {asked !== null && <Backlog id={asked} zone={zone} />}
      </Dialog>
      <Confirm
        open={restarting}
        onOpenChange={setRestarting}
        title={words.system.restartTitle}
        action={words.system.restart}
        onConfirm={() => restart.run(agent.id)}
      >
        <p>{words.system.restartText}</p>
      </Confirm>
    </>
  );
}

interface SetAside {
  frameId: string;
  takenAt: number;
  reason: string;
}

function Backlog({ id, zone }: { id: CommandId; zone: string }) {
  const command = useQuery(queries.command(id)).data;
  if (command === undefined || command.state === 'sent')
    return (
      <p className="capture-wait" role="status">
        <span className="spinner" aria-hidden="true" /> {words.system.asking}
      </p>
    );
  if (command.state !== 'done' || command.answer === null)
    return (
      <div className="form-problem" role="alert">
        <Icon name="alert" />
        <p>{sayRefusal(command) ?? words.camera.captureExpired}</p>
      </div>
    );
  const { frames, bytes, quarantined, quarantinedFrames } = command.answer;
  const list = (Array.isArray(quarantinedFrames) ? quarantinedFrames : []) as SetAside[];
  return (
    <div className="stack">
      <Facts
        facts={{
          [words.system.waiting]: `${words.video.frames(Number(frames))}, ${sayBytes(Number(bytes))}`,
          [words.system.setAside]: words.video.frames(Number(quarantined)),
        }}
      />
      {list.length > 0 && (
        <ul className="rows panel">
          {list.map(({ frameId, takenAt, reason }) => (
            <li key={frameId}>
              <Moment at={takenAt} zone={zone} style="time-exact" /> <span className="muted">{reason}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
