/**
 * The first recipe: take a picture. Ready? → capture → shape → judge → store. Whatever happens, a slot that is asked for is
 * settled here, once; only when it cannot even be settled does this throw.
 */
import type {
  CameraFault,
  CameraId,
  CameraSettings,
  CommandId,
  Fault,
  Slot,
  SlotSettledBody,
  Verdict,
} from '@slowlight/protocol';
import { type Clock, Failure, messageOf } from '@slowlight/protocol/kit';
import type {
  Capture,
  JudgePicture,
  KeptFrame,
  Log,
  NewFrame,
  Picture,
  Readiness,
  ShapedPicture,
  ShapePicture,
} from './frame.ts';

export interface TakePictureDeps {
  clock: Clock;
  log: Log;
  /** Rejects only when the check itself breaks. */
  checkReady(asked: Asked): Promise<Readiness>;
  /** Null when the settings do not hold it. */
  cameraOf(asked: Asked): CameraSettings | null;
  capture: Pick<Capture, 'take'>;
  shape: ShapePicture;
  judge: JudgePicture;
  /** What the verdict becomes beside the camera's earlier pictures. */
  overTime?(camera: CameraSettings, picture: Picture, verdict: Verdict): Verdict;
  /** Whether the picture that was settled on was bad. */
  noteVerdict?(camera: CameraSettings, bad: boolean): void;
  /** How the camera did. */
  noteCamera(
    camera: CameraId,
    result: { kind: 'picture'; picture: Picture } | { kind: 'failed'; code: CameraFault; hint: string },
    dueAt: number | null,
  ): void;
  store(
    frame: NewFrame,
    commandId: CommandId | null,
  ): Promise<{ kind: 'kept'; frame: KeptFrame } | { kind: 'already-settled' } | { kind: 'card-full' }>;
  settle(body: Extract<SlotSettledBody, { outcome: 'discarded' | 'failed' | 'skipped' }>): boolean;
}

/** What is asked for: the picture of a slot, or one by hand. */
export type Asked =
  | { kind: 'slot'; slot: Slot }
  /** `force`: also where the camera's timelapse plans nothing at this time. */
  | { kind: 'by-hand'; cameraId: CameraId; commandId: CommandId | null; force?: boolean | undefined };

export type Taken =
  | { kind: 'kept'; frame: KeptFrame; flagged: boolean; verdict: Verdict }
  | { kind: 'discarded'; verdict: Verdict }
  | { kind: 'failed'; code: CameraFault; hint: string; tries: number }
  | { kind: 'not-ready'; reason: Extract<Readiness, { kind: 'not-ready' }>['reason']; detail: string }
  | { kind: 'already-settled' };

interface Judged {
  kind: 'judged';
  picture: Picture;
  shaped: ShapedPicture;
  verdict: Verdict;
}
type Failed = Extract<Taken, { kind: 'failed' }>;

/** @param deadlineAt wall time in ms after which the picture is not wanted any more */
export async function takePicture(
  deps: TakePictureDeps,
  { asked, deadlineAt }: { asked: Asked; deadlineAt: number },
  signal: AbortSignal,
): Promise<Taken> {
  const readiness = await readyOrReported(deps, asked);
  if (readiness.kind === 'not-ready') return skip(deps, asked, readiness);
  const camera = deps.cameraOf(asked);
  if (camera === null)
    return skip(deps, asked, { reason: 'camera-not-found', detail: 'the settings hold no such camera' });

  const settled = await bestOfTwo(deps, { asked, camera, deadlineAt }, signal);
  if (settled.kind === 'failed') return fail(deps, asked, settled);

  const best = besideTheEarlier(deps, camera, settled);
  const bad = isBad(best, camera);
  if (bad && camera.judging.badFrames === 'discard' && asked.kind === 'slot')
    return discard(deps, asked.slot, best.verdict);
  return store(deps, { asked, camera, judged: best, flagged: bad });
}

/** A fault of what looks back over time costs no frame either. */
function besideTheEarlier(deps: TakePictureDeps, camera: CameraSettings, judged: Judged): Judged {
  try {
    const verdict = deps.overTime?.(camera, judged.picture, judged.verdict) ?? judged.verdict;
    const best = { ...judged, verdict };
    deps.noteVerdict?.(camera, isBad(best, camera));
    return best;
  } catch (cause) {
    deps.log.error(
      { code: 'judge.failed', camera: camera.id },
      `the frame is kept as it was judged alone: ${messageOf(cause)}`,
    );
    return judged;
  } finally {
    judged.picture.letGo?.();
  }
}

/** A check that breaks costs no picture: it is reported, and the picture is taken. */
async function readyOrReported(deps: TakePictureDeps, asked: Asked): Promise<Readiness> {
  try {
    return await deps.checkReady(asked);
  } catch (cause) {
    deps.log.error({ code: 'check-failed' }, `readiness could not be checked, taking the picture: ${messageOf(cause)}`);
    return { kind: 'ready' };
  }
}

