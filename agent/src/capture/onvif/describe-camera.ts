/**
 * Asks a camera over ONVIF which streams it has: the only file that knows the `onvif` package (see docs/decisions/0010).
 *
 * Promise: the address that was checked is the one that is talked to, whatever other addresses the camera names; no answer
 * takes longer than its time; what is given back holds no login. The package parses what the camera says without asking
 * whether it has the expected form, so this belongs into a command that somebody waits for, not into the agent's own loops.
 */
import { type Clock, deadline, messageOf } from '@slowlight/protocol/kit';
import onvif from 'onvif';
import { findAddress, readAddress } from '../address.ts';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import type { Login } from '../login.ts';
import type { Networks } from '../networks.ts';

export interface OnvifStream {
  name: string;
  token: string;
  codec: string | null;
  widthPx: number | null;
  heightPx: number | null;
  /** For a camera of kind `rtsp`, without login. */
  streamUrl: string | null;
  /** For a camera of kind `snapshot`, without login. */
  snapshotUrl: string | null;
}

export interface DescribeOptions {
  clock: Clock;
  /** The camera's ONVIF service, such as http://192.168.1.20/onvif/device_service: one of `xaddrs`. */
  url: string;
  login: Login | null;
  networks: Networks;
  timeoutMs: number;
}

const MOST_PROFILES = 16;

/** @throws Failure `capture.*`; the signal's reason when it aborts */
export async function describeCamera(options: DescribeOptions, signal: AbortSignal): Promise<OnvifStream[]> {
  const { clock, login, timeoutMs } = options;
  const address = readAddress(options.url, 'http');
  if (address.secure)
    throw cameraFailure(
      'unsupported',
      'ONVIF over HTTPS is not spoken',
      'Give the address of the camera’s ONVIF service with http://.',
    );
  const limit = deadline(clock, timeoutMs, signal);
  try {
    const hostname = await findAddress(address, options.networks);
    const camera = new onvif.Cam({
      hostname,
      port: address.port,
      path: new URL(address.url).pathname,
      timeout: timeoutMs,
      autoconnect: false,
      preserveAddress: true,
      ...(login !== null && loginFor(login)),
    });
    return await orAborted(streamsOf(camera), limit.signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (problemOf(cause) !== null) throw cause;
    throw limit.signal.aborted ? tooSlow() : translate(cause, login);
  } finally {
    limit.clear();
  }
}

async function streamsOf(camera: InstanceType<typeof onvif.Cam>): Promise<OnvifStream[]> {
  // Its clock is part of how it checks a login.
  await answer((done) => camera.getSystemDateAndTime(done));
  await answer((done) => camera.getCapabilities(done));
  const profiles: unknown = await answer((done) => camera.getProfiles(done));
  const streams: OnvifStream[] = [];
  for (const profile of (Array.isArray(profiles) ? profiles : []).slice(0, MOST_PROFILES)) {
    const token = textAt(profile, '$', 'token');
    if (token === null) continue;
    const encoder = at(profile, 'videoEncoderConfiguration');
    const uri = (ask: (done: Done) => void) => answer(ask).then(withoutLogin, () => null);
    streams.push({
      token,
      name: textAt(profile, 'name') ?? token,
      codec: textAt(encoder, 'encoding'),
      widthPx: numberAt(encoder, 'resolution', 'width'),
      heightPx: numberAt(encoder, 'resolution', 'height'),
      streamUrl: await uri((done) => camera.getStreamUri({ protocol: 'RTSP', profileToken: token }, done)),
      snapshotUrl: await uri((done) => camera.getSnapshotUri({ profileToken: token }, done)),
    });
  }
  return streams;
}

/** The package puts the name into XML as it is, and takes one byte of each character of the password. */
function loginFor({ username, password }: Login): { username: string; password: string } {
  const escaped = username.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { username: escaped, password: Buffer.from(password, 'utf8').toString('latin1') };
}

type Done = (fault: Error | null, data?: unknown) => void;

function answer(ask: (done: Done) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    ask((fault, data) => (fault ? reject(fault) : resolve(data)));
  });
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

function textAt(value: unknown, ...path: string[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' || typeof found === 'number' ? String(found).slice(0, 200) : null;
}

function numberAt(value: unknown, ...path: string[]): number | null {
  const found = Number(textAt(value, ...path) ?? Number.NaN);
  return Number.isInteger(found) && found > 0 ? found : null;
}

function withoutLogin(data: unknown): string | null {
  const text = at(data, 'uri');
  const url = typeof text === 'string' ? URL.parse(text.trim()) : null;
  if (url === null || !/^(rtsps?|https?):$/.test(url.protocol)) return null;
  return url.href.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
}

/** @throws the signal's reason as soon as it aborts */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  work.catch(() => {});
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const tooSlow = () =>
  cameraFailure(
    'timed-out',
    'the camera does not answer over ONVIF',
    'Check the address, and that ONVIF is switched on in the camera.',
  );

function translate(cause: unknown, login: Login | null): Error {
  const text = messageOf(cause);
  if (/unauthori[sz]ed|not.?authori[sz]ed|401|NotAuthorized/i.test(text))
    return cameraFailure(
      'unauthorised',
      login === null ? 'the camera asks for a login' : 'the camera does not accept the user name and password',
      'Many cameras have users of their own for ONVIF: add one in the camera’s settings.',
      cause,
    );
  return cameraFailure(
    'unsupported',
    'what answers there does not speak ONVIF as expected',
    'Check the address and that ONVIF is switched on in the camera; its RTSP address can also be typed in by hand.',
    cause,
  );
}
