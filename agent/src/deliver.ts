/**
 * The second recipe: deliver. Announce → upload with a grant → receipt → forget.
 *
 * Promise: every frame in the buffer is brought to the control plane, the newest first and the backlog beside it, and leaves
 * the buffer only by a receipt. Every step may be repeated any number of times. What can never succeed is set aside with its
 * reason; what fails for now is tried again with full jitter, each frame by itself, and each store when it is away.
 */
import type { FrameId, Grants, Receipt } from '@slowlight/protocol';
import { type Bell, backoffMs, type Clock, createBell, runLoop } from '@slowlight/protocol/kit';
import type { Log } from './frame.ts';
import { mergeReceipts } from './merge-receipts.ts';

interface SentBytes {
  day: string;
  newBytes: number;
  backlogBytes: number;
}
type RefusedNow = { seq: number; code: string; reason: string; quarantined: boolean } & (
  | { what: 'event' }
  | { what: 'upload'; frameId: FrameId }
);

export interface DeliverDeps {
  clock: Clock;
  log: Log;
  buffer: {
    lastSeq(): number;
    newestOfEachCamera(): number[];
    endBackoffs(): void;
    markUploaded(frames: readonly FrameId[], sent: readonly SentBytes[]): number[];
    unconfirmed(limit: number): { frameId: FrameId; uploadedSeq: number; tries: number }[];
    reminded(said: readonly { frameId: FrameId; afterMs: number }[]): void;
    receive(
      receipt: Receipt['body'],
      isSaid: (seq: number) => boolean,
    ): { leaving: number; refused: RefusedNow[]; ahead: boolean; again: number[] };
    clean(): Promise<number>;
  };
  telling: {
    begin(from: { first: readonly number[]; lastSeq: number }): void;
    end(): void;
    cut(): void;
    wake(): void;
    sayNow(seq: number): void;
    sayAgain(seq: number): void;
    isSaid(seq: number): boolean;
    received(upTo: number, also: readonly number[]): void;
    run(signal: AbortSignal): Promise<void>;
  };
  desk: {
    begin(from: { first: readonly number[]; lastSeq: number }): void;
    put(message: Grants): void;
    putDown(frame: FrameId): void;
    dropGrant(frame: FrameId): void;
  };
  /** What has gone over the line and is not written down yet. */
  allowance: { unsaved(): SentBytes[]; saved(written: readonly SentBytes[]): void };
  /** Takes frames from the desk to the store. */
  createCarrier(on: { onUploaded(frame: FrameId): void; onSent(): void; onLeaving(): void }): {
    wake(): void;
    listen(now: boolean): void;
    run(signal: AbortSignal): Promise<void>;
  };
}

const REMIND = { firstMs: 20_000, mostMs: 300_000 };
const REMIND_AT_ONCE = 50;
/**
 * How long the card is spared between two commits of a kind, ms; on a slow card so long that at most a fifth of the time goes
 * into them, because a commit holds everything else up.
 */
const GATHER = { leastMs: 8, mostMs: 500, timesAsLong: 4 };