/** Bad once: one more try at once, while the slot's time allows it; the better of the two is kept. */
async function bestOfTwo(
  deps: TakePictureDeps,
  request: { asked: Asked; camera: CameraSettings; deadlineAt: number },
  signal: AbortSignal,
): Promise<Judged | Failed> {
  const first = await captureAndJudge(deps, request, signal);
  if (first.kind === 'failed' || !isBad(first, request.camera)) return first;
  if (deps.clock.now() >= request.deadlineAt) return first;
  const { score, faults } = first.verdict;
  deps.log.debug({ camera: request.camera.id, score, faults }, 'the picture is bad, trying once more');
  const afresh = faults.some((one) => DAMAGE.includes(one));
  const second = await captureAndJudge(deps, { ...request, afresh }, signal);
  if (second.kind === 'failed') return first;
  const [better, other] = second.verdict.score > first.verdict.score ? [second, first] : [first, second];
  other.picture.letGo?.();
  return better;
}

async function captureAndJudge(
  deps: TakePictureDeps,
  {
    asked,
    camera,
    deadlineAt,
    afresh = false,
  }: { asked: Asked; camera: CameraSettings; deadlineAt: number; afresh?: boolean },
  signal: AbortSignal,
): Promise<Judged | Failed> {
  const dueAt = dueAtOf(asked);
  const captured = await deps.capture.take({ camera, dueAt, deadlineAt, ...(afresh && { afresh }) }, signal);
  deps.noteCamera(camera.id, captured, dueAt);
  if (captured.kind === 'failed') return captured;
  try {
    // Shaped and encoded on another thread, judged on this one.
    const shaping = deps.shape(captured.picture, camera.shape, camera.quality);
    const [shaped, verdict] = await Promise.all([
      shaping,
      deps.judge(captured.picture, shaping, camera.judging.checks),
    ]);
    return { kind: 'judged', picture: captured.picture, shaped, verdict };
  } catch (cause) {
    captured.picture.letGo?.();
    if (signal.aborted) throw cause;
    const hint = cause instanceof Failure ? `${cause.message}. ${cause.hint}` : messageOf(cause);
    return { kind: 'failed', code: 'unsupported', hint, tries: captured.tries };
  }
}

async function store(
  deps: TakePictureDeps,
  { asked, camera, judged, flagged }: { asked: Asked; camera: CameraSettings; judged: Judged; flagged: boolean },
): Promise<Taken> {
  const { picture, shaped, verdict } = judged;
  const dueAt = dueAtOf(asked);
  const stored = await deps.store(
    {
      camera: camera.id,
      slot: asked.kind === 'slot' ? asked.slot : null,
      flagged,
      shaped,
      taken: picture.taken,
      sourceWidthPx: picture.widthPx,
      sourceHeightPx: picture.heightPx,
      ageAtSlotMs: dueAt === null ? null : Math.round(dueAt - picture.taken.wall),
      verdict,
    },
    asked.kind === 'by-hand' ? asked.commandId : null,
  );
  if (stored.kind === 'card-full')
    return skip(deps, asked, { reason: 'card-full', detail: 'there was no room for the picture' });
  if (stored.kind === 'already-settled') return stored;
  const { frameId, sizeBytes } = stored.frame;
  deps.log.info(
    { camera: camera.id, slot: dueAt, frame: frameId, score: verdict.score, bytes: sizeBytes, flagged },
    flagged ? `a frame was kept and flagged: ${verdict.faults.join(', ')}` : 'a frame was taken',
  );
  return { kind: 'kept', frame: stored.frame, flagged, verdict };
}

function skip(
  deps: TakePictureDeps,
  asked: Asked,
  { reason, detail }: Pick<Extract<Readiness, { kind: 'not-ready' }>, 'reason' | 'detail'>,
): Taken {
  if (asked.kind === 'slot') {
    const settled = deps.settle({ outcome: 'skipped', slot: asked.slot, reason, detail: detail.slice(0, 500) });
    if (!settled) return { kind: 'already-settled' };
    deps.log.warn(
      { timelapse: asked.slot.timelapseId, slot: asked.slot.dueAt, reason },
      `a slot was skipped: ${detail}`,
    );
  }
  return { kind: 'not-ready', reason, detail };
}

function fail(deps: TakePictureDeps, asked: Asked, failed: Failed): Taken {
  const { code, tries } = failed;
  const hint = failed.hint.slice(0, 500);
  if (asked.kind === 'slot') {
    if (!deps.settle({ outcome: 'failed', slot: asked.slot, code, hint, tries })) return { kind: 'already-settled' };
    deps.log.warn(
      { timelapse: asked.slot.timelapseId, slot: asked.slot.dueAt, code, tries },
      `the camera gave no picture: ${hint}`,
    );
  }
  return { kind: 'failed', code, hint, tries };
}

function discard(deps: TakePictureDeps, slot: Slot, verdict: Verdict): Taken {
  if (!deps.settle({ outcome: 'discarded', slot, verdict })) return { kind: 'already-settled' };
  deps.log.info({ timelapse: slot.timelapseId, slot: slot.dueAt, score: verdict.score }, 'a bad frame was discarded');
  return { kind: 'discarded', verdict };
}

/** What a picture of a stream shows when something of it was lost: all until the next keyframe show it too. */
const DAMAGE: readonly Fault[] = [
  'truncated',
  'undecodable',
  'uniform',
  'wrong-colour',
  'grey-lower-part',
  'smeared',
  'torn',
];

const isBad = ({ verdict }: Judged, camera: CameraSettings) => verdict.score < camera.judging.threshold;
const dueAtOf = (asked: Asked) => (asked.kind === 'slot' ? asked.slot.dueAt : null);
