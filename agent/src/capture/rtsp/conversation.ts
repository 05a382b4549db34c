/**
 * What we say to a camera and what it answers, over one line.
 *
 * Promise: one request at a time, in order; a request that is asked for a login is said again with it, once (and once more
 * when the camera says that only its nonce is stale); packets go to whoever listens. The password leaves this file only
 * inside an `Authorization` header, to the camera.
 * When the line breaks, whoever waits gets the failure, and `closed` resolves.
 */
import { randomBytes } from 'node:crypto';
import { cameraFailure } from '../camera-failure.ts';
import { authorization, type Challenge, chooseChallenge, type Login } from '../login.ts';
import type { Line, Looked } from './line.ts';
import {
  createRtspReader,
  header,
  type OnPacket,
  type RtspHeaders,
  type RtspMessage,
  writeRequest,
  writeResponse,
} from './message.ts';

export interface CameraAnswer {
  status: number;
  reason: string;
  headers: RtspHeaders;
  body: Buffer;
}

export interface Conversation {
  /** @throws Failure `capture.unreachable` | `capture.unsupported`, or the signal's reason */
  ask(request: CameraRequest, signal: AbortSignal): Promise<CameraAnswer>;
  /** Sends a packet (RTCP) as it is. */
  send(packet: Buffer): void;
  onPacket(listener: OnPacket): void;
  /** Monotonic ms: when what is being read was read, and when the line was empty last. */
  lookedAtMs(): Looked;
  /** How long to leave between two looks at what the camera has sent, ms; 0: none. */
  lookEvery(ms: number): void;
  pause(): void;
  resume(): void;
  /** Resolves when the line is closed, by whomever; with why, where that was a fault. */
  closed: Promise<Error | null>;
  close(): void;
}

export interface CameraRequest {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string | null>>;
}

const USER_AGENT = 'Slowlight';

export function createConversation(
  { socket: line, onBytes, lookEvery, lookedAtMs }: Line,
  login: Login | null,
): Conversation {
  const reader = createRtspReader();
  let cseq = 0;
  let challenge: Challenge | null = null;
  let nonceCount = 0;
  let waiting: { cseq: number; resolve: (answer: CameraAnswer) => void } | null = null;
  let listener: OnPacket = () => {};
  const pass: OnPacket = (bytes, from, to) => listener(bytes, from, to);
  let fault: Error | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const closed = new Promise<Error | null>((resolve) => {
    if (line.destroyed) resolve(null);
    else line.once('close', () => resolve(fault));
  });
  const hungUp = closed.then((why) => {
    throw (
      why ??
      cameraFailure(
        'unreachable',
        'the camera closed the connection without an answer',
        'It may be restarting or have too many viewers: try again in a minute.',
      )
    );
  });
  hungUp.catch(() => {});

  onBytes((chunk) => {
    try {
      for (const message of reader.read(chunk, pass)) take(message);
    } catch (cause) {
      fault = cameraFailure(
        'unsupported',
        'what answers there does not speak RTSP',
        'Check the port: RTSP is mostly 554, while 80 and 443 are the camera’s web page.',
        cause,
      );
      line.destroy();
    }
  });

  function take(message: RtspMessage): void {
    if (message.kind === 'packet') return;
    if (message.kind === 'request') {
      const headers = { CSeq: header(message.headers, 'cseq') };
      line.write(writeResponse({ status: 501, reason: 'Not Implemented', headers }));
      return;
    }
    // Some cameras leave CSeq out; an answer to something that we no longer wait for is dropped.
    const named = header(message.headers, 'cseq');
    if (waiting === null || (named !== null && Number(named) !== waiting.cseq) || message.status < 200) return;
    waiting.resolve(message);
    waiting = null;
  }

  async function say({ method, url, headers = {} }: CameraRequest, signal: AbortSignal): Promise<CameraAnswer> {
    signal.throwIfAborted();
    cseq += 1;
    nonceCount += 1;
    const asked = { method, url, count: nonceCount, cnonce: randomBytes(8).toString('hex') };
    const proof = challenge !== null && login !== null ? authorization(challenge, login, asked) : null;
    const answered = new Promise<CameraAnswer>((resolve) => {
      waiting = { cseq, resolve };
    });
    line.write(
      writeRequest({
        method,
        url,
        headers: { CSeq: String(cseq), 'User-Agent': USER_AGENT, Authorization: proof, ...headers },
      }),
    );
    return await unlessAborted(Promise.race([answered, hungUp]), signal);
  }

  async function askWithLogin(request: CameraRequest, signal: AbortSignal): Promise<CameraAnswer> {
    let answer = await say(request, signal);
    for (let attempt = 0; attempt < 2 && answer.status === 401 && login !== null; attempt += 1) {
      const challenges = answer.headers.get('www-authenticate') ?? [];
      const hadProof = challenge !== null;
      const stale = challenges.some((one) => /stale\s*=\s*"?true/i.test(one));
      if (hadProof && !stale) return answer;
      challenge = chooseChallenge(challenges);
      nonceCount = 0;
      if (challenge === null) return answer;
      answer = await say(request, signal);
    }
    return answer;
  }

  return {
    ask(request, signal) {
      const turn = queue.then(() => askWithLogin(request, signal));
      queue = turn.catch(() => {});
      return turn;
    },
    send(packet) {
      if (line.writable) line.write(packet);
    },
    onPacket(next) {
      listener = next;
    },
    lookEvery,
    lookedAtMs,
    pause: () => line.pause(),
    resume: () => line.resume(),
    closed,
    close: () => line.destroy(),
  };
}

/** @throws the signal's reason as soon as it aborts */
async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let leave = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason);
    leave = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    leave();
  }
}
