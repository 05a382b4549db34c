/**
 * Shows what cameras see while somebody watches.
 *
 * Promise: a watched camera sends a still at most once every `everyMs`, and none later than `forMs` after it was last asked
 * for; stills are never written to the card and never stand in the way of a slot for longer than one picture.
 * When the camera fails, that is sent instead and it is tried again; when the line is down, nothing is sent and it ends.
 */
import type { CameraFault, CameraId, CameraSettings, Still } from '@slowlight/protocol';
import { type Clock, messageOf } from '@slowlight/protocol/kit';
import type { CaptureRequest, CaptureResult, Log, Picture, ShapedPicture } from '../frame.ts';

export interface StillsDeps {
  clock: Clock;
  log: Log;
  /** Null when the settings do not hold it. */
  cameraOf(camera: CameraId): CameraSettings | null;
  take(request: CaptureRequest, signal: AbortSignal): Promise<CaptureResult>;
  /** A picture in the camera's shape, small enough for a still. */
  small(picture: Picture, camera: CameraSettings): Promise<ShapedPicture>;
  /** False when it did not go out: nobody could see it. */
  send(still: Still['body']): boolean;
}

/** Cameras that are watched at once; each takes pictures as fast as it can. */
const MOST_AT_ONCE = 4;
/** How long one still may take, ms. */
const STILL_MS = 15_000;
/** The least pause between two stills of a camera that fails, ms. */
const FAILED_PAUSE_MS = 2000;

export function createStills(deps: StillsDeps) {
  const { clock, log } = deps;
  /** Until when each is watched, monotonic ms. */
  const watched = new Map<CameraId, { everyMs: number; until: number }>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;

  async function show(cameraId: CameraId): Promise<void> {
    log.info({ camera: cameraId }, 'somebody watches the camera');
    for (;;) {
      const wish = watched.get(cameraId);
      const beganAt = clock.monotonicMs();
      if (wish === undefined || wish.until <= beganAt || signal.aborted) break;
      const still = await one(cameraId);
      if (signal.aborted || !deps.send(still)) break;
      const pauseMs = still.result === 'picture' ? wish.everyMs : Math.max(FAILED_PAUSE_MS, wish.everyMs);
      await clock.sleep(Math.min(wish.until, beganAt + pauseMs) - clock.monotonicMs(), signal);
    }
    watched.delete(cameraId);
    log.info({ camera: cameraId }, 'nobody watches the camera any more');
  }

  async function one(cameraId: CameraId): Promise<Still['body']> {
    const failed = (code: CameraFault | 'not-found', hint: string): Still['body'] => ({
      result: 'failed',
      cameraId,
      code: `camera.${code}`,
      hint: hint.slice(0, 500),
    });
    const camera = deps.cameraOf(cameraId);
    if (camera === null) return failed('not-found', 'The agent does not know this camera yet: try again.');
    try {
      const now = clock.now();
      // As if a slot were due now, so that the camera stays connected for the next one.
      const taken = await deps.take({ camera, dueAt: now, deadlineAt: now + STILL_MS }, signal);
      if (taken.kind === 'failed') return failed(taken.code, taken.hint);
      const { bytes, widthPx, heightPx } = await deps.small(taken.picture, camera);
      const takenAt = taken.picture.taken.wall;
      return { result: 'picture', cameraId, takenAt, widthPx, heightPx, jpeg: bytes.toString('base64') };
    } catch (cause) {
      return failed('unsupported', messageOf(cause));
    }
  }

  return {
    watch({ cameraId, everyMs, forMs }: { cameraId: CameraId; everyMs: number; forMs: number }): void {
      if (signal.aborted) return;
      const until = clock.monotonicMs() + forMs;
      const known = watched.has(cameraId);
      if (!known && watched.size >= MOST_AT_ONCE) {
        const hint = `The agent shows ${MOST_AT_ONCE} cameras already: close one of them first.`;
        deps.send({ result: 'failed', cameraId, code: 'live.too-many', hint });
        return;
      }
      watched.set(cameraId, { everyMs, until });
      if (known) return;
      const work = show(cameraId);
      running.add(work);
      void work.finally(() => running.delete(work));
    },
    /** The cameras that are watched now. */
    watched: (): CameraId[] => [...watched.keys()],
    /** Ends when the signal aborts and nothing is shown any more. */
    async run(until: AbortSignal): Promise<void> {
      while (!until.aborted) await clock.sleep(3_600_000, until);
      stopping.abort();
      await Promise.all(running);
    },
  };
}
