/**
 * A tap: a stream that flows past. Nothing is decoded; the running GOP stays in memory, and whoever wants a picture decodes it
 * up to its newest. A cold capture opens a tap ahead of its slot and closes it afterwards.
 *
 * Promise: `newest` is decodable from its start and says when its newest picture arrived. When the stream ends, or falls
 * silent, `next` throws why, for everybody who waits, and `ended` resolves. After `close` no process and no connection is left.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import type { VideoCodec } from '../rtsp/sdp.ts';
import { type AccessUnit, createUnitSplitter } from './access-units.ts';
import { createArrivals } from './arrivals.ts';
import { createRunningGop, type Gop, type GopLimits } from './running-gop.ts';

export interface Tap {
  codec: VideoCodec;
  /** SPS, PPS and VPS of the camera's description, with start codes. */
  parameterSets: Buffer;
  /** Null before the first keyframe; `arrivedAtMs` is monotonic. */
  newest(): Gop | null;
  /** When anything of the stream came last, monotonic ms. */
  heardAtMs(): number;
  /** From the start of the connection to the first keyframe, ms; null before it. */
  startUpMs(): number | null;
  /** How far apart pictures come, ms; null while unknown. */
  pictureIntervalMs(): number | null;
  keyframeIntervalMs(): number | null;
  /** How long after its arrival a picture is given out, ms. */
  heldBackMs(): number;
  /** Somebody needs pictures as soon as they come, until the function that it gives is called. */
  heed(): () => void;
  /** How often parts of the stream were lost on the way. */
  losses(): number;
  /** Resolves with the next picture. @throws Failure `capture.*` when the tap has ended; the signal's reason */
  next(signal: AbortSignal): Promise<void>;
  /** Resolves when the tap has ended, with why. */
  ended: Promise<Error>;
  close(): Promise<void>;
}

export interface TapOptions {
  clock: Clock;
  codec: VideoCodec;
  parameterSets: Buffer;
  /** When the connection was begun, monotonic ms. */
  beganAtMs: number;
  limits: GopLimits;
}

/** For whoever puts units together himself. */
export interface OwnUnits {
  /** What has come of the next unit, where only the one after it proves that it is whole. */
  unproven(): AccessUnit | null;
}

/** The inside of a tap, for whoever opens one. */
export interface Intake {
  tap: Omit<Tap, 'close' | 'ended'>;
  /** A piece of the raw stream. */
  push(chunk: Buffer): void;
  /** One whole picture that stands alone (JPEG). */
  addPicture(bytes: Buffer, beganAtMs: number): void;
  /** One unit that is whole, and began to arrive when it says. */
  addUnit(unit: AccessUnit): void;
  /** Something of the stream came. */
  heard(): void;
  /** Something was lost on the way; @param touched false: what it damaged is not handed in */
  lost(touched?: boolean): void;
  /** What follows does not go on from what came; @param worthless nor can that be used */
  cut(worthless: boolean): void;
  /** What comes is of another kind than the camera said. */
  foreign(): void;
  /** Resolves when nothing has come for too long, or with null when the signal aborts. */
  silence(signal: AbortSignal): Promise<Error | null>;
  /** Wakes whoever waits: from now on `next` throws this. */
  end(why: Error): void;
}

/** A unit after which nothing came for this long is whole: ffmpeg writes each at one go. */
const QUIET_MS = 25;
/** A stream that says nothing for this long has stopped; longer where pictures are rare. */
const SILENT_MS = 3000;
const SILENT_PICTURES = 4;
/** Before the first picture: a camera's keyframes can be far apart, and ffmpeg waits for one. */
const SILENT_AT_FIRST_MS = 20_000;
/** A camera that sends what it did not announce has changed its codec, if its next keyframe is overdue as well. */
const FOREIGN_MS = 3000;
const FOREIGN_KEYFRAMES = 1.5;
/** How often is looked for that, ms. */
const LOOK_MS = 1000;

