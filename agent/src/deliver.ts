/**
 * The second recipe: deliver. Announce → upload with a grant → receipt → forget.
 *
 * Promise: every frame in the buffer is brought to the control plane, the newest first and the backlog beside it, and leaves
 * the buffer only by a receipt. Every step may be repeated any number of times. What can never succeed is set aside with its
 * reason; what fails for now is tried again with full jitter, each frame by itself and all together while the store is away.
 */
import type { FrameId, Grant, Grants, Receipt } from '@slowlight/protocol';
import { type Bell, backoffMs, type Clock, createBell, runLoop } from '@slowlight/protocol/kit';
import type { Log } from './frame.ts';
import { mergeReceipts } from './merge-receipts.ts';

/** A frame on its way to the store. */
interface Parcel {
  frame: { frameId: FrameId; seq: number; file: string; sizeBytes: number; tries: number; refusals: number };
  grant: Grant;
}

export interface DeliverDeps {
  clock: Clock;
  log: Log;
  buffer: {
    pathOf(file: string): string;
    lastSeq(): number;
    newestOfEachCamera(): number[];
    endBackoffs(): void;
    markUploaded(frames: readonly FrameId[]): number[];
    postpone(frame: FrameId, afterMs: number, reason: string, refused: boolean): void;
    quarantine(frame: FrameId, reason: string): boolean;
    pictureUnreadable(frames: readonly FrameId[]): FrameId[];
    unconfirmed(limit: number): { frameId: FrameId; uploadedSeq: number; tries: number }[];
    reminded(said: readonly { frameId: FrameId; afterMs: number }[]): void;
    receive(receipt: Receipt['body']): {
      leaving: number;
      refused: ({ seq: number; code: string; reason: string; quarantined: boolean } & (
        | { what: 'event' }
        | { what: 'upload'; frameId: FrameId }
      ))[];
      ahead: boolean;
    };
    clean(): Promise<number>;
  };
  telling: {
    begin(from: { first: readonly number[]; lastSeq: number }): void;
    end(): void;
    cut(): void;
    wake(): void;
    sayNow(seq: number): void;
    sayAgain(seq: number): void;
    received(upTo: number, also: readonly number[]): void;
    run(signal: AbortSignal): Promise<void>;
  };
  desk: {
    begin(from: { first: readonly number[]; lastSeq: number }): void;
    put(message: Grants): void;
    take(): Parcel | null;
    putDown(frame: FrameId): void;
    dropGrant(frame: FrameId): void;
  };
  upload(
    picture: { path: string; sizeBytes: number },
    grant: Grant,
    signal: AbortSignal,
  ): Promise<
    | { kind: 'uploaded' }
    | { kind: 'refused'; reason: string }
    | { kind: 'again'; reason: string; retryAfterMs: number | null }
    | { kind: 'unreadable'; reason: string }
  >;
}
export interface DeliverOptions {
  uploadsAtOnce: number;
  /** After so many refusals a frame is set aside. */
  quarantineAfter: number;
}

/** Of one frame that was refused, ms. */
const REFUSED = { firstMs: 500, mostMs: 120_000 };
/** Of one frame whose upload failed for now, ms. */
const AGAIN = { firstMs: 2000, mostMs: 300_000 };
/** Of all uploads while the store is away, ms. */
const PAUSE = { firstMs: 500, mostMs: 15_000 };
const REMIND = { firstMs: 20_000, mostMs: 300_000 };
const REMIND_AT_ONCE = 50;
/** How long the card is spared between two commits of a kind, ms. */
const GATHER_MS = 8;

