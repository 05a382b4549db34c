/**
 * Capture: a camera and a moment in, the picture of that moment out.
 *
 * Promise: `take` gives a whole picture of its moment, or says by code and hint why not; it never throws for what a camera
 * does wrong, and ends by the deadline. Cameras do not wait for each other; only decoders are limited. What is learnt of a
 * camera goes when its address or login changes. After `close` no process and no connection is left.
 */
import type { CameraId, CameraSettings } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Capture, CaptureRequest, CaptureResult, Log, Moment } from '../frame.ts';
import { sourceMaker } from './make-source.ts';
import { createNetworks, PRIVATE_NETWORKS } from './networks.ts';
import { ownAddresses } from './own-addresses.ts';
import type { Attempt, Probe, Source } from './source.ts';
import { createDecoders } from './tap/decoders.ts';
import type { RgbPicture } from './tap/ppm.ts';
import { waitBeforeNextTry } from './tries.ts';

export interface CaptureDeps {
  clock: Clock;
  /** Now, as honestly as this device can say. */
  moment: () => Moment;
  /** The camera's password; null when it has none, or when it cannot be opened with this agent's key. */
  unsealPassword: (camera: CameraSettings) => string | null;
  /** @throws when this is no whole JPEG */
  decodeJpeg: (bytes: Buffer) => Promise<RgbPicture>;
  log: Log;
  /** Between 0 and 1; default: random. */
  random?: () => number;
}

export interface CaptureOptions {
  /** Where ffmpeg lies; default: found in the PATH. */
  ffmpegPath?: string;
  /** Decoders that may run at once. */
  mostDecoders?: number;
  /** A camera whose slots are at most this far apart stays connected between them, ms; 0: never. */
  warmIntervalMs?: number;
  /** PEM; trusted for `rtsps` and `https` besides the authorities that the run time and the system know. */
  certificates?: readonly string[];
  /** Where cameras may be, as `createNetworks` reads it. */
  networks?: readonly string[];
  /** The most that the running GOP of one camera may hold. */
  mostGopBytes?: number;
  /** The most that decoding one picture may take, ms; beyond it the keyframe is used. */
  mostDecodeMs?: number;
}

export interface CaptureRoom extends Capture {
  /** Whether the camera's connection stays open between its slots now. */
  modeOf(camera: CameraSettings): 'warm' | 'cold';
  /** Connects once and takes one picture. Rejects only with the signal's reason. */
  probeCamera(camera: CameraSettings, signal: AbortSignal): Promise<Probe>;
  close(): Promise<void>;
}

const WARM_INTERVAL_MS = 10_000;
/** About ten seconds of 4K, or half a minute of 1080p. */
const MOST_GOP_BYTES = 24 * 1024 * 1024;
const OLDEST_GOP_MS = 30_000;
const MOST_DECODE_MS = 3000;
/** A decoder that nobody needed for so long is ended. */
const DECODER_IDLE_MS = 90_000;

export function createCapture(deps: CaptureDeps, options: CaptureOptions = {}): CaptureRoom {
  const { clock } = deps;
  const { ffmpegPath } = options;
  const decoders = createDecoders(clock, { most: options.mostDecoders ?? 2, idleMs: DECODER_IDLE_MS, ffmpegPath });
  const makeSource = sourceMaker(
    { ...deps, decoders, random: deps.random ?? Math.random },
    {
      ffmpegPath,
      certificates: options.certificates ?? [],
      networks: createNetworks(options.networks ?? PRIVATE_NETWORKS, ownAddresses),
      warmIntervalMs: options.warmIntervalMs ?? WARM_INTERVAL_MS,
      mostDecodeMs: options.mostDecodeMs ?? MOST_DECODE_MS,
      gopLimits: { mostBytes: options.mostGopBytes ?? MOST_GOP_BYTES, mostAgeMs: OLDEST_GOP_MS },
    },
  );
  const sizes = new Map<CameraId, string>();
  const sources = new Map<CameraId, { madeFrom: string; source: Source }>();
  const closing = new Set<Promise<void>>();

  async function take(
    { camera, dueAt, deadlineAt, afresh = false }: CaptureRequest,
    signal: AbortSignal,
  ): Promise<CaptureResult> {
    const source = sourceOf(camera);
    let telling: Extract<Attempt, { kind: 'failed' }> | null = null;
    for (let tries = 1; ; tries += 1) {
      const attempt = await source.attempt({ dueAt, deadlineAt, first: tries === 1, afresh }, signal);
      if (attempt.kind === 'picture') {
        noteSize(camera.id, attempt.picture);
        return { ...attempt, tries };
      }
      // A try that only ran out of time says less than what went wrong before it.
      telling = telling !== null && attempt.code === 'timed-out' ? telling : attempt;
      const { code, hint } = telling;
      const waitMs = waitBeforeNextTry({ tries, retry: attempt.retry, now: clock.now(), deadlineAt });
      if (waitMs === null) return { kind: 'failed', code, hint, tries };
      await clock.sleep(waitMs, signal);
      signal.throwIfAborted();
    }
  }

  function sourceOf(camera: CameraSettings): Source {
    const madeFrom = JSON.stringify([camera.source, camera.credentials]);
    const known = sources.get(camera.id);
    if (known?.madeFrom === madeFrom) return known.source;
    if (known !== undefined) end(known.source);
    const source = makeSource(camera);
    sources.set(camera.id, { madeFrom, source });
    return source;
  }

  function noteSize(camera: CameraId, { widthPx, heightPx }: { widthPx: number; heightPx: number }): void {
    const size = `${widthPx} × ${heightPx}`;
    const before = sizes.get(camera);
    sizes.set(camera, size);
    if (before === undefined || before === size) return;
    deps.log.warn({ camera, before, now: size }, 'the camera sends pictures of another size');
  }

  function end(source: Source): void {
    const done: Promise<void> = source.close().finally(() => closing.delete(done));
    closing.add(done);
  }

  return {
    leadMs: (camera) => sourceOf(camera).leadMs(),
    modeOf: (camera) => sourceOf(camera).mode(),
    take,
    probeCamera: (camera, signal) => sourceOf(camera).probe(signal),
    keepOnly(cameras) {
      const kept = new Set(cameras);
      for (const [id, { source }] of sources) {
        if (kept.has(id)) continue;
        sources.delete(id);
        sizes.delete(id);
        end(source);
      }
    },
    async close() {
      for (const { source } of sources.values()) end(source);
      sources.clear();
      await Promise.all(closing);
      await decoders.close();
    },
  };
}
