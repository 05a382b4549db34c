/** One question to the control plane over HTTPS: the certificate is checked, redirects are not followed. */
import { rootCertificates } from 'node:tls';
import { type EnrolmentAnswer, type EnrolmentRequest, enrolmentAnswer } from '@slowlight/protocol';
import { type Clock, deadline, Failure, systemCode } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { unreachable } from './trust.ts';

const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

const ANSWER_MS = 20_000;
const MOST_ANSWER_BYTES = 128 * 1024;
/** What the API says when it says no. */
const problem = z.object({
  code: z.string().max(80),
  detail: z.string().max(500),
  hint: z.string().max(500).nullish(),
});

/** @param ca PEM, trusted beside the usual authorities; `only`: in their place */
export interface Trust {
  ca: string | null;
  only: boolean;
}

/** Pure. Only to this machine may a token go in plain. @throws Failure `enroll.wrong-address` */
export function readAddress(text: string): URL {
  const url = URL.parse(text);
  const isHere = url !== null && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url !== null && url.username === '' && (url.protocol === 'https:' || (url.protocol === 'http:' && isHere)))
    return url;
  throw new Failure({
    code: 'enroll.wrong-address',
    message: `${url === null ? 'that' : url.origin} is not an address to enrol at`,
    hint: 'Give the address that the control plane shows, such as https://192.168.1.10:8443; plain http only on this machine itself.',
    retry: 'never',
  });
}

/** @throws Failure `enroll.unreachable` | `enroll.tls` (retry `soon`), or what the control plane refused it with */
export async function askToEnrol(
  at: { url: URL; trust: Trust },
  request: EnrolmentRequest,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<EnrolmentAnswer> {
  const { url, trust } = at;
  const limit = deadline(clock, ANSWER_MS, signal);
  const { status, text } = await post(at, JSON.stringify(request), limit.signal)
    .catch((cause: unknown) => {
      signal.throwIfAborted();
      if (isCertificateFault(cause)) throw untrusted(url, trust, cause, clock.now());
      throw unreachable(url, cause);
    })
    .finally(limit.clear);
  const json = parseJson(text);
  const answer = enrolmentAnswer.safeParse(json);
  if (status === 200 && answer.success) return answer.data;
  throw refusedBy(url, status, json);
}

function post(
  { url, trust }: { url: URL; trust: Trust },
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const secure = url.protocol === 'https:';
  const { ca, only } = trust;
  const tls = {
    minVersion: 'TLSv1.2' as const,
    ...(ca !== null && { ca: only ? [ca] : [...rootCertificates, ca] }),
    // A pinned certificate need not be one of an authority.
    allowPartialTrustChain: only,
  };
  return new Promise((resolve, reject) => {
    const sent = (secure ? https : http).request(new URL('/api/enrol', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
      agent: false,
      signal,
      ...(secure && tls),
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > MOST_ANSWER_BYTES) sent.destroy(new Error('its answer is too long'));
        else pieces.push(piece);
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
      );
    });
    sent.end(body);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isCertificateFault = (cause: unknown): boolean =>
  /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(systemCode(cause) ?? '');

/** Pure. @param now what this device takes the time to be, ms */
export function untrusted(url: URL, trust: Trust, cause: unknown, now: number): Failure {
  return new Failure({
    code: 'enroll.tls',
    message: `the certificate of ${url.host} cannot be trusted (${systemCode(cause) ?? 'unknown reason'}), so the token was not sent`,
    hint: hintFor(systemCode(cause), url, trust, now),
    retry: 'never',
    cause,
  });
}

function hintFor(code: string | null, url: URL, trust: Trust, now: number): string {
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED')
    return `It is ${code === 'CERT_HAS_EXPIRED' ? 'over' : 'not good yet'} by this device’s clock, which says ${new Date(now).toISOString().slice(0, 16)} UTC. If that is wrong, set the clock and try again; if it is right, have the control plane’s certificate renewed.`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `It is made for other names: have the control plane add ${url.hostname} to SLOWLIGHT_TLS_NAMES, or use one of its own addresses.`;
  if (trust.ca === null)
    return 'Copy the whole command with its --pin from the control plane, or name the authority’s file with --ca-file.';
  if (trust.only)
    return 'The pin is not that of the authority which signed it: copy the whole command again from the control plane.';
  return 'Look whether the file of --ca-file is that of this control plane’s authority.';
}

function refusedBy(url: URL, status: number, json: unknown): Failure {
  const said = problem.safeParse(json);
  const isMomentary = status >= 500 || status === 429;
  return new Failure({
    code: said.success ? said.data.code : 'enroll.not-understood',
    message: said.success ? said.data.detail : `${url.host} answered ${status} and nothing that can be read`,
    hint:
      (said.success ? said.data.hint : null) ??
      'Look whether the address is that of the control plane, and not of something else.',
    retry: isMomentary ? 'soon' : 'never',
  });
}
