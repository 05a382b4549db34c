/** What a message from a house asks for, and how often it may ask. Pure but for the clock that is given. */
import { type CameraId, MAX_INTERVAL_MS } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { CommandName } from './topics.ts';

export type HomeCommand =
  | { name: 'capture' | 'render'; camera: CameraId }
  | { name: 'paused'; camera: CameraId; paused: boolean }
  | { name: 'interval'; camera: CameraId; everyMs: number };

/** What is answered to a command, on a topic that is not retained. */
export interface CommandAnswer {
  command: CommandName;
  result: 'accepted' | 'refused';
  /** Why not, in words and as a code. */
  code: string | null;
  message: string | null;
  at: string;
}

/** Longer is none of our commands. */
const MOST_CHARACTERS = 32;

/** Reads the payload of a command. A text: what is wrong with it. */
export function readCommand(
  { camera, name }: { camera: CameraId; name: CommandName },
  payload: string,
): HomeCommand | string {
  const said = payload.length > MOST_CHARACTERS ? '' : payload.trim();
  switch (name) {
    case 'capture':
    case 'render':
      return said === 'PRESS' ? { name, camera } : 'must be PRESS';
    case 'paused':
      return said === 'ON' || said === 'OFF' ? { name, camera, paused: said === 'ON' } : 'must be ON or OFF';
    case 'interval': {
      const seconds = /^\d{1,6}(\.\d{1,3})?$/.test(said) ? Number(said) : Number.NaN;
      const everyMs = Math.round(seconds * 1000);
      if (!Number.isFinite(everyMs) || everyMs < 1 || everyMs > MAX_INTERVAL_MS)
        return `must be seconds, ${MAX_INTERVAL_MS / 1000} at most`;
      return { name, camera, everyMs };
    }
  }
}

/** A bucket of so many; one more is put in after each `refillMs`. */
const LIMITS: Record<CommandName, { burst: number; refillMs: number }> = {
  capture: { burst: 5, refillMs: 2000 },
  render: { burst: 2, refillMs: 60_000 },
  paused: { burst: 5, refillMs: 2000 },
  interval: { burst: 5, refillMs: 2000 },
};

/** Whether a command of this name may be taken for this camera now. Buckets that are full again are forgotten. */
export function createRateLimit(clock: Pick<Clock, 'monotonicMs'>): (name: CommandName, camera: CameraId) => boolean {
  const emptyUntil = new Map<string, number>();
  return (name, camera) => {
    const now = clock.monotonicMs();
    const { burst, refillMs } = LIMITS[name];
    if (emptyUntil.size > 1000) for (const [key, until] of emptyUntil) if (until <= now) emptyUntil.delete(key);
    const key = `${name} ${camera}`;
    // The moment at which the bucket would be full again.
    const full = Math.max(now, emptyUntil.get(key) ?? now);
    if (full + refillMs > now + burst * refillMs) return false;
    emptyUntil.set(key, full + refillMs);
    return true;
  };
}
