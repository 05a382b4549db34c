/** The rooms that work on pictures, whose libraries are the heaviest; made frugal before anybody uses them. */
import { judgeInTurn } from './judge-in-turn.ts';
import type { JudgeDeps } from './quality/judge.ts';

export async function loadPictureRooms() {
  const [{ createCapture }, { decodeJpeg }, { createJudge }, { shapePicture }, { shrinkPicture }, { spareMemory }] =
    await Promise.all([
      import('./capture/capture.ts'),
      import('./quality/decode-jpeg.ts'),
      import('./quality/judge.ts'),
      import('./quality/shape-picture.ts'),
      import('./quality/shrink-picture.ts'),
      import('./quality/spare-memory.ts'),
    ]);
  spareMemory();
  const createOrderlyJudge = (deps: JudgeDeps) => judgeInTurn(createJudge(deps));
  return { createCapture, createJudge: createOrderlyJudge, decodeJpeg, shapePicture, shrinkPicture };
}
