/**
 * The carrier: takes frames to the store, several at a time.
 *
 * Promise: what became of an upload is sorted once (taken, refused, grant over, store away, picture unreadable), and each
 * gets its own answer: a grant that is over is renewed at once and counts against nobody; a refusal counts against its frame,
 * which is set aside after enough of them; a store that is away costs its circuit a pause and the frame a back-off of its own.
 */
import type { FrameId, Grant } from '@slowlight/protocol';
import {
  type Beat,
  type Bell,
  backoffMs,
  type Clock,
  createBell,
  noPulse,
  type Pulse,
  runLoop,
} from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { Allowance } from './allowance.ts';
import type { Circuits, UploadEnd } from './circuits.ts';
import type { Parcel, UploadDesk } from './upload-desk.ts';

/** `sentBytes`: how many bytes of the picture went on the line, as far as one can know. */
export type Carried = { sentBytes: number } & (
  | { kind: 'uploaded' }
  | { kind: 'refused'; reason: string }
  /** The grant is over, or the store's clock says so. */
  | { kind: 'expired'; reason: string }
  | { kind: 'again'; reason: string; retryAfterMs: number | null }
  | { kind: 'unreadable'; reason: string }
);

export interface CarrierDeps {
  clock: Clock;
  log: Log;
  buffer: {
    pathOf(file: string): string;
    postpone(frame: FrameId, afterMs: number, reason: string, refused: boolean): void;
    quarantine(frame: FrameId, reason: string): boolean;
    pictureUnreadable(frames: readonly FrameId[]): FrameId[];
  };
  desk: Pick<UploadDesk, 'take' | 'putDown' | 'dropGrant'>;
  circuits: Circuits;
  allowance: Pick<Allowance, 'begin' | 'end'>;
  telling: { wake(): void; sayAgain(seq: number): void };
  /** Told of the loops' turns. */
  pulse?: Pulse;
  upload(picture: { path: string; sizeBytes: number }, grant: Grant, signal: AbortSignal): Promise<Carried>;
  /** The store has it: stays in hand until that is written down, so that nobody uploads it again. */
  onUploaded(frame: FrameId): void;
  /** Something went over the line that has to be written down. */
  onSent(): void;
  /** A frame is leaving the buffer. */
  onLeaving(): void;
}
export interface CarrierOptions {
  uploadsAtOnce: number;
  /** After so many refusals a frame is set aside. */
  quarantineAfter: number;
}

/** Of one frame that was refused, ms. */
const REFUSED = { firstMs: 500, mostMs: 120_000 };
/** Of one frame whose upload failed for now, or whose grants are always over, ms. */
const AGAIN = { firstMs: 2000, mostMs: 300_000 };
/** An upload that moves may take this long on the slowest line, ms; then the carrier counts as stuck. */
const UPLOAD_TURN_MS = 2 * 3_600_000;
/** Frames whose ended grants are counted; the oldest give way. */
const MOST_COUNTED = 1000;

