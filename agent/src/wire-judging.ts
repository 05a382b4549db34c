/** The page's chapter on what is judged over time: frozen, moved and degraded cameras, and where their past is kept. */
import type { AgentEventContent, CameraId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { Log } from './frame.ts';
import { createDegradedWatch, degradedPast } from './quality/degraded.ts';
import { createFrozenCheck, frozenPast } from './quality/frozen.ts';
import { createKeepsake } from './quality/keepsake.ts';
import { createViewCheck, viewPast } from './quality/view-moved.ts';

export interface JudgingParts {
  clock: Clock;
  log: Log;
  pasts: FrameBuffer['pasts'];
  tell(event: AgentEventContent): unknown;
}

export function wireJudging({ clock, log, pasts, tell }: JudgingParts) {
  const keeping = { clock, log, ...pasts };
  const frozen = createFrozenCheck({ keepsake: createKeepsake(keeping, { kind: 'frozen', schema: frozenPast }) });
  const view = createViewCheck({
    keepsake: createKeepsake(keeping, { kind: 'view', schema: viewPast }),
    onFollowed: (camera) =>
      log.info({ camera }, 'the camera has looked another way for twelve pictures: from now on that is its view'),
  });
  const degraded = createDegradedWatch({
    clock,
    log,
    tell,
    keepsake: createKeepsake(keeping, { kind: 'degraded', schema: degradedPast }),
  });
  return {
    frozen,
    view,
    degraded,
    /** Forgets cameras that the settings do not hold any more. */
    keepOnly(ids: readonly CameraId[]): void {
      for (const check of [frozen, view, degraded, pasts]) check.keepOnly(ids);
    },
  };
}
