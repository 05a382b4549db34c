/**
 * What a check has learnt about a camera, kept over a restart.
 * Promise: what matters is written at once, the rest every ten minutes at most, so that a card is not worn; after a power cut
 * a check knows at least what it knew then. A past that cannot be read is none, and one that cannot be written costs no frame:
 * both are said once in the log, and the check goes on from memory.
 */
import type { CameraId } from '@slowlight/protocol';
import { type Clock, messageOf } from '@slowlight/protocol/kit';
import type { z } from 'zod';
import type { Log } from '../frame.ts';

const EVERY_MS = 10 * 60_000;

export interface KeepsakeDeps {
  clock: Pick<Clock, 'now'>;
  log: Log;
  /** Null where nothing was ever written. */
  read(camera: CameraId, kind: string): string | null;
  write(camera: CameraId, kind: string, body: string): void;
}

export interface Keepsake<Past> {
  /** What was last written; null where there is nothing, or nothing that can be read. */
  read(camera: CameraId): Past | null;
  /** `atOnce`: this changes what is told; without it, it is written when the last time is long enough ago. */
  keep(camera: CameraId, past: () => Past, atOnce: boolean): void;
}

/** For those who are content with memory. */
export const NO_KEEPSAKE: Keepsake<never> = { read: () => null, keep() {} };

/** @param kind names the past of one check; `schema` reads it (text is JSON) and is what it is written as */
export function createKeepsake<Past>(
  { clock, log, read, write }: KeepsakeDeps,
  { kind, schema }: { kind: string; schema: z.ZodType<Past> },
): Keepsake<Past> {
  const writtenAt = new Map<CameraId, number>();
  let said = false;
  const fail = (camera: CameraId, cause: unknown, what: string) => {
    if (!said) log.warn({ camera, kind }, `${what}, going on from memory: ${messageOf(cause)}`);
    said = true;
  };
  return {
    read(camera) {
      try {
        const body = read(camera, kind);
        return body === null ? null : schema.parse(JSON.parse(body));
      } catch (cause) {
        fail(camera, cause, 'what was learnt about a camera cannot be read');
        return null;
      }
    },
    keep(camera, past, atOnce) {
      const now = clock.now();
      const last = writtenAt.get(camera) ?? now;
      if (!writtenAt.has(camera)) writtenAt.set(camera, now);
      // A clock that was set back must not silence it.
      if (!atOnce && Math.abs(now - last) < EVERY_MS) return;
      writtenAt.set(camera, now);
      try {
        write(camera, kind, JSON.stringify(past()));
      } catch (cause) {
        fail(camera, cause, 'what was learnt about a camera cannot be written');
      }
    },
  };
}
