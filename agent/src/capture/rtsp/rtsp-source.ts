/**
 * The source for `rtsp` and `rtsps` cameras. A try borrows a tap ahead of the slot, waits for the slot's moment, and decodes
 * the running GOP up to its newest picture.
 *
 * Promise: the picture is the newest that had arrived at the slot (or, when the first keyframe comes late, the first after
 * it), it is whole, and none older than two seconds at its slot is passed off as fresh.
 */
import { type Clock, deadline } from '@slowlight/protocol/kit';
import type { Moment, Picture } from '../../frame.ts';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import { createLead, LONGEST_LEAD_MS } from '../lead.ts';
import { createRhythm } from '../rhythm.ts';
import type { Attempt, Probe, Source, Wish } from '../source.ts';
import { type Decoded, decodeNewest, isMissingProgram } from '../tap/decode.ts';
import type { Gop } from '../tap/running-gop.ts';
import { createSharedTap } from '../tap/shared-tap.ts';
import { openTap, type Tap } from '../tap/tap.ts';
import type { Turnstile } from '../turnstile.ts';
import type { Login } from './login.ts';
import { type Stage, tooSlow } from './meet-camera.ts';

export interface RtspSourceDeps {
  clock: Clock;
  moment: () => Moment;
  /** Lets few decoders run at once, over all cameras. */
  decoders: Turnstile;
}

export interface RtspSourceOptions {
  url: string;
  /** Read anew for each connection, so that it is in memory for as short as possible. @throws Failure `capture.unauthorised` */
  login: () => Login | null;
  certificates: readonly string[];
  ffmpegPath?: string;
  /** Slots this close together share one tap, which stays open between them, ms; 0: each opens its own. */
  warmIntervalMs: number;
}

const CONNECT_MS = 10_000;
const TRY_MS = 20_000;
/** A picture that was older at its slot is not of that slot, ms. */
const FRESH_MS = 2000;
/** After the slot, ffmpeg gives out the picture that arrived at it: one picture later, and a little more. */
const SETTLE_MS = 40;
const LONGEST_SETTLE_MS = 300;
/** How long a test of a camera waits to see its keyframe interval, ms. */
const SECOND_KEYFRAME_MS = 6000;

