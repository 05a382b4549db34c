import type { AgentView, CameraView } from '@slowlight/protocol';
import type { Tone } from '../parts/state-dot.tsx';
import { words } from '../words.ts';

/** How a camera is, in one word: what stands in its way first. `why` is what to do about it, where something is known. */
export function sayHealth(
  camera: CameraView,
  agent: AgentView | undefined,
): { tone: Tone; text: string; why: string | null } {
  if (!camera.enabled) return { tone: 'calm', text: words.health.disabled, why: null };
  if (agent !== undefined && agent.state !== 'online')
    return { tone: agent.state === 'offline' ? 'bad' : 'calm', text: words.health.agentAway, why: null };
  const why = camera.healthHint ?? (camera.healthCode === null ? null : words.reason(camera.healthCode));
  const tones = { online: 'good', degraded: 'warn', offline: 'bad', unknown: 'calm' } as const;
  return {
    tone: tones[camera.health],
    text: words.health[camera.health],
    why: camera.health === 'online' ? null : why,
  };
}