export function createCarrier(deps: CarrierDeps, options: CarrierOptions) {
  const { clock, log, buffer, desk, circuits, allowance, telling, pulse = noPulse } = deps;
  const bells: Bell[] = Array.from({ length: options.uploadsAtOnce }, createBell);
  /** How often in a row a frame's grant was over when it came to the store. */
  const expiries = new Map<FrameId, number>();
  let listening = false;

  /** Whoever finds a frame wakes the next one, so that one look is enough when there is none. */
  const idle = new Set<Bell>();
  const wake = () => {
    const [bell] = idle;
    if (bell === undefined) return;
    idle.delete(bell);
    bell.ring();
  };

  async function carry(bell: Bell, beat: Beat, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      beat.turn(UPLOAD_TURN_MS);
      const parcel = listening ? desk.take() : null;
      if (parcel === null) {
        // The second is for what only time changes: grants that did not come, back-offs and holds that end.
        const waitMs = listening ? Math.max(1, Math.min(1000, circuits.waitMs() ?? 1000)) : 60_000;
        idle.add(bell);
        await bell.wait(clock, waitMs, signal);
        idle.delete(bell);
        continue;
      }
      wake();
      let uploadedNow = false;
      try {
        uploadedNow = await deliverOne(parcel, signal);
      } finally {
        if (!uploadedNow) desk.putDown(parcel.frame.frameId);
      }
    }
  }

  /** Whether the store has it now. */
  async function deliverOne({ frame, grant, lane }: Parcel, signal: AbortSignal): Promise<boolean> {
    const since = clock.monotonicMs();
    const host = circuits.hostOf(grant.url);
    const bytes = frame.sizeBytes;
    circuits.begin(host);
    allowance.begin(lane, bytes);
    let result: Carried | null = null;
    try {
      const picture = { path: buffer.pathOf(frame.file), sizeBytes: bytes };
      result = await deps.upload(picture, grant, signal);
    } finally {
      allowance.end(lane, { bytes, sent: result?.sentBytes ?? 0 });
      const openMs = circuits.end(host, endOf(result));
      if (openMs > 0)
        log.warn({ host, forMs: openMs }, 'the store does not work now: nothing is sent to it for a while');
    }
    if (result.kind !== 'expired') expiries.delete(frame.frameId);
    if (result.kind !== 'uploaded') deps.onSent();
    settle(frame, result, Math.round(clock.monotonicMs() - since));
    return result.kind === 'uploaded';
  }

  function settle(frame: Parcel['frame'], result: Carried, ms: number): void {
    const { frameId } = frame;
    switch (result.kind) {
      case 'uploaded':
        deps.onUploaded(frameId);
        return;
      case 'refused':
        refused(frame, result.reason);
        return;
      case 'expired':
        expired(frame, result.reason);
        return;
      case 'again': {
        const waitMs = result.retryAfterMs ?? backoffMs(frame.tries + 1, AGAIN);
        buffer.postpone(frameId, waitMs, result.reason, false);
        log.warn({ frame: frameId, ms, waitMs, tries: frame.tries + 1 }, `an upload failed for now: ${result.reason}`);
        return;
      }
      case 'unreadable':
        buffer.pictureUnreadable([frameId]);
        log.error(
          { frame: frameId },
          `a picture cannot be read from the card, given up and reported: ${result.reason}`,
        );
        deps.onLeaving();
        telling.wake();
        return;
    }
  }

  function refused(frame: Parcel['frame'], reason: string): void {
    const { frameId } = frame;
    desk.dropGrant(frameId);
    const times = frame.refusals + 1;
    if (times >= options.quarantineAfter) {
      buffer.quarantine(frameId, reason);
      log.error({ frame: frameId, times }, `a frame is set aside, its upload was refused too often: ${reason}`);
      // Quarantine may have had no room for it without letting another go.
      deps.onLeaving();
      telling.wake();
      return;
    }
    buffer.postpone(frameId, backoffMs(times, REFUSED), reason, true);
    telling.sayAgain(frame.seq);
    log.warn({ frame: frameId, times }, `an upload was refused, asking for a new grant: ${reason}`);
  }

  /** The first time a new grant is asked for at once; when those are over too, somebody's clock is wrong. */
  function expired(frame: Parcel['frame'], reason: string): void {
    const { frameId } = frame;
    desk.dropGrant(frameId);
    const times = (expiries.get(frameId) ?? 0) + 1;
    expiries.delete(frameId);
    expiries.set(frameId, times);
    for (const oldest of expiries.keys()) {
      if (expiries.size <= MOST_COUNTED) break;
      expiries.delete(oldest);
    }
    if (times > 1) {
      const waitMs = backoffMs(times - 1, AGAIN);
      buffer.postpone(frameId, waitMs, reason, false);
      const hint = 'Compare the clocks of the control plane and of the object store.';
      log.warn({ frame: frameId, times, waitMs, hint }, `grants are over before they can be used: ${reason}`);
    }
    telling.sayAgain(frame.seq);
  }

  return {
    wake,
    listen(now: boolean): void {
      listening = now;
      if (!now) return;
      circuits.reset();
      expiries.clear();
      wake();
    },
    async run(signal: AbortSignal): Promise<void> {
      const work = (bell: Bell) => {
        const beat = pulse.begin('uploads');
        return runLoop(
          async () => {
            await carry(bell, beat, signal);
            return 0;
          },
          {
            clock,
            onFailure: ({ code, hint, message }, waitMs) =>
              log.error({ code, hint, waitMs }, `a delivery failed: ${message}`),
          },
          signal,
        ).finally(beat.end);
      };
      await Promise.all(bells.map(work));
    },
  };
}
export type Carrier = ReturnType<typeof createCarrier>;

function endOf(result: Carried | null): UploadEnd {
  if (result === null || result.kind === 'unreadable') return { kind: 'unknown' };
  return result.kind === 'again' ? { kind: 'away', retryAfterMs: result.retryAfterMs } : { kind: 'answered' };
}
