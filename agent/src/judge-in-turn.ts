import { setImmediate as turn } from 'node:timers/promises';
import { collectYoung } from './collect-garbage.ts';
import type { JudgePicture } from './frame.ts';

/**
 * Pictures are judged one after the other, and between two the event loop turns: judging computes on the main thread, and
 * where many pictures become ready together, streams, decoders and messages would wait for all of them.
 */
export function judgeInTurn(judge: JudgePicture): JudgePicture {
  let last: Promise<unknown> = Promise.resolve();
  return (...picture) => {
    const verdict = last.then(() => turn()).then(() => judge(...picture));
    last = verdict.catch(() => {}).then(collectYoung);
    return verdict;
  };
}
