/**
 * Proves uploads.
 *
 * Promise: a frame is forgotten at the edge only after the object store itself has shown that its picture is there, byte
 * for byte; a picture that is not what was announced is removed, and its agent is told to upload it anew.
 * Invariants: what is to be proven stands in the records (`claimed`), so a restart goes on where it was; a wrong object is
 * removed before the refusal is recorded, so that a new upload finds its key free.
 * When it fails: a store or records out of reach cost time only. A picture that alone cannot be looked at (a bad sector
 * below it) is tried again with a back-off of its own, and holds up no other.
 */
import type { FrameId } from '@slowlight/protocol';
import { backoffMs, type Clock, createBell, type Failure, runLoop, toFailure } from '@slowlight/protocol/kit';
import type { FramePicture, Log, ObjectCheck, ObjectStore } from '../frame.ts';
import type { IngestRecords } from '../ports.ts';
import { type Answers, answerFor } from './compose.ts';
import type { Teller } from './teller.ts';

export interface VerifierDeps {
  clock: Clock;
  log: Log;
  records: Pick<IngestRecords, 'claimed' | 'pictureStored' | 'pictureRefused'>;
  objects: Pick<ObjectStore, 'check' | 'remove'>;
  teller: Teller;
}

export interface VerifierOptions {
  /** Pictures that are checked at the same time. */
  atOnce?: number;
}

type Verified = { kind: 'stored'; frame: FrameId } | { kind: 'refused'; frame: FrameId; code: string; reason: string };

const MOST_IN_TURN = 100;
/** Another process may have recorded a claim without ringing. */
const LOOK_AGAIN_MS = 2000;
const RETRY = { firstMs: 1000, mostMs: 60_000 };

/** Pure: why what was found is not what was announced. */
export function refusalOf(check: Exclude<ObjectCheck, { kind: 'same' }>): { code: string; reason: string } {
  if (check.kind === 'absent')
    return { code: 'upload.absent', reason: 'The picture was said to be uploaded, but it is not in the object store.' };
  return {
    code: `upload.${check.what}-mismatch`,
    reason: `The ${check.what} of the uploaded picture is ${check.found}; announced was ${check.expected}.`,
  };
}

export function createVerifier(
  { clock, log, records, objects, teller }: VerifierDeps,
  { atOnce = 4 }: VerifierOptions = {},
) {
  const bell = createBell();
  const counts = { stored: 0, refused: 0 };
  /** Pictures that could not be looked at: how often in a row, and when they are due again, monotonic ms. */
  const failing = new Map<FrameId, { failures: number; dueAt: number }>();

  const isDue = ({ frameId }: FramePicture): boolean =>
    (failing.get(frameId)?.dueAt ?? Number.NEGATIVE_INFINITY) <= clock.monotonicMs();

  function postpone(frame: FrameId): number {
    const failures = (failing.get(frame)?.failures ?? 0) + 1;
    const waitMs = backoffMs(failures, RETRY);
    failing.set(frame, { failures, dueAt: clock.monotonicMs() + waitMs });
    return waitMs;
  }

  function warn(failure: Failure, waitMs: number): void {
    const { message: reason, hint } = failure;
    log.warn({ reason, hint, waitMs }, 'uploads cannot be verified now; it is tried again');
  }

  async function verify(picture: FramePicture): Promise<Verified> {
    const { frameId: frame, key, sizeBytes, sha256, type } = picture;
    const check = await objects.check(key, { sizeBytes, sha256, contentType: type });
    if (check.kind === 'same') {
      await records.pictureStored(frame);
      counts.stored += 1;
      return { kind: 'stored', frame };
    }
    const refusal = refusalOf(check);
    if (check.kind === 'differs') await objects.remove(key);
    await records.pictureRefused(frame, refusal.code, refusal.reason);
    counts.refused += 1;
    log.warn(
      { frame, code: refusal.code, reason: refusal.reason },
      'an upload was refused; its agent is told to send it anew',
    );
    return { kind: 'refused', frame, ...refusal };
  }

  /** All of them, several at a time; what could be said is said even when some could not be looked at. */
  async function verifyAll(pictures: readonly FramePicture[]): Promise<void> {
    const answers: Answers = new Map();
    const failed: { failure: Failure; waitMs: number }[] = [];
    let verifiedSome = false;
    const queue = [...pictures];
    /** Several failed and none did not: the next ones would most likely fail in the same way, so rest first. */
    const isOutage = () => !verifiedSome && failed.length >= atOnce;
    const lane = async () => {
      for (let picture = queue.shift(); picture !== undefined; picture = queue.shift()) {
        try {
          const verified = await verify(picture);
          verifiedSome = true;
          failing.delete(picture.frameId);
          const answer = answerFor(answers, picture.agentId);
          if (verified.kind === 'stored') answer.forget.push(verified.frame);
          else
            answer.refused.push({
              what: 'upload',
              frameId: verified.frame,
              code: verified.code,
              reason: verified.reason,
            });
        } catch (thrown) {
          failed.push({ failure: toFailure(thrown), waitMs: postpone(picture.frameId) });
          if (isOutage()) queue.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    await teller.receipts(answers);
    const [first] = failed;
    if (first === undefined) return;
    if (isOutage()) throw first.failure;
    warn(first.failure, first.waitMs);
  }

  return {
    /** To be called when a frame was said to be uploaded. */
    wake: () => bell.ring(),
    counts: () => ({ ...counts }),
    async run(signal: AbortSignal): Promise<void> {
      await runLoop(
        async (within) => {
          const pictures = await records.claimed(MOST_IN_TURN);
          const due = pictures.filter(isDue);
          if (due.length === 0) await bell.wait(clock, LOOK_AGAIN_MS, within);
          else await verifyAll(due);
          return 0;
        },
        { clock, onFailure: warn },
        signal,
      );
    },
  };
}
