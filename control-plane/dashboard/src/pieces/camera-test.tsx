/** Asks the agent whether it gets a picture of a camera, and says it in plain words. */
import type { CameraId, CommandId, CommandView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { actions, useAction } from '../server/actions.ts';
import { later } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { words } from '../words.ts';
import './pieces.css';

/** How long an agent may take to have the settings that were just saved, before it is asked anyway, ms. */
const SETTINGS_WAIT_MS = 8000;

export function TestDialog({ open, onClose, cameraId }: { open: boolean; onClose: () => void; cameraId: CameraId }) {
  return (
    <Dialog title={words.camera.testTitle} width="narrow" open={open} onOpenChange={onClose}>
      <TestResult cameraId={cameraId} onClose={onClose} />
    </Dialog>
  );
}

export function TestResult({
  cameraId,
  onClose,
  isNew = false,
}: {
  cameraId: CameraId;
  onClose: () => void;
  isNew?: boolean;
}) {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const test = useAction({ run: actions.testCamera, faults: 'in-form', onDone: ({ id }) => setAsked(id) });
  const begun = useRef(false);
  const informed = useAgentInformed(cameraId);
  useEffect(() => {
    if (begun.current || !informed) return;
    begun.current = true;
    test.run(cameraId);
  }, [test, cameraId, informed]);
  const again = () => {
    setAsked(null);
    test.run(cameraId);
  };
  const problem = test.fault === null ? null : { title: test.fault.message, hint: test.fault.hint };
  return (
    <div className="stack">
      {problem !== null ? <Bad {...problem} /> : asked === null ? <Testing /> : <Answer id={asked} />}
      <div className="dialog-foot">
        <Button icon="again" className="aside" onClick={again}>
          {words.common.tryAgain}
        </Button>
        {isNew && (
          <Link className="button" to="/cameras/$cameraId" params={{ cameraId }} onClick={onClose}>
            {words.camera.show}
          </Link>
        )}
        <Button kind="strong" onClick={onClose}>
          {words.common.close}
        </Button>
      </div>
    </div>
  );
}

/** Whether the agent has the newest settings, so that it tests what was just saved; true as well when that takes too long. */
function useAgentInformed(cameraId: CameraId): boolean {
  const [waited, setWaited] = useState(false);
  useEffect(() => later(SETTINGS_WAIT_MS, () => setWaited(true)), []);
  const camera = useQuery(queries.camera(cameraId)).data;
  const agents = useQuery({ ...queries.agents, staleTime: 0, refetchInterval: waited ? false : 700 }).data;
  const agent = agents?.find(({ id }) => id === camera?.agentId);
  return (
    waited || (agent !== undefined && (agent.state !== 'online' || agent.settingsApplied >= agent.settingsVersion))
  );
}

function Answer({ id }: { id: CommandId }) {
  const command = useQuery(queries.command(id)).data;
  if (command === undefined || command.state === 'sent') return <Testing />;
  if (command.state === 'expired')
    return <Bad title={words.camera.captureExpired} hint={words.camera.captureExpiredHint} />;
  const failed = failureOf(command);
  if (failed !== null) return <Bad title={words.camera.testBad} hint={failed} />;

  return (
    <div role="status">
      <p className="test-good">
        <Icon name="check" /> {words.camera.testGood}
      </p>
      <Facts facts={factsOf(command.answer ?? {})} />
    </div>
  );
}

/** The agent may refuse the command, or do it and answer that the camera gave nothing. */
function failureOf({ state, code, hint, answer }: CommandView): string | null {
  if (state === 'refused') return sayRefusal({ code, hint }) ?? (code === null ? '' : words.reason(code));
  if (answer?.kind !== 'failed' && answer?.success !== false) return null;
  const reason = typeof answer.code === 'string' ? words.reason(answer.code.replace(/^.*\./, '')) : '';
  return typeof answer.hint === 'string' ? `${capital(reason)}. ${answer.hint}` : `${capital(reason)}.`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function factsOf(answer: Readonly<Record<string, unknown>>): Record<string, string | undefined> {
  const { widthPx, heightPx, codec, ms, keyframeIntervalMs } = answer;
  const seconds = (value: unknown) =>
    typeof value === 'number' ? words.time.seconds(Math.round(value / 100) / 10) : undefined;
  return {
    [words.camera.testSize]:
      typeof widthPx === 'number' && typeof heightPx === 'number' ? `${widthPx} × ${heightPx}` : undefined,
    [words.camera.testCodec]: typeof codec === 'string' ? codec.toUpperCase() : undefined,
    [words.camera.testTime]: seconds(ms),
    [words.camera.testKeyframes]: seconds(keyframeIntervalMs),
  };
}

function Testing() {
  return (
    <p className="capture-wait" role="status">
      <span className="spinner" aria-hidden="true" /> {words.camera.testBusy}
    </p>
  );
}

function Bad({ title, hint }: { title: string; hint: string | null }) {
  return (
    <div className="form-problem" role="alert">
      <Icon name="alert" />
      <p>
        <strong>{title}</strong> {hint}
      </p>
    </div>
  );
}
