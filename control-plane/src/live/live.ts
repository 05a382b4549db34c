/**
 * What cameras show while somebody watches.
 *
 * Promise: whoever looks gets the newest still of the camera, or why there is none; the agent is asked again as long as
 * somebody looks, and stops by itself when nobody has looked for 15 s.
 * Invariants: stills are in memory alone, one for each camera that is watched, and at most 100 cameras are; a still counts
 * only when it came from the camera's own agent.
 * When it fails: a lost still is replaced by the next; a lost request is repeated; whoever waits in vain is told so.
 */
import {
  type AgentCommand,
  type AgentId,
  type CameraId,
  newCommandId,
  readAgentTopic,
  still,
} from '@slowlight/protocol';
import { type Clock, Failure, messageOf } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

export interface LiveDeps {
  clock: Clock;
  log: Log;
  /** Resolves when the broker has the command. @throws Failure `broker.unreachable` */
  send(agent: AgentId, command: AgentCommand): Promise<void>;
}

export type Look =
  | { kind: 'still'; jpeg: Buffer; etag: string; takenAt: number }
  /** Nothing newer than what the viewer has came in time. */
  | { kind: 'same' }
  | { kind: 'failed'; code: string; hint: string }
  /** The agent has not answered yet. */
  | { kind: 'nothing' };

/** How far apart stills are, ms. */
const EVERY_MS = 1000;
/** How long the agent goes on when nobody looks any more, ms; and how often it is asked while somebody does. */
const FOR_MS = 15_000;
const ASK_AGAIN_MS = 5000;
/** What was seen longer ago is not shown as what is to be seen now, ms. */
const FRESH_MS = 10_000;
const MOST_WATCHED = 100;

interface Watched {
  agent: AgentId;
  lookedAt: number;
  askedAt: number;
  newest: { look: Exclude<Look, { kind: 'same' | 'nothing' }>; number: number; at: number } | null;
  waiting: Set<() => void>;
}

export function createLive({ clock, log, send }: LiveDeps) {
  const watched = new Map<CameraId, Watched>();
  const mark = crypto.randomUUID().slice(0, 8);
  let number = 0;

  function forget(): void {
    for (const [camera, { lookedAt, waiting }] of watched)
      if (waiting.size === 0 && clock.monotonicMs() - lookedAt > FOR_MS) watched.delete(camera);
  }

  function watch(camera: CameraId, agent: AgentId): Watched {
    const known = watched.get(camera);
    if (known?.agent === agent) return known;
    if (watched.size >= MOST_WATCHED) throw tooMany();
    const begun: Watched = { agent, lookedAt: 0, askedAt: Number.NEGATIVE_INFINITY, newest: null, waiting: new Set() };
    watched.set(camera, begun);
    return begun;
  }

  async function ask(camera: CameraId, of: Watched): Promise<void> {
    const now = clock.monotonicMs();
    if (now - of.askedAt < ASK_AGAIN_MS) return;
    of.askedAt = now;
    try {
      await send(of.agent, {
        v: 1,
        type: 'watch-camera',
        id: newCommandId(),
        expiresAt: clock.now() + FOR_MS,
        body: { cameraId: camera, everyMs: EVERY_MS, forMs: FOR_MS },
      });
    } catch (thrown) {
      of.askedAt = Number.NEGATIVE_INFINITY;
      throw thrown;
    }
  }

  function newerThan(has: string | null, { newest }: Watched): Look | null {
    if (newest === null || clock.monotonicMs() - newest.at > FRESH_MS) return null;
    return newest.look.kind === 'still' && newest.look.etag === has ? null : newest.look;
  }

  function next(of: Watched, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        of.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      of.waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  return {
    /**
     * Looks once, and keeps the camera watched.
     * @param has the etag of what the viewer has; null: nothing
     * @param waitMs how long to wait for something newer
     * @throws Failure `live.too-many` | `broker.unreachable`
     */
    async look(
      { camera, agent, has, waitMs }: { camera: CameraId; agent: AgentId; has: string | null; waitMs: number },
      signal: AbortSignal,
    ): Promise<Look> {
      forget();
      const of = watch(camera, agent);
      of.lookedAt = clock.monotonicMs();
      await ask(camera, of);
      const over = new AbortController();
      const until = AbortSignal.any([signal, over.signal]);
      void clock.sleep(waitMs, until).then(() => over.abort());
      let found = newerThan(has, of);
      while (found === null && !until.aborted) {
        await next(of, until);
        found = newerThan(has, of);
      }
      over.abort();
      if (found !== null) return found;
      return newerThan(null, of) === null ? { kind: 'nothing' } : { kind: 'same' };
    },

    /** What came in on an agent's topic; what is no still, or of nobody's interest, is left. */
    hear(topic: string, payload: Uint8Array): void {
      const from = readAgentTopic(topic);
      if (from?.kind !== 'stills') return;
      forget();
      if (watched.size === 0) return;
      const read = readStill(payload);
      if (read === null) {
        log.warn({ agent: from.agent, bytes: payload.length }, 'a still cannot be read and was left');
        return;
      }
      const of = watched.get(read.cameraId);
      if (of === undefined || of.agent !== from.agent) return;
      number += 1;
      of.newest = { look: lookOf(read, `"${mark}-${number}"`), number, at: clock.monotonicMs() };
      for (const done of [...of.waiting]) done();
    },
    /** How many cameras are watched now. */
    watched(): number {
      forget();
      return watched.size;
    },
  };
}
export type Live = ReturnType<typeof createLive>;

type StillBody = NonNullable<ReturnType<typeof readStill>>;

function lookOf(read: StillBody, etag: string): Exclude<Look, { kind: 'same' | 'nothing' }> {
  if (read.result === 'failed') return { kind: 'failed', code: read.code, hint: read.hint };
  return { kind: 'still', jpeg: Buffer.from(read.jpeg, 'base64'), etag, takenAt: read.takenAt };
}

function readStill(payload: Uint8Array) {
  try {
    const read = still.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
    if (!read.success) return null;
    const { body } = read.data;
    return body.result === 'picture' && !isJpeg(body.jpeg) ? null : body;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw new Error(`a still could not be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** It is given to browsers as a JPEG: it has to begin as one. */
const isJpeg = (base64: string): boolean => base64.startsWith('/9j/');

const tooMany = () =>
  new Failure({
    code: 'live.busy',
    message: `more than ${MOST_WATCHED} cameras are watched already`,
    hint: 'Wait until somebody has stopped watching, or look at the newest frame instead.',
    retry: 'later',
  });