export function createIntake(
  { clock, codec, parameterSets, beganAtMs, limits }: TapOptions,
  own: OwnUnits | null = null,
): Intake {
  const splitter = createUnitSplitter(codec);
  const unproven = own?.unproven ?? splitter.unproven;
  const heldBack = own === null && codec !== 'mjpeg';
  const arrivals = createArrivals(heldBack);
  const gop = createRunningGop({ ...limits, owned: own !== null });
  const waiting = new Set<() => void>();
  let startUpMs: number | null = null;
  let heardAtMs = beganAtMs;
  let losses = 0;
  let keyAtMs = beganAtMs;
  let foreign = false;
  let over: Error | null = null;

  function add(units: readonly AccessUnit[]): void {
    heardAtMs = clock.monotonicMs();
    for (const unit of units) {
      gop.add(unit, arrivals.add(unit));
      if (!unit.key) continue;
      keyAtMs = heardAtMs;
      foreign = false;
    }
    if (startUpMs === null && gop.newest() !== null) startUpMs = heardAtMs - beganAtMs;
    if (units.length > 0) for (const wake of waiting) wake();
  }

  function newest(): Gop | null {
    const whole = gop.newest();
    const last = unproven();
    if (last === null || clock.monotonicMs() - heardAtMs < QUIET_MS) return whole;
    const arrivedAtMs = arrivals.estimate(last);
    if (last.key) return { units: [last], arrivedAtMs, keyAtMs: arrivedAtMs };
    return whole === null || !gop.isWhole() ? whole : { ...whole, units: [...whole.units, last], arrivedAtMs };
  }

  const longestSilenceMs = () =>
    startUpMs === null ? SILENT_AT_FIRST_MS : Math.max(SILENT_MS, SILENT_PICTURES * (arrivals.intervalMs() ?? 0));

  const longestWithoutKeyMs = () => Math.max(FOREIGN_MS, FOREIGN_KEYFRAMES * (gop.keyframeIntervalMs() ?? 0));

  return {
    tap: {
      codec,
      parameterSets,
      newest,
      heardAtMs: () => heardAtMs,
      startUpMs: () => startUpMs,
      pictureIntervalMs: arrivals.intervalMs,
      keyframeIntervalMs: gop.keyframeIntervalMs,
      heldBackMs: () => (heldBack ? (arrivals.intervalMs() ?? 0) : 0),
      heed: () => () => {},
      losses: () => losses,
      async next(signal) {
        if (over !== null) throw over;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener('abort', wake, { once: true });
          if (signal.aborted) wake();
        });
        signal.throwIfAborted();
        if (over !== null) throw over;
      },
    },
    push: (chunk) => add(splitter.push(chunk, clock.monotonicMs())),
    addPicture: (bytes, at) => add([{ bytes, key: true, beganAtMs: at }]),
    addUnit: (unit) => add([unit]),
    heard() {
      heardAtMs = clock.monotonicMs();
    },
    lost(touched = true) {
      losses += 1;
      gop.lost(touched ? clock.monotonicMs() : null);
    },
    cut(worthless) {
      gop.lost(null);
      if (worthless) gop.forget();
    },
    foreign() {
      foreign = true;
    },
    async silence(signal) {
      for (;;) {
        const now = clock.monotonicMs();
        const leftMs = heardAtMs + longestSilenceMs() - now;
        if (leftMs <= 0) return stopped();
        if (foreign && now - keyAtMs > longestWithoutKeyMs()) return changed();
        await clock.sleep(own === null ? leftMs : Math.min(leftMs, LOOK_MS), signal);
        if (signal.aborted) return null;
      }
    },
    end(why) {
      over = why;
      for (const wake of waiting) wake();
    },
  };
}

export const stopped = () =>
  cameraFailure(
    'timed-out',
    'the camera’s stream has stopped: its newest picture is too old',
    'It is connected anew at once; restart it if this stays.',
  );

const changed = () =>
  cameraFailure(
    'undecodable',
    'the camera sends another codec than it announced',
    'It is connected anew at once, so that it announces what it sends now.',
  );
