/**
 * Asks a camera for something over HTTP or HTTPS: one request, and once more with its login when the camera asks for one.
 *
 * Promise: the address that was checked is the one that is used; no redirect is followed; the password leaves only inside an
 * `Authorization` header, to the camera, and where Digest is offered never in clear. The connection lives as long as the answer.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { systemCode } from '@slowlight/protocol/kit';
import { type CameraAddress, readAddress } from '../address.ts';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import { connect, secure } from '../connect.ts';
import { authorization, type Challenge, chooseChallenge, type Login } from '../login.ts';
import type { Trust } from '../trust.ts';

// An `import` of it would load all that it offers, among it a second client for HTTP: 9 MB.
const http = process.getBuiltinModule('node:http');

export interface AskOptions {
  url: string;
  login: Login | null;
  trust: Trust;
  /** What is wanted, for `Accept`. */
  accept: string;
}

/** Resolves with an answer of status 200, its body still to be read. @throws Failure `capture.*`; the signal's reason */
export async function askOverHttp(options: AskOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const address = readAddress(options.url, 'http');
  const { login } = options;
  const answer = await say(address, options, null, signal);
  const challenge = answer.statusCode === 401 && login !== null ? chooseChallenge(challengesOf(answer)) : null;
  if (challenge === null || login === null) return good(answer, login);
  answer.destroy();
  const proof = proofOf(challenge, login, address);
  return good(await say(address, options, proof, signal), login);
}

async function say(
  address: CameraAddress,
  { trust, accept }: AskOptions,
  proof: string | null,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const line = await openLine(address, trust, signal);
  try {
    const request = http.request({
      createConnection: () => line,
      method: 'GET',
      path: pathOf(address),
      headers: {
        Host: new URL(address.url).host,
        Accept: accept,
        'User-Agent': 'Slowlight',
        Connection: 'close',
        ...(proof !== null && { Authorization: proof }),
      },
    });
    request.on('error', () => {});
    const [answer] = (await Promise.race([
      once(request.end(), 'response', { signal }),
      once(line, 'close', { signal }).then(() => {
        throw hungUp();
      }),
    ])) as [IncomingMessage];
    answer.on('error', () => {});
    return answer;
  } catch (cause) {
    line.destroy();
    signal.throwIfAborted();
    if (problemOf(cause) !== null) throw cause;
    throw systemCode(cause) === 'ECONNRESET' ? hungUp() : notHttp(cause);
  }
}

async function openLine(address: CameraAddress, trust: Trust, signal: AbortSignal): Promise<Socket> {
  const line = await connect(address, trust.networks, signal);
  return address.secure ? await secure(line, address, trust, signal) : line;
}

function pathOf({ url }: CameraAddress): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

function proofOf(challenge: Challenge, login: Login, address: CameraAddress): string {
  const asked = { method: 'GET', url: pathOf(address), count: 1, cnonce: randomBytes(8).toString('hex') };
  return authorization(challenge, login, asked);
}

/** Node joins several headers of this name by a comma, which is how they may come anyway. */
const challengesOf = ({ headers }: IncomingMessage) => {
  const value = headers['www-authenticate'];
  return value === undefined ? [] : [value];
};

function good(answer: IncomingMessage, login: Login | null): IncomingMessage {
  if (answer.statusCode === 200) return answer;
  answer.destroy();
  throw refusalOf(answer.statusCode ?? 0, login);
}

/** What an answer that is not 200 means for the person at the mast. Pure. */
export function refusalOf(status: number, login: Login | null): Error {
  const said = `the camera answered with ${status}`;
  if (status === 401)
    return login === null
      ? cameraFailure('unauthorised', 'the camera asks for a login', 'Give its user name and password.')
      : cameraFailure(
          'unauthorised',
          'the camera does not accept the user name and password',
          'Type them in again; cameras lock an account after several wrong tries, so wait a few minutes before the next.',
        );
  if (status === 403)
    return cameraFailure(
      'unauthorised',
      said,
      'This user may not see the picture: give the user the right to view it.',
    );
  if (status === 404 || status === 410)
    return cameraFailure(
      'not-found',
      'the camera knows no picture at this path',
      'Look up the path of its snapshot in its manual or its web page.',
    );
  if (status >= 300 && status < 400)
    return cameraFailure(
      'unsupported',
      `${said}: it sends viewers elsewhere`,
      'Give the address where the picture really is; for safety no redirect is followed.',
    );
  if (status === 429 || status >= 500)
    return cameraFailure('refused', said, 'It is busy or has a fault of its own: restart it when this stays.');
  return cameraFailure(
    'unsupported',
    said,
    'Check the path of the picture, and whether the camera has newer firmware.',
  );
}

const hungUp = () =>
  cameraFailure(
    'unreachable',
    'the camera closed the connection without an answer',
    'It may be restarting or have too many viewers: try again in a minute.',
  );

const notHttp = (cause: unknown) =>
  cameraFailure(
    'unsupported',
    'what answers there does not speak HTTP',
    'Check the port: the camera’s web page is mostly at 80 or 443.',
    cause,
  );
