/** Cameras that answer in the agent's network: whoever finds theirs needs to know no address. */
import type { AgentId, CommandId, DiscoveredCamera } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { FormProblem } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions } from '../server/house.ts';
import { queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { words } from '../words.ts';

const text = words.wizard.find;

export interface FoundAddress {
  kind: 'rtsp' | 'snapshot';
  url: string;
  /** As the camera calls itself. */
  name: string | null;
}

interface Props {
  agentId: AgentId;
  isOnline: boolean;
  /** As typed: with it, cameras tell their streams. */
  login: { username: string; password: string };
  onPick: (address: FoundAddress) => void;
}

export function FoundCameras({ agentId, isOnline, login, onPick }: Props) {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const search = useAction({ run: houseActions.discover, faults: 'in-form', onDone: ({ id }) => setAsked(id) });
  const command = useQuery({ ...queries.command(asked ?? ('' as CommandId)), enabled: asked !== null }).data;
  const busy = search.busy || (asked !== null && (command === undefined || command.state === 'sent'));
  const find = () => {
    setAsked(null);
    search.run({ id: agentId, username: login.username, password: login.password });
  };
  return (
    <div className="stack">
      <div className="row">
        <Button icon="search" busy={busy} disabled={!isOnline} onClick={find}>
          {busy ? text.busy : command === undefined ? text.start : text.again}
        </Button>
        <span className="muted small">{text.help}</span>
      </div>
      <FormProblem fault={search.fault} />
      <div role="status">
        {!busy && command?.state === 'done' && <List answer={command.answer} onPick={onPick} />}
        {!busy && command?.state === 'expired' && <p className="warn-text">{text.silent}</p>}
        {!busy && command?.state === 'refused' && <p className="warn-text">{sayRefusal(command) ?? text.silent}</p>}
      </div>
    </div>
  );
}

function List({ answer, onPick }: { answer: Record<string, unknown> | null; onPick: Props['onPick'] }) {
  // Read by a schema at the agent, and bounded there; an agent of another version may tell less.
  const cameras = Array.isArray(answer?.cameras) ? (answer.cameras as DiscoveredCamera[]) : [];
  if (cameras.length === 0) return <p className="muted">{text.none}</p>;
  return (
    <>
      <ul className="panel rows found-cameras" aria-label={text.list}>
        {cameras.map((camera) => (
          <Found key={`${camera.address} ${camera.name ?? ''}`} camera={camera} onPick={onPick} />
        ))}
      </ul>
      {answer?.more === true && <p className="muted small">{text.more}</p>}
    </>
  );
}

function Found({ camera, onPick }: { camera: DiscoveredCamera; onPick: Props['onPick'] }) {
  const { address, name, hardware, streams, code } = camera;
  const called = name ?? hardware ?? address;
  const choices = (streams ?? []).flatMap(({ name: stream, codec, widthPx, heightPx, streamUrl, snapshotUrl }) => {
    const size = widthPx === null || heightPx === null ? null : `${widthPx} × ${heightPx}`;
    const about = [stream, codec, size].filter((one) => one !== null).join(' · ');
    return [
      ...(streamUrl === null ? [] : [{ kind: 'rtsp' as const, url: streamUrl, about }]),
      ...(snapshotUrl === null ? [] : [{ kind: 'snapshot' as const, url: snapshotUrl, about: `${about} · JPEG` }]),
    ];
  });
  return (
    <li className="stack">
      <div className="row">
        <strong>{called}</strong>
        <span className="muted small">
          {[hardware, address].filter((one) => one !== null && one !== called).join(' · ')}
        </span>
      </div>
      {choices.length === 0 ? (
        <div className="row">
          <span className="muted small">{code === 'capture.unauthorised' ? text.wantsLogin : text.noStreams}</span>
          <Button onClick={() => onPick({ kind: 'rtsp', url: `rtsp://${address}/`, name })}>{text.useAddress}</Button>
        </div>
      ) : (
        <div className="actions">
          {choices.map(({ kind, url, about }) => (
            <Button key={url} title={url} onClick={() => onPick({ kind, url, name })}>
              {about}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}