export function createDelivery(deps: DeliverDeps, options: DeliverOptions) {
  const { clock, log, buffer, telling, desk } = deps;
  const workers: Bell[] = Array.from({ length: options.uploadsAtOnce }, createBell);
  const uploadedBell = createBell();
  const receiptBell = createBell();
  const leavingBell = createBell();
  const remindBell = createBell();
  const uploaded: FrameId[] = [];
  const receipts: Receipt['body'][] = [];
  let listening = false;
  let awayTimes = 0;
  let pausedUntil = 0;

  const wakeWorkers = () => {
    for (const bell of workers) bell.ring();
  };

  /** Takes one frame after the other to the store. */
  async function carry(bell: Bell, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = pausedUntil - clock.monotonicMs();
      const parcel = listening && pauseMs <= 0 ? desk.take() : null;
      if (parcel === null) {
        // The second is for what only time changes: grants that did not come, back-offs that end.
        await bell.wait(clock, listening ? Math.max(1, Math.min(1000, pauseMs > 0 ? pauseMs : 1000)) : 60_000, signal);
        continue;
      }
      let uploadedNow = false;
      try {
        uploadedNow = await deliverOne(parcel, signal);
      } finally {
        // One that is uploaded stays in hand until that is written down, so that nobody uploads it again.
        if (!uploadedNow) desk.putDown(parcel.frame.frameId);
      }
    }
  }

  /** Whether the store has it now. */
  async function deliverOne({ frame, grant }: Parcel, signal: AbortSignal): Promise<boolean> {
    const { frameId } = frame;
    const since = clock.monotonicMs();
    const result = await deps.upload({ path: buffer.pathOf(frame.file), sizeBytes: frame.sizeBytes }, grant, signal);
    const ms = Math.round(clock.monotonicMs() - since);
    switch (result.kind) {
      case 'uploaded':
        awayTimes = 0;
        uploaded.push(frameId);
        uploadedBell.ring();
        return true;
      case 'refused':
        refused(frame, result.reason);
        return false;
      case 'again': {
        awayTimes += 1;
        const waitMs = result.retryAfterMs ?? backoffMs(awayTimes, PAUSE);
        pausedUntil = clock.monotonicMs() + waitMs;
        buffer.postpone(frameId, result.retryAfterMs ?? backoffMs(frame.tries + 1, AGAIN), result.reason, false);
        log.warn({ frame: frameId, ms, waitMs, tries: frame.tries + 1 }, `an upload failed for now: ${result.reason}`);
        return false;
      }
      case 'unreadable':
        buffer.pictureUnreadable([frameId]);
        log.error(
          { frame: frameId },
          `a picture cannot be read from the card, given up and reported: ${result.reason}`,
        );
        leavingBell.ring();
        telling.wake();
        return false;
    }
  }

  function refused(frame: Parcel['frame'], reason: string): void {
    const { frameId } = frame;
    desk.dropGrant(frameId);
    const times = frame.refusals + 1;
    if (times >= options.quarantineAfter) {
      buffer.quarantine(frameId, reason);
      log.error({ frame: frameId, times }, `a frame is set aside, its upload was refused too often: ${reason}`);
      return;
    }
    buffer.postpone(frameId, backoffMs(times, REFUSED), reason, true);
    telling.sayAgain(frame.seq);
    log.warn({ frame: frameId, times }, `an upload was refused, asking for a new grant: ${reason}`);
  }

  /** One commit for all uploads that have ended since the last. */
  function markUploaded(): void {
    if (uploaded.length === 0) return;
    const done = uploaded.slice();
    const seqs = buffer.markUploaded(done);
    uploaded.splice(0, done.length);
    for (const frame of done) desk.putDown(frame);
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
    const { leaving, refused: refusedNow, ahead } = buffer.receive(receipt);
    const settled = receipt.refused.flatMap((item) => (item.what === 'event' ? [item.seq] : []));
    telling.received(receipt.recordedUpTo, [...receipt.recordedAlso, ...settled]);
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
    if (leaving > 0) leavingBell.ring();
    wakeWorkers();
  }

  /** Repeats a step whenever its bell has rung, with back-off when it fails. */
  const whenever = (bell: Bell, what: string, step: () => void | Promise<void>) => (signal: AbortSignal) =>
    runLoop(
      async () => {
        await step();
        await bell.wait(clock, 30_000, signal);
        // Gathers what comes together into one commit.
        return GATHER_MS;
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
        return;
      }
      const from = { first: buffer.newestOfEachCamera(), lastSeq: buffer.lastSeq() };
      buffer.endBackoffs();
      awayTimes = 0;
      pausedUntil = 0;
      desk.begin(from);
      telling.begin(from);
      remindBell.ring();
      wakeWorkers();
    },
    /** The line broke: what was on it may be to blame. */
    onCut: telling.cut,
    onGrants(message: Grants): void {
      desk.put(message);
      wakeWorkers();
    },
    onReceipt(receipt: Receipt['body']): void {
      receipts.push(receipt);
      receiptBell.ring();
    },
    /** Frames are leaving the buffer. */
    onLeaving: () => leavingBell.ring(),
    async run(signal: AbortSignal): Promise<void> {
      const carrying = workers.map((bell) =>
        runLoop(
          async () => {
            await carry(bell, signal);
            return 0;
          },
          { clock, onFailure: failed('a delivery') },
          signal,
        ),
      );
      await Promise.all([
        ...carrying,
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
