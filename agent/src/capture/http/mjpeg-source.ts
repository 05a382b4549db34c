/** The source for cameras that send JPEG after JPEG over HTTP (`multipart/x-mixed-replace`): a tap on what comes. */
import type { IncomingMessage } from 'node:http';
import { deadline } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import type { Login } from '../login.ts';
import type { Source } from '../source.ts';
import type { GopLimits } from '../tap/running-gop.ts';
import { createIntake, type Tap } from '../tap/tap.ts';
import { createTapSource, type TapSourceDeps, type TapSourceOptions } from '../tap/tap-source.ts';
import type { Trust } from '../trust.ts';
import { askOverHttp } from './ask.ts';
import { boundaryOf, createMultipartReader } from './multipart.ts';

export interface MjpegSourceOptions extends TapSourceOptions {
  url: string;
  /** Read anew for each connection. @throws Failure `capture.unauthorised` */
  login: () => Login | null;
  trust: Trust;
  limits: GopLimits;
}

const CONNECT_MS = 10_000;

export function createMjpegSource(deps: Omit<TapSourceDeps, 'open' | 'tooSlow'>, options: MjpegSourceOptions): Source {
  const { clock } = deps;

  async function open(signal: AbortSignal): Promise<Tap> {
    const beganAtMs = clock.monotonicMs();
    const limit = deadline(clock, CONNECT_MS, signal);
    try {
      const { url, trust, limits } = options;
      const asking = { url, trust, login: options.login(), accept: 'multipart/x-mixed-replace' };
      const answer = await askOverHttp(asking, limit.signal);
      const boundary = boundaryOf(answer.headers['content-type']);
      if (boundary === null) {
        answer.destroy();
        throw noStream();
      }
      const intake = createIntake({ clock, codec: 'mjpeg', parameterSets: Buffer.alloc(0), beganAtMs, limits });
      return follow(answer, boundary, intake);
    } catch (cause) {
      signal.throwIfAborted();
      throw limit.signal.aborted ? silent() : cause;
    } finally {
      limit.clear();
    }
  }

  function follow(answer: IncomingMessage, boundary: string, intake: ReturnType<typeof createIntake>): Tap {
    const reader = createMultipartReader(boundary);
    const stop = new AbortController();
    const done = Promise.withResolvers<Error>();
    const end = (why: Error) => {
      done.resolve(why);
      stop.abort();
      answer.destroy();
    };
    answer.on('data', (chunk: Buffer) => {
      try {
        for (const part of reader.push(chunk)) intake.addPicture(part, clock.monotonicMs());
      } catch {
        end(noStream());
      }
    });
    answer.once('close', () => end(streamEnded()));
    void intake.silence(stop.signal).then((why) => {
      if (why !== null) end(why);
    });
    const ended = done.promise.then((why) => {
      intake.end(why);
      return why;
    });
    return {
      ...intake.tap,
      ended,
      async close() {
        end(streamEnded());
        await ended;
      },
    };
  }

  return createTapSource({ ...deps, open, tooSlow: silent }, options);
}

const noStream = () =>
  cameraFailure(
    'unsupported',
    'what the camera gives is no stream of JPEGs',
    'Check the path: it must give multipart/x-mixed-replace; a single picture is a camera of kind snapshot.',
  );

const silent = () =>
  cameraFailure(
    'timed-out',
    'the camera took the connection but sends no picture',
    'It may hang or have too many viewers: switch its power off and on.',
  );

const streamEnded = () =>
  cameraFailure('unreachable', 'the camera ended the stream', 'It or the network closed it: it is tried again.');
