/** Asks a camera for a picture of now, once its agent has the settings that were just saved. */
import type { CameraId, CommandId, CommandView, Shape } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { actions, useAction } from '../server/actions.ts';
import { later } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { sayRefusal } from '../server/say-failure.ts';
import { words } from '../words.ts';

/** How long an agent may take to have the settings, before it is asked anyway, ms. */
const SETTINGS_WAIT_MS = 8000;

export type TestShotState =
  | { kind: 'waiting' }
  | { kind: 'picture'; src: string; widthPx: number; heightPx: number; score: number; ms: number | null }
  | { kind: 'failed'; title: string; hint: string | null };

/** @param shape asked for at once, and again whenever it is another one */
export function useTestShot(cameraId: CameraId, shape: Shape): { state: TestShotState; again: () => void } {
  const [asked, setAsked] = useState<CommandId | null>(null);
  const shoot = useAction({ run: actions.testShot, faults: 'in-form', onDone: ({ id }) => setAsked(id) });
  const run = useRef(shoot.run);
  useEffect(() => {
    run.current = shoot.run;
  });
  const informed = useAgentInformed(cameraId);
  const wish = JSON.stringify(shape);
  useEffect(() => {
    if (!informed) return;
    setAsked(null);
    run.current({ id: cameraId, shape: JSON.parse(wish) as Shape });
  }, [informed, cameraId, wish]);
  const command = useQuery({ ...queries.command(asked ?? ('' as CommandId)), enabled: asked !== null }).data;
  const again = () => {
    setAsked(null);
    shoot.run({ id: cameraId, shape });
  };
  if (shoot.fault !== null)
    return { state: { kind: 'failed', title: shoot.fault.message, hint: shoot.fault.hint }, again };
  return { state: asked === null || command === undefined ? { kind: 'waiting' } : stateOf(command), again };
}

function stateOf({ state, answer, hint, code }: CommandView): TestShotState {
  if (state === 'sent') return { kind: 'waiting' };
  if (state === 'expired')
    return { kind: 'failed', title: words.camera.captureExpired, hint: words.camera.captureExpiredHint };
  if (state === 'done' && typeof answer?.picture === 'string')
    return {
      kind: 'picture',
      src: `data:image/jpeg;base64,${answer.picture}`,
      widthPx: numberOf(answer.widthPx),
      heightPx: numberOf(answer.heightPx),
      score: numberOf(answer.score),
      ms: typeof answer.ms === 'number' ? answer.ms : null,
    };
  return {
    kind: 'failed',
    title: words.camera.testBad,
    hint: sayRefusal({ code, hint }) ?? (code === null ? null : words.reason(code)),
  };
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);

/** Whether the agent has the newest settings; true as well when that takes too long. */
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
