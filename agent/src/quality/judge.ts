/** Judges a picture. Never costs a frame: when the judge itself fails, the frame is kept with score 100. */
import type { Verdict } from '@slowlight/protocol';
import { type Failure, toFailure } from '@slowlight/protocol/kit';
import type { JudgePicture } from '../frame.ts';
import { type Measures, measurePicture } from './measure-picture.ts';
import { verdictOf } from './verdict-of.ts';

export interface JudgeDeps {
  /** Told when the judge could not look; the verdict says so in any case. */
  onFailure?: (failure: Failure) => void;
}

export function createJudge({ onFailure }: JudgeDeps = {}): JudgePicture {
  const failed = (thrown: unknown): Verdict => {
    onFailure?.(toFailure(thrown, 'judge.failed'));
    return { score: 100, faults: [], measures: {}, judge: 'judge-failed' };
  };
  return async (picture, shaped, checks = 'heavy') => {
    let measures: Measures;
    try {
      const { pixels, widthPx, heightPx } = picture;
      if (pixels.length !== widthPx * heightPx * 3 || pixels.length === 0)
        throw new RangeError(`${pixels.length} bytes are no picture of ${widthPx} × ${heightPx}`);
      measures = measurePicture(picture, checks);
    } catch (thrown) {
      return failed(thrown);
    }
    const { bytes } = await shaped;
    try {
      return verdictOf({ ...measures, sizeBytes: bytes.length });
    } catch (thrown) {
      return failed(thrown);
    }
  };
}
