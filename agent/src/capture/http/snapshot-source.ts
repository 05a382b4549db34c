/**
 * The source for cameras that give one JPEG for one HTTP request. It is asked at the slot, so the picture shows the moment
 * after it by as much as the camera needs.
 *
 * Promise: the picture is one whole JPEG, in bounds of bytes and time; its moment is when its first bytes came.
 */
import type { IncomingMessage } from 'node:http';
import { type Clock, deadline, messageOf } from '@slowlight/protocol/kit';
import type { Moment } from '../../frame.ts';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import type { Login } from '../login.ts';
import type { Attempt, Probe, Source, Wish } from '../source.ts';
import type { Decoders } from '../tap/decoders.ts';
import type { RgbPicture } from '../tap/ppm.ts';
import type { Trust } from '../trust.ts';
import { askOverHttp } from './ask.ts';

export interface SnapshotSourceDeps {
  clock: Clock;
  moment: () => Moment;
  decoders: Pick<Decoders, 'pass'>;
  /** @throws when this is no whole JPEG */
  decodeJpeg: (bytes: Buffer) => Promise<RgbPicture>;
}

export interface SnapshotSourceOptions {
  url: string;
  /** Read anew for each request. @throws Failure `capture.unauthorised` */
  login: () => Login | null;
  trust: Trust;
}

const TRY_MS = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;

export function createSnapshotSource(deps: SnapshotSourceDeps, { url, login, trust }: SnapshotSourceOptions): Source {
  const { clock, moment, decoders, decodeJpeg } = deps;
  const closed = new AbortController();

  async function attempt({ dueAt, deadlineAt }: Wish, signal: AbortSignal): Promise<Attempt> {
    if (dueAt !== null) await clock.sleep(dueAt - clock.now(), signal);
    signal.throwIfAborted();
    const limit = deadline(clock, Math.min(TRY_MS, deadlineAt - clock.now()), AbortSignal.any([signal, closed.signal]));
    let asked = false;
    try {
      const answer = await askOverHttp({ url, login: login(), trust, accept: 'image/jpeg' }, limit.signal);
      asked = true;
      const taken = moment();
      const bytes = await readBody(answer, limit.signal);
      const picture = await decoders.pass(() => decodeJpeg(bytes).catch(refuseBroken), limit.signal);
      return { kind: 'picture', picture: { ...picture, taken } };
    } catch (thrown) {
      signal.throwIfAborted();
      const problem = problemOf(thrown) ?? problemOf(limit.signal.aborted ? tooLate(asked) : thrown);
      if (problem === null) throw thrown;
      return { kind: 'failed', ...problem };
    } finally {
      limit.clear();
    }
  }

  async function probe(signal: AbortSignal): Promise<Probe> {
    const beganAtMs = clock.monotonicMs();
    const deadlineAt = clock.now() + TRY_MS;
    const seen = await attempt({ dueAt: null, deadlineAt, first: true, afresh: false }, signal);
    if (seen.kind === 'failed') return { kind: 'failed', code: seen.code, hint: seen.hint };
    const { widthPx, heightPx, letGo } = seen.picture;
    letGo?.();
    const ms = Math.round(clock.monotonicMs() - beganAtMs);
    return { kind: 'ok', widthPx, heightPx, codec: 'jpeg', ms, keyframeIntervalMs: null };
  }

  return {
    leadMs: () => 0,
    mode: () => 'cold',
    attempt,
    probe,
    async close() {
      closed.abort();
    },
  };
}

async function readBody(answer: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const stop = () => answer.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > MOST_BYTES) throw tooLarge();
      pieces.push(piece);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw problemOf(cause) === null ? cutShort(cause) : cause;
  } finally {
    signal.removeEventListener('abort', stop);
    answer.destroy();
  }
  signal.throwIfAborted();
  return Buffer.concat(pieces);
}

function refuseBroken(cause: unknown): never {
  throw cameraFailure(
    'undecodable',
    `what the camera gave is no whole JPEG (${messageOf(cause).slice(0, 120)})`,
    'Check the path of its snapshot: it must give one JPEG; and the network where this comes and goes.',
    cause,
  );
}

const cutShort = (cause: unknown) =>
  cameraFailure(
    'unreachable',
    'the connection broke while the picture came',
    'Check the cable and the network; it is tried again.',
    cause,
  );

const tooLarge = () =>
  cameraFailure(
    'unsupported',
    'the camera’s answer is larger than any picture',
    'Check the path: a stream of pictures is a camera of kind MJPEG.',
  );

const tooLate = (asked: boolean) =>
  asked
    ? cameraFailure(
        'timed-out',
        'the camera’s picture did not come in time',
        'The network is slow, or the address gives a stream: that is a camera of kind MJPEG.',
      )
    : cameraFailure(
        'timed-out',
        'the camera does not answer',
        'Check its power, network cable and address; it may hang: switch its power off and on.',
      );