export function createRtspSource({ clock, moment, decoders }: RtspSourceDeps, options: RtspSourceOptions): Source {
  const { url, certificates, ffmpegPath } = options;
  const program = ffmpegPath === undefined ? {} : { ffmpegPath };
  const lead = createLead();
  const rhythm = createRhythm(options.warmIntervalMs);
  let stage: Stage = 'connecting';
  const shared = createSharedTap({
    clock,
    open: async (signal) => {
      const login = options.login();
      const onStage = (next: Stage) => {
        stage = next;
      };
      return await openTap({ clock, url, login, certificates, connectMs: CONNECT_MS, onStage, ...program }, signal);
    },
    isAlive: (tap) => tap.newest() === null || clock.monotonicMs() - (tap.newest()?.arrivedAtMs ?? 0) < FRESH_MS,
    lingerMs: rhythm.lingerMs,
  });

  async function attempt({ dueAt, deadlineAt, first }: Wish, signal: AbortSignal): Promise<Attempt> {
    if (first && dueAt !== null) rhythm.beat(dueAt, deadlineAt);
    if (first && dueAt !== null) await clock.sleep(dueAt - clock.now() - lead.leadMs(), signal);
    const now = clock.now();
    // Nobody is asked earlier than the longest lead: where the slot is further away, the clock has been set back.
    const aheadMs = Math.min((dueAt ?? 0) - now, LONGEST_LEAD_MS);
    const tryMs = Math.max(TRY_MS, aheadMs + TRY_MS / 2);
    return await withTap(Math.min(tryMs, deadlineAt - now), signal, async (tap, limit) => {
      await firstKeyframe(tap, limit);
      if (dueAt !== null) await waitForSlot(dueAt, tap, limit);
      return { kind: 'picture', picture: await freshPicture(tap, dueAt ?? clock.now(), limit) };
    });
  }

  async function withTap<Result>(
    limitMs: number,
    signal: AbortSignal,
    work: (tap: Tap, limit: AbortSignal) => Promise<Result>,
  ): Promise<Result | Extract<Attempt, { kind: 'failed' }>> {
    const limit = deadline(clock, limitMs, signal);
    let release = (_again: boolean) => {};
    let tap: Tap | null = null;
    try {
      const loan = await shared.borrow(limit.signal);
      release = loan.release;
      tap = loan.tap;
      const result = await work(tap, limit.signal);
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
      release(false);
    }
  }

  /** What it means that a try's time is over. */
  function tooLate(tap: Tap | null): Error {
    const gop = tap?.newest() ?? null;
    if (gop === null) return tooSlow(stage, url);
    return clock.monotonicMs() - gop.arrivedAtMs < FRESH_MS ? busy() : stopped();
  }

  async function firstKeyframe(tap: Tap, signal: AbortSignal): Promise<void> {
    const met = tap.newest() === null;
    while (tap.newest() === null) await tap.next(signal);
    const startUpMs = tap.startUpMs();
    if (met && startUpMs !== null) lead.learn(startUpMs);
  }

  async function waitForSlot(dueAt: number, tap: Tap, signal: AbortSignal): Promise<void> {
    // The wall clock may be set while we wait: look again.
    while (clock.now() < dueAt && !signal.aborted) await clock.sleep(Math.min(500, dueAt - clock.now()), signal);
    const settleMs = Math.min(LONGEST_SETTLE_MS, (tap.pictureIntervalMs() ?? 0) + SETTLE_MS);
    await clock.sleep(dueAt + settleMs - clock.now(), signal);
    signal.throwIfAborted();
  }

  async function freshPicture(tap: Tap, wantedAt: number, signal: AbortSignal): Promise<Picture> {
    let damage = null as { key: Gop['units'][number] | undefined; complaint: string } | null;
    for (;;) {
      const gop = tap.newest();
      const arrivedAt = clock.now() - (clock.monotonicMs() - (gop?.arrivedAtMs ?? Number.NEGATIVE_INFINITY));
      // After damage, only a new keyframe can help; it gets one chance.
      if (gop !== null && arrivedAt >= wantedAt - FRESH_MS && gop.units[0] !== damage?.key) {
        const decoded = await decode(gop, tap, signal);
        if (decoded.kind === 'picture') {
          const { pixels, widthPx, heightPx } = decoded.picture;
          return { pixels, widthPx, heightPx, taken: momentAt(gop.arrivedAtMs) };
        }
        if (damage !== null) throw undecodable(decoded.complaint);
        damage = { key: gop.units[0], complaint: decoded.complaint };
      }
      try {
        await tap.next(signal);
      } catch (thrown) {
        throw damage !== null && signal.aborted ? undecodable(damage.complaint) : thrown;
      }
    }
  }

  const decode = (gop: Gop, { codec, parameterSets }: Tap, signal: AbortSignal): Promise<Decoded> =>
    decoders.pass(() => decodeNewest(gop, { clock, codec, parameterSets, ...program }, signal), signal);

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
    const seen = await withTap(TRY_MS, signal, async (tap, limit): Promise<Probe> => {
      await firstKeyframe(tap, limit);
      const { widthPx, heightPx } = await freshPicture(tap, clock.now(), limit);
      const ms = Math.round(clock.monotonicMs() - beganAtMs);
      await secondKeyframe(tap, signal);
      return {
        kind: 'ok',
        widthPx,
        heightPx,
        codec: tap.codec,
        ms,
        keyframeIntervalMs: rounded(tap.keyframeIntervalMs()),
      };
    });
    return seen.kind === 'failed' ? { kind: 'failed', code: seen.code, hint: seen.hint } : seen;
  }

  return { leadMs: lead.leadMs, attempt, probe, close: shared.close };
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));

const stopped = () =>
  cameraFailure(
    'timed-out',
    'the camera’s stream has stopped: its newest picture is too old',
    'It is connected anew at the next slot; restart it if this stays.',
  );

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
