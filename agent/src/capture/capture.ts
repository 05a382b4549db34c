/**
 * Capture: a camera and a moment in, the picture of that moment out.
 *
 * Promise: `take` gives a whole picture of its moment, or says by code and hint why not; it never throws for what a camera
 * does wrong, and ends by the deadline. Cameras do not wait for each other; only decoders are limited. What is learnt of a
 * camera goes when its address or login changes. After `close` no process and no connection is left.
 */
import type { CameraId, CameraSettings } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Capture, CaptureRequest, CaptureResult, Moment } from '../frame.ts';
import { cameraFailure } from './camera-failure.ts';
import type { Login } from './rtsp/login.ts';
import { createRtspSource } from './rtsp/rtsp-source.ts';
import type { Attempt, Probe, Source } from './source.ts';
import { createTestSource } from './test-source.ts';
import { waitBeforeNextTry } from './tries.ts';
import { createTurnstile } from './turnstile.ts';

export interface CaptureDeps {
  clock: Clock;
  /** Now, as honestly as this device can say. */
  moment: () => Moment;
  /** The camera's password; null when it has none, or when it cannot be opened with this agent's key. */
  unsealPassword: (camera: CameraSettings) => string | null;
}

export interface CaptureOptions {
  /** Where ffmpeg lies; default: found in the PATH. */
  ffmpegPath?: string;
  /** Decoders that may run at once. */
  mostDecoders?: number;
  /** A camera whose slots are at most this far apart stays connected between them, ms; 0: never. */
  warmIntervalMs?: number;
  /** PEM; trusted for `rtsps` besides the authorities that the run time knows. */
  certificates?: readonly string[];
}

export interface CaptureRoom extends Capture {
  /** Connects once and takes one picture. Rejects only with the signal's reason. */
  probeCamera(camera: CameraSettings, signal: AbortSignal): Promise<Probe>;
  close(): Promise<void>;
}

export function createCapture(deps: CaptureDeps, options: CaptureOptions = {}): CaptureRoom {
  const { clock, moment } = deps;
  const { certificates = [], ffmpegPath, warmIntervalMs = 10_000 } = options;
  const decoders = createTurnstile(options.mostDecoders ?? 2);
  const sources = new Map<CameraId, { madeFrom: string; source: Source }>();
  const closing = new Set<Promise<void>>();

  async function take({ camera, dueAt, deadlineAt }: CaptureRequest, signal: AbortSignal): Promise<CaptureResult> {
    const source = sourceOf(camera);
    let telling: Extract<Attempt, { kind: 'failed' }> | null = null;
    for (let tries = 1; ; tries += 1) {
      const attempt = await source.attempt({ dueAt, deadlineAt, first: tries === 1 }, signal);
      if (attempt.kind === 'picture') return { ...attempt, tries };
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

  function makeSource(camera: CameraSettings): Source {
    switch (camera.source.kind) {
      case 'test':
        return createTestSource({ clock, moment }, camera.source);
      case 'rtsp':
        return createRtspSource(
          { clock, moment, decoders },
          {
            url: camera.source.url,
            login: () => loginOf(camera),
            certificates,
            warmIntervalMs,
            ...(ffmpegPath !== undefined && { ffmpegPath }),
          },
        );
    }
  }

  function loginOf(camera: CameraSettings): Login | null {
    if (camera.credentials === null) return null;
    const password = deps.unsealPassword(camera);
    if (password !== null) return { username: camera.credentials.username, password };
    throw cameraFailure(
      'unauthorised',
      'the camera’s password was sealed for another agent',
      'Type the password in again.',
    );
  }

  function end(source: Source): void {
    const done: Promise<void> = source.close().finally(() => closing.delete(done));
    closing.add(done);
  }

  return {
    leadMs: (camera) => sourceOf(camera).leadMs(),
    take,
    probeCamera: (camera, signal) => sourceOf(camera).probe(signal),
    keepOnly(cameras) {
      const kept = new Set(cameras);
      for (const [id, { source }] of sources) {
        if (kept.has(id)) continue;
        sources.delete(id);
        end(source);
      }
    },
    async close() {
      for (const { source } of sources.values()) end(source);
      sources.clear();
      await Promise.all(closing);
    },
  };
}
