/**
 * A tap: one long-lived `ffmpeg -c copy` on a camera. Nothing is decoded; the running GOP stays in memory, and whoever wants
 * a picture decodes it up to its newest. A cold capture opens a tap ahead of its slot and closes it afterwards.
 *
 * Promise: `newest` is decodable from its start and says when its newest picture arrived; after `close` resolves no process
 * and no connection is left. When the camera or ffmpeg goes, `next` throws why, for everybody who waits.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import { type FfmpegRun, startFfmpeg } from '../ffmpeg.ts';
import { type Gate, openGate } from '../rtsp/gate.ts';
import type { Login } from '../rtsp/login.ts';
import type { Stage } from '../rtsp/meet-camera.ts';
import type { VideoCodec } from '../rtsp/sdp.ts';
import { createUnitSplitter } from './access-units.ts';
import { tapArguments } from './arguments.ts';
import { createArrivals } from './arrivals.ts';
import { createRunningGop, type Gop } from './running-gop.ts';

export interface TapOptions {
  clock: Clock;
  ffmpegPath?: string;
  url: string;
  login: Login | null;
  certificates: readonly string[];
  connectMs: number;
  /** Told how far the way to the camera has come. */
  onStage: (stage: Stage) => void;
}

export interface Tap {
  codec: VideoCodec;
  /** SPS, PPS and VPS of the camera's description, with start codes. */
  parameterSets: Buffer;
  /** Null before the first keyframe; `arrivedAtMs` is monotonic. */
  newest(): Gop | null;
  /** From the start of the connection to the first keyframe, ms; null before it. */
  startUpMs(): number | null;
  /** How far apart pictures come, ms; null while unknown. */
  pictureIntervalMs(): number | null;
  keyframeIntervalMs(): number | null;
  /** Resolves with the next picture. @throws Failure `capture.*` when the tap has ended; the signal's reason */
  next(signal: AbortSignal): Promise<void>;
  /** Resolves when the tap has ended, with why. */
  ended: Promise<Error>;
  close(): Promise<void>;
}

/** The most that a running GOP may hold: about ten seconds of 4K, or half a minute of 1080p. */
const GOP_LIMITS = { mostBytes: 24 * 1024 * 1024, mostAgeMs: 30_000 };
/** A unit after which nothing came for this long is whole: ffmpeg writes each at one go. */
const QUIET_MS = 25;

/** @throws Failure `capture.*`; the signal's reason when it aborts */
export async function openTap(options: TapOptions, signal: AbortSignal): Promise<Tap> {
  const { clock } = options;
  const beganAtMs = clock.monotonicMs();
  const gate = await openGate(options, signal);
  const stop = new AbortController();
  const { codec, parameterSets, sizeKnown } = gate.video;
  const run = startFfmpeg(tapArguments(gate.localUrl, codec, sizeKnown), {
    clock,
    ...(options.ffmpegPath !== undefined && { ffmpegPath: options.ffmpegPath }),
    deadlineMs: null,
    signal: stop.signal,
  });
  const splitter = createUnitSplitter(codec);
  const arrivals = createArrivals(codec);
  const gop = createRunningGop(GOP_LIMITS);
  const waiting = new Set<() => void>();
  let startUpMs: number | null = null;
  let lastChunkAtMs = beganAtMs;
  let over: Error | null = null;

  run.output.on('data', (chunk: Buffer) => {
    lastChunkAtMs = clock.monotonicMs();
    const units = splitter.push(chunk, lastChunkAtMs);
    for (const unit of units) gop.add(unit, arrivals.add(unit));
    if (startUpMs === null && gop.newest() !== null) startUpMs = lastChunkAtMs - beganAtMs;
    if (units.length > 0) for (const wake of waiting) wake();
  });

  function newest(): Gop | null {
    const whole = gop.newest();
    const last = splitter.unproven();
    if (last === null || clock.monotonicMs() - lastChunkAtMs < QUIET_MS) return whole;
    const arrivedAtMs = arrivals.estimate(last);
    if (last.key) return { units: [last], arrivedAtMs };
    return whole === null || !gop.isWhole() ? whole : { units: [...whole.units, last], arrivedAtMs };
  }

  const ended = endOf(gate, run, stop).then((why) => {
    over = why;
    for (const wake of waiting) wake();
    return why;
  });

  return {
    codec,
    parameterSets,
    newest,
    startUpMs: () => startUpMs,
    pictureIntervalMs: arrivals.intervalMs,
    keyframeIntervalMs: gop.keyframeIntervalMs,
    async next(waitSignal) {
      if (over !== null) throw over;
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          waitSignal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        waitSignal.addEventListener('abort', wake, { once: true });
        if (waitSignal.aborted) wake();
      });
      waitSignal.throwIfAborted();
      if (over !== null) throw over;
    },
    ended,
    async close() {
      // The gate says goodbye to the camera; ffmpeg finds its connection closed and is told so as well.
      const closing = gate.close();
      stop.abort();
      await closing;
      await ended;
    },
  };
}

/** When one of the two goes, the other follows. What the camera did says why; else it was ffmpeg. */
async function endOf(gate: Gate, run: FfmpegRun, stop: AbortController): Promise<Error> {
  const ofProgram = run.ended.then(
    ({ complaint }) =>
      cameraFailure(
        'undecodable',
        `the stream cannot be read${complaint === '' ? '' : `: ${complaint.slice(0, 200)}`}`,
        'Set the camera to H.264, and restart it if this stays.',
      ),
    (cause: unknown) =>
      cameraFailure(
        'unsupported',
        'ffmpeg cannot be run',
        'Install ffmpeg on this agent: sudo apt-get install ffmpeg.',
        cause,
      ),
  );
  await Promise.race([gate.closed, ofProgram]);
  await gate.close();
  const fault = await gate.closed;
  stop.abort();
  const complaint = await ofProgram;
  return fault ?? complaint;
}