export function createDelivery(deps: DeliverDeps) {
  const { clock, log, buffer, telling, desk, allowance } = deps;
  const uploadedBell = createBell();
  const receiptBell = createBell();
  const leavingBell = createBell();
  const remindBell = createBell();
  const uploaded: FrameId[] = [];
  const receipts: Receipt['body'][] = [];
  let listening = false;
  const carrier = deps.createCarrier({
    onUploaded(frame) {
      uploaded.push(frame);
      uploadedBell.ring();
    },
    onSent: () => uploadedBell.ring(),
    onLeaving: () => leavingBell.ring(),
  });

  /** One commit for all uploads that have ended since the last. */
  function markUploaded(): void {
    const done = uploaded.slice();
    const sent = allowance.unsaved();
    if (done.length + sent.length === 0) return;
    const seqs = buffer.markUploaded(done, sent);
    uploaded.splice(0, done.length);
    allowance.saved(sent);
    for (const frame of done) {
      desk.dropGrant(frame);
      desk.putDown(frame);
    }
    for (const seq of seqs) telling.sayNow(seq);
  }

  /** A receipt that has not come is asked for by saying `frame.uploaded` again. Gives when to look again, ms. */
  function remind(): number {
    const due = listening ? buffer.unconfirmed(REMIND_AT_ONCE) : [];
    for (const { uploadedSeq } of due) telling.sayAgain(uploadedSeq);
    if (due.length > 0)
      buffer.reminded(due.map(({ frameId, tries }) => ({ frameId, afterMs: 5000 + backoffMs(tries + 1, REMIND) })));
    return due.length === REMIND_AT_ONCE ? 500 : 5000;
  }

  function receive(): void {
    if (receipts.length === 0) return;
    const receipt = mergeReceipts(receipts.splice(0));
    const { leaving, refused: refusedNow, ahead, again } = buffer.receive(receipt, telling.isSaid);
    const settled = receipt.refused.flatMap((item) => (item.what === 'event' ? [item.seq] : []));
    telling.received(receipt.recordedUpTo, [...receipt.recordedAlso, ...settled]);
    for (const seq of again) telling.sayNow(seq);
    if (again.length > 0) log.warn({ frames: again.length }, 'the records did not have these frames: announced anew');
    for (const item of refusedNow) {
      const { what, seq, code, quarantined } = item;
      if (item.what === 'upload') {
        desk.dropGrant(item.frameId);
        if (!quarantined) telling.sayAgain(seq);
      }
      const fields = { what, seq, frame: item.what === 'upload' ? item.frameId : undefined, code, quarantined };
      log.error(fields, `the control plane refused ${what === 'event' ? 'an event' : 'a picture'}: ${item.reason}`);
    }
    if (ahead)
      log.error(
        {},
        'the control plane knows later events of this agent: its card is a copy or an older state of another',
      );
    if (leaving > 0 || refusedNow.some(({ quarantined }) => quarantined)) leavingBell.ring();
    carrier.wake();
  }

  /** Repeats a step whenever its bell has rung, with back-off when it fails. */
  const whenever = (bell: Bell, what: string, step: () => void | Promise<void>) => (signal: AbortSignal) =>
    runLoop(
      async () => {
        const since = clock.monotonicMs();
        await step();
        const tookMs = clock.monotonicMs() - since;
        await bell.wait(clock, 30_000, signal);
        // Gathers what comes together into one commit.
        return Math.min(Math.max(GATHER.leastMs, GATHER.timesAsLong * tookMs), GATHER.mostMs);
      },
      { clock, onFailure: failed(what) },
      signal,
    );
  const failed = (what: string) => (failure: { code: string; hint: string; message: string }, waitMs: number) =>
    log.error({ code: failure.code, hint: failure.hint, waitMs }, `${what} failed: ${failure.message}`);

  return {
    /** There is something new in the buffer. */
    wake: telling.wake,
    onListening(now: boolean): void {
      listening = now;
      if (!now) {
        telling.end();
        carrier.listen(false);
        return;
      }
      const from = { first: buffer.newestOfEachCamera(), lastSeq: buffer.lastSeq() };
      buffer.endBackoffs();
      desk.begin(from);
      telling.begin(from);
      remindBell.ring();
      carrier.listen(true);
    },
    /** The line broke: what was on it may be to blame. */
    onCut: telling.cut,
    onGrants(message: Grants): void {
      desk.put(message);
      carrier.wake();
    },
    onReceipt(receipt: Receipt['body']): void {
      receipts.push(receipt);
      receiptBell.ring();
    },
    /** Frames are leaving the buffer. */
    onLeaving: () => leavingBell.ring(),
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all([
        carrier.run(signal),
        telling.run(signal),
        whenever(uploadedBell, 'noting uploads', markUploaded)(signal),
        whenever(receiptBell, 'a receipt', receive)(signal),
        whenever(leavingBell, 'removing delivered frames', async () => {
          while ((await buffer.clean()) > 0);
        })(signal),
        runLoop(
          async () => {
            await remindBell.wait(clock, remind(), signal);
            return 0;
          },
          { clock, onFailure: failed('reminding') },
          signal,
        ),
      ]);
    },
  };
}
export type Delivery = ReturnType<typeof createDelivery>;
