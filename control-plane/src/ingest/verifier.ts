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
  records: Pick<IngestRecords, 'claimed' | 'pictureStored' | 'picturesStored' | 'pictureRefused'>;
  objects: Pick<ObjectStore, 'check' | 'remove' | 'ping'>;
  teller: Teller;
}

export interface VerifierOptions {
  /** Pictures that are checked at the same time. */
  atOnce?: number;
}

type Verified = { kind: 'proven' } | { kind: 'refused'; frame: FrameId; code: string; reason: string };

const MOST_IN_TURN = 100;
/** Of those that could not be looked at before. */
const MOST_AGAIN = 20;
/** Another process may have recorded a claim without ringing. */
const LOOK_AGAIN_MS = 2000;
const RETRY = { firstMs: 1000, mostMs: 60_000 };
/** So many pictures in so short a time, ms, are a backlog that is being delivered. */
const RUSH = { pictures: 20, withinMs: 2000 };
/**
 * A commit holds everything else up: the next one waits so many times as long as the last one took, so that many pictures
 * come into one, ms at most.
 */
const GATHER = { timesAsLong: 2, mostMs: 100 };

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
  /** What was proven lately; monotonic ms. */
  let lately: { at: number; pictures: number }[] = [];
  let gatherMs = 0;

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
    if (check.kind === 'same') return { kind: 'proven' };
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

  /** What has not been looked at yet goes first, so that however many bad ones there are, they hold up no other. */
  async function findDue(): Promise<FramePicture[]> {
    const fresh = await records.claimed(MOST_IN_TURN, [...failing.keys()]);
    if (failing.size === 0) return fresh;
    const resting = [...failing].filter(([, { dueAt }]) => dueAt > clock.monotonicMs()).map(([frame]) => frame);
    const again = (await records.claimed(MOST_IN_TURN, resting)).filter(({ frameId }) => failing.has(frameId));
    return [...fresh, ...again.slice(0, MOST_AGAIN)].filter(isDue);
  }

  /** One commit for all; where that breaks, one for each, so that the guilty one holds up no other. Gives those that are recorded. */
  async function recordProven(
    proven: readonly FramePicture[],
    failed: { failure: Failure; waitMs: number }[],
  ): Promise<readonly FramePicture[]> {
    if (proven.length === 0) return [];
    try {
      const since = clock.monotonicMs();
      await records.picturesStored(proven.map(({ frameId }) => frameId));
      gatherMs = Math.min(GATHER.timesAsLong * (clock.monotonicMs() - since), GATHER.mostMs);
      return proven;
    } catch (thrown) {
      // The records being away is nobody's fault.
      if (toFailure(thrown).code.startsWith('records.')) throw thrown;
      const stored: FramePicture[] = [];
      for (const picture of proven) {
        try {
          await records.pictureStored(picture.frameId);
          stored.push(picture);
        } catch (thrown) {
          failed.push({ failure: toFailure(thrown), waitMs: postpone(picture.frameId) });
        }
      }
      return stored;
    }
  }

  /** All of them, several at a time; what could be said is said even when some could not be looked at. */
  async function verifyAll(pictures: readonly FramePicture[]): Promise<void> {
    const answers: Answers = new Map();
    const failed: { failure: Failure; waitMs: number }[] = [];
    let verifiedSome = false;
    const queue = [...pictures];
    const proven: FramePicture[] = [];
    let outage = false;
    /** Several failed and none did not: where the store does not answer at all, the next ones would fail in the same way. */
    const lookForOutage = async () => {
      if (verifiedSome || failed.length < atOnce) return;
      outage = await objects.ping().then(
        () => false,
        () => true,
      );
    };
    const lane = async () => {
      for (let picture = queue.shift(); picture !== undefined; picture = queue.shift()) {
        try {
          const verified = await verify(picture);
          verifiedSome = true;
          failing.delete(picture.frameId);
          if (verified.kind === 'proven') proven.push(picture);
          else
            answerFor(answers, picture.agentId).refused.push({
              what: 'upload',
              frameId: verified.frame,
              code: verified.code,
              reason: verified.reason,
            });
        } catch (thrown) {
          failed.push({ failure: toFailure(thrown), waitMs: postpone(picture.frameId) });
          await lookForOutage();
          if (outage) queue.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    const stored = await recordProven(proven, failed);
    for (const { agentId, frameId } of stored) answerFor(answers, agentId).forget.push(frameId);
    counts.stored += stored.length;
    lately.push({ at: clock.monotonicMs(), pictures: stored.length });
    await teller.receipts(answers);
    const [first] = failed;
    if (first === undefined) return;
    if (outage) throw first.failure;
    warn(first.failure, first.waitMs);
  }

  return {
    /** To be called when a frame was said to be uploaded. */
    wake: () => bell.ring(),
    counts: () => ({ ...counts }),
    /** Whether pictures come in faster than they are taken: what can wait should. */
    rush(): boolean {
      const from = clock.monotonicMs() - RUSH.withinMs;
      lately = lately.filter(({ at }) => at > from);
      return lately.reduce((sum, { pictures }) => sum + pictures, 0) >= RUSH.pictures;
    },
    async run(signal: AbortSignal): Promise<void> {
      await runLoop(
        async (within) => {
          const due = await findDue();
          if (due.length === 0) {
            await bell.wait(clock, LOOK_AGAIN_MS, within);
            return 0;
          }
          gatherMs = 0;
          await verifyAll(due);
          return gatherMs;
        },
        { clock, onFailure: warn },
        signal,
      );
    },
  };
}
