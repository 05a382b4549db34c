/**
 * The source for cameras that send a stream. A try borrows a tap ahead of the slot, waits for the slot's moment, and decodes
 * the running GOP up to its newest picture.
 *
 * Promise: the picture is the newest that had arrived at the slot (or, when the first keyframe comes late, the first after
 * it), or, where decoding up to it would cost too much, its keyframe; it says when it arrived. It is whole, no slot is given a
 * picture that another slot was given, and none of a stream that has stopped is passed off as fresh.
 */
import { type Clock, deadline } from '@slowlight/protocol/kit';
import type { Moment, Picture } from '../../frame.ts';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import { createLead, LONGEST_LEAD_MS } from '../lead.ts';
import type { Rhythm } from '../rhythm.ts';
import type { Attempt, Probe, Source, Wish } from '../source.ts';
import { chooseWay } from './choose-way.ts';
import { type Decoded, isMissingProgram } from './decode.ts';
import type { Stream } from './decoder.ts';
import type { Decoders } from './decoders.ts';
import { createPace } from './pace.ts';
import type { RgbPicture } from './ppm.ts';
import type { Gop } from './running-gop.ts';
import { createSharedTap } from './shared-tap.ts';
import { stopped, type Tap } from './tap.ts';

export interface TapSourceDeps {
  clock: Clock;
  moment: () => Moment;
  /** Few run at once, over all cameras. */
  decoders: Decoders;
  /** @throws when this is no whole JPEG */
  decodeJpeg: (bytes: Buffer) => Promise<RgbPicture>;
  /** Opens the stream. @throws Failure `capture.*`; the signal's reason when it aborts */
  open: (signal: AbortSignal) => Promise<Tap>;
  /** What it means that there is no picture although the time is over. */
  tooSlow: () => Error;
  rhythm: Rhythm;
  /** Between 0 and 1. */
  random: () => number;
}

export interface TapSourceOptions {
  /** The most that decoding one picture may cost, ms. */
  mostDecodeMs: number;
  /** Up to the newest picture where that is not too much, or always the keyframe alone. */
  pictures: 'newest' | 'keyframe';
}

const TRY_MS = 20_000;
/** A picture that was older at its slot is not of that slot, ms; a keyframe that stands in for the newest may be older. */
const FRESH_MS = 2000;
const OLDEST_KEYFRAME_MS = 10_000;
/** After the slot, the picture that is on its way at it is waited for; where it is held back until the next, that one too. */
const SETTLE_MS = 40;
const LONGEST_SETTLE_MS = 300;
/** Decoding begins so long before the slot at most, ms. */
const MOST_AHEAD_MS = 3000;
/** How long a test of a camera waits to see its keyframe interval, ms. */
const SECOND_KEYFRAME_MS = 6000;

