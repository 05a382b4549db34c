/** A picture of now in a shape that may not be set yet, small enough to travel with the command's answer. */
import type { CameraId, CameraSettings, Shape } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { CaptureRequest, CaptureResult, JudgePicture, Picture, ShapedPicture, ShapePicture } from '../frame.ts';
import type { CommandAnswer } from './commands.ts';

export interface TestShotDeps {
  clock: Clock;
  cameraOf(camera: CameraId): CameraSettings | null;
  take(request: CaptureRequest, signal: AbortSignal): Promise<CaptureResult>;
  shape: ShapePicture;
  judge: JudgePicture;
  /** Made smaller until it fits into an answer. */
  shrink(picture: ShapedPicture): Promise<ShapedPicture>;
}

/** How long it may take, ms. */
const TEST_SHOT_MS = 25_000;

export const unknownCamera = {
  kind: 'refused',
  code: 'camera.not-found',
  hint: 'The agent does not know this camera yet: try again.',
} as const;

export function createTestShot(deps: TestShotDeps) {
  return async (
    { cameraId, shape }: { cameraId: CameraId; shape: Shape | null },
    signal: AbortSignal,
  ): Promise<CommandAnswer> => {
    const camera = deps.cameraOf(cameraId);
    if (camera === null) return unknownCamera;
    const beganAt = deps.clock.monotonicMs();
    const taken = await deps.take({ camera, dueAt: null, deadlineAt: deps.clock.now() + TEST_SHOT_MS }, signal);
    if (taken.kind === 'failed') return { kind: 'refused', code: `camera.${taken.code}`, hint: taken.hint };
    const { picture } = taken;
    const shaped = await shapeOrWhyNot(deps, picture, { shape: shape ?? camera.shape, quality: camera.quality });
    if (shaped instanceof Failure) {
      picture.letGo?.();
      return { kind: 'refused', code: shaped.code, hint: `${shaped.message}. ${shaped.hint}` };
    }
    const { score, faults } = await deps.judge(picture, shaped);
    picture.letGo?.();
    const small = await deps.shrink(shaped);
    return {
      kind: 'done',
      frameId: null,
      answer: {
        picture: small.bytes.toString('base64'),
        /** Of the frames that this shape would give. */
        widthPx: shaped.widthPx,
        heightPx: shaped.heightPx,
        sizeBytes: shaped.bytes.length,
        sourceWidthPx: picture.widthPx,
        sourceHeightPx: picture.heightPx,
        score,
        faults,
        ms: Math.round(deps.clock.monotonicMs() - beganAt),
      },
    };
  };
}

/** A shape that cannot be applied is an answer, not a fault. */
async function shapeOrWhyNot(
  { shape }: TestShotDeps,
  picture: Picture,
  wanted: { shape: Shape; quality: number },
): Promise<ShapedPicture | Failure> {
  try {
    return await shape(picture, wanted.shape, wanted.quality);
  } catch (cause) {
    if (cause instanceof Failure) return cause;
    throw cause;
  }
}