export function createTapSource(deps: TapSourceDeps, options: TapSourceOptions): Source {
  const { clock, moment, decoders, rhythm } = deps;
  const lead = createLead();
  const pace = createPace();
  /** When the picture that the last slot was given arrived, monotonic ms. */
  let givenAtMs = Number.NEGATIVE_INFINITY;
  const shared = createSharedTap({
    clock,
    open: deps.open,
    isAlive: (tap) => tap.newest() === null || clock.monotonicMs() - tap.heardAtMs() < FRESH_MS,
    lingerMs: () => rhythm.lingerMs(lead.leadMs()),
    random: deps.random,
  });

  async function attempt({ dueAt, deadlineAt, first, afresh }: Wish, signal: AbortSignal): Promise<Attempt> {
    if (first && dueAt !== null) rhythm.beat(dueAt, deadlineAt);
    if (first && dueAt !== null) await clock.sleep(dueAt - clock.now() - lead.leadMs(), signal);
    const now = clock.now();
    // Nobody is asked earlier than the longest lead: where the slot is further away, the clock has been set back.
    const aheadMs = Math.min((dueAt ?? 0) - now, LONGEST_LEAD_MS);
    const tryMs = Math.max(TRY_MS, aheadMs + TRY_MS / 2);
    return await withTap(Math.min(tryMs, deadlineAt - now), signal, async (tap, limit, heed) => {
      const damaged = afresh ? tap.newest()?.units[0] : undefined;
      await firstKeyframe(tap, limit);
      if (dueAt !== null) await waitForSlot(dueAt, tap, heed, limit);
      heed();
      const taken = await freshPicture(tap, { wantedAt: dueAt ?? clock.now(), deadlineAt, damaged }, limit);
      if (dueAt !== null) givenAtMs = taken.arrivedAtMs;
      return { kind: 'picture', picture: taken.picture };
    });
  }

  async function withTap<Result>(
    limitMs: number,
    signal: AbortSignal,
    work: (tap: Tap, limit: AbortSignal, heed: () => void) => Promise<Result>,
  ): Promise<Result | Extract<Attempt, { kind: 'failed' }>> {
    const limit = deadline(clock, limitMs, signal);
    let release = (_again: boolean) => {};
    let tap: Tap | null = null;
    let leaveAlone = () => {};
    try {
      const loan = await shared.borrow(limit.signal);
      release = loan.release;
      tap = loan.tap;
      const { heed } = loan.tap;
      const result = await work(tap, limit.signal, () => {
        leaveAlone();
        leaveAlone = heed();
      });
      release(true);
      return result;
    } catch (thrown) {
      signal.throwIfAborted();
      const problem = problemOf(thrown) ?? problemOf(limit.signal.aborted ? tooLate(tap) : explain(thrown));
      if (problem === null) throw thrown;
      // A camera that was only too slow for this slot may be in time for the next: it is not started all over again.
      release(limit.signal.aborted);
      return { kind: 'failed', ...problem };
    } finally {
      limit.clear();
      leaveAlone();
      release(false);
    }
  }

  /** What it means that a try's time is over. */
  function tooLate(tap: Tap | null): Error {
    if (tap !== null && tap.losses() > 0) return undecodable('parts of the stream are lost on the way');
    if (tap === null || tap.newest() === null) return deps.tooSlow();
    return clock.monotonicMs() - tap.heardAtMs() < FRESH_MS ? busy() : stopped();
  }

  async function firstKeyframe(tap: Tap, signal: AbortSignal): Promise<void> {
    const met = tap.newest() === null;
    while (tap.newest() === null) await tap.next(signal);
    const startUpMs = tap.startUpMs();
    if (met && startUpMs !== null) lead.learn(startUpMs);
  }

  async function waitForSlot(dueAt: number, tap: Tap, heed: () => void, signal: AbortSignal): Promise<void> {
    // The wall clock may be set while we wait: look again.
    const until = async (at: () => number) => {
      while (clock.now() < at() && !signal.aborted) await clock.sleep(Math.min(500, at() - clock.now()), signal);
    };
    await until(() => dueAt - Math.min(MOST_AHEAD_MS, pace.estimateMs(tap.newest()?.units.length ?? 0)));
    heed();
    decodeAhead(tap, dueAt);
    await until(() => dueAt);
    const settleMs = Math.min(LONGEST_SETTLE_MS, tap.heldBackMs() + SETTLE_MS);
    await clock.sleep(dueAt + settleMs - clock.now(), signal);
    signal.throwIfAborted();
  }

  /** What is there is decoded before the slot, so that only its last pictures are left to do; not if a keyframe comes between. */
  function decodeAhead(tap: Tap, dueAt: number): void {
    const gop = tap.newest();
    const { codec, parameterSets } = tap;
    if (gop === null || codec === 'mjpeg' || options.pictures === 'keyframe') return;
    const nextKeyInMs = gop.keyAtMs + (tap.keyframeIntervalMs() ?? Number.POSITIVE_INFINITY) - clock.monotonicMs();
    if (nextKeyInMs > dueAt - clock.now()) decoders.ahead(gop, { codec, parameterSets, pace });
  }

  interface Wanted {
    /** Wall time, ms. */
    wantedAt: number;
    deadlineAt: number;
    /** A keyframe of which no good picture can come. */
    damaged: Gop['units'][number] | undefined;
  }

  async function freshPicture(
    tap: Tap,
    { wantedAt, deadlineAt, damaged }: Wanted,
    signal: AbortSignal,
  ): Promise<{ picture: Picture; arrivedAtMs: number }> {
    let damage = damaged === undefined ? null : { key: damaged, complaint: null as string | null };
    for (;;) {
      const gop = chosen(tap, wantedAt, deadlineAt);
      // After damage, only a new keyframe can help; it gets one chance.
      if (gop !== null && gop.units[0] !== undefined && gop.units[0] !== damage?.key) {
        const decoded = await decode(gop, tap, signal);
        if (decoded.kind === 'picture') {
          const { arrivedAtMs } = gop;
          return { picture: { ...decoded.picture, taken: momentAt(arrivedAtMs) }, arrivedAtMs };
        }
        if (damage !== null && damage.complaint !== null) throw undecodable(decoded.complaint);
        damage = { key: gop.units[0], complaint: decoded.complaint };
      }
      try {
        await tap.next(signal);
      } catch (thrown) {
        throw damage !== null && signal.aborted ? undecodable(damage.complaint ?? '') : thrown;
      }
    }
  }

  /** What of the running GOP is decoded for this slot; null: nothing of it may be given. */
  function chosen(tap: Tap, wantedAt: number, deadlineAt: number): Gop | null {
    const gop = tap.newest();
    const agoMs = wantedAt - clock.now() + clock.monotonicMs();
    if (gop === null || tap.heardAtMs() < agoMs - FRESH_MS) return null;
    const mayBeGiven = (arrivedAtMs: number, oldestMs: number) =>
      arrivedAtMs > givenAtMs && arrivedAtMs >= agoMs - oldestMs;
    const pictures = gop.units.length;
    const estimateMs = pace.estimateMs(pictures);
    const msLeft = deadlineAt - clock.now();
    const way = chooseWay({ pictures, estimateMs, msLeft, mostMs: options.mostDecodeMs, wanted: options.pictures });
    const key = { ...gop, units: gop.units.slice(0, 1), arrivedAtMs: gop.keyAtMs };
    // Behind a loss the keyframe stands in for nothing that is there, unless keyframes are all that is wanted.
    const standsIn = gop.broken !== true || options.pictures === 'keyframe';
    const keyMay = mayBeGiven(gop.keyAtMs, standsIn ? OLDEST_KEYFRAME_MS : FRESH_MS);
    if (keyMay && (way === 'keyframe' || pictures === 1)) return key;
    return estimateMs < msLeft && mayBeGiven(gop.arrivedAtMs, FRESH_MS) ? gop : null;
  }

  async function decode(gop: Gop, { codec, parameterSets }: Tap, signal: AbortSignal): Promise<Decoded> {
    if (codec !== 'mjpeg') {
      const stream: Stream = { codec, parameterSets, pace };
      return await decoders.decode(gop, stream, signal);
    }
    // A JPEG stands alone.
    const bytes = gop.units.at(-1)?.bytes ?? Buffer.alloc(0);
    try {
      return { kind: 'picture', picture: await decoders.pass(() => deps.decodeJpeg(bytes), signal) };
    } catch (cause) {
      signal.throwIfAborted();
      return { kind: 'damaged', complaint: cause instanceof Error ? cause.message : '' };
    }
  }

  /** The moment of something that arrived at this monotonic time, ms. */
  function momentAt(arrivedAtMs: number): Moment {
    const now = moment();
    const agoMs = clock.monotonicMs() - arrivedAtMs;
    return { ...now, wall: Math.round(now.wall - agoMs), monotonicMs: now.monotonicMs - agoMs };
  }

  /** Waits until the keyframe interval is known, or it is clear that it is long. */
  async function secondKeyframe(tap: Tap, signal: AbortSignal): Promise<void> {
    const limit = deadline(clock, SECOND_KEYFRAME_MS, signal);
    try {
      while (tap.keyframeIntervalMs() === null) await tap.next(limit.signal);
    } catch {
      // The camera has proved itself with its picture; only how far its keyframes are apart stays unknown.
      signal.throwIfAborted();
    } finally {
      limit.clear();
    }
  }

  async function probe(signal: AbortSignal): Promise<Probe> {
    const beganAtMs = clock.monotonicMs();
    const seen = await withTap(TRY_MS, signal, async (tap, limit, heed): Promise<Probe> => {
      heed();
      await firstKeyframe(tap, limit);
      const wanted = { wantedAt: clock.now(), deadlineAt: clock.now() + TRY_MS, damaged: undefined };
      const { picture } = await freshPicture(tap, wanted, limit);
      picture.letGo?.();
      const ms = Math.round(clock.monotonicMs() - beganAtMs);
      await secondKeyframe(tap, signal);
      const { widthPx, heightPx } = picture;
      const keyframeIntervalMs = rounded(tap.keyframeIntervalMs());
      return { kind: 'ok', widthPx, heightPx, codec: tap.codec, ms, keyframeIntervalMs };
    });
    return seen.kind === 'failed' ? { kind: 'failed', code: seen.code, hint: seen.hint } : seen;
  }

  const mode = () => (rhythm.lingerMs(lead.leadMs()) > 0 ? 'warm' : 'cold');
  return { leadMs: lead.leadMs, mode, attempt, probe, close: shared.close };
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));

const busy = () =>
  cameraFailure(
    'timed-out',
    'the picture was there but could not be decoded within the slot’s time',
    'This device is busy: lengthen the interval, or lower the camera’s resolution or keyframe interval.',
  );

const undecodable = (complaint: string) =>
  cameraFailure(
    'undecodable',
    `the camera’s pictures come damaged${complaint === '' ? '' : ` (${complaint.split('\n')[0]?.slice(0, 120)})`}`,
    'Check the cable and the network for lost packets, or lower the camera’s bit rate.',
  );

function explain(thrown: unknown): unknown {
  if (!isMissingProgram(thrown)) return thrown;
  return cameraFailure('unsupported', thrown.message, thrown.hint, thrown);
}
