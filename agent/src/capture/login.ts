/** How a camera is told who asks: Basic (RFC 7617) and Digest with MD5 and SHA-256 (RFC 2617, RFC 7616). Pure. */
import { createHash } from 'node:crypto';

export interface Login {
  username: string;
  password: string;
}

export type Challenge =
  | { scheme: 'basic' }
  | {
      scheme: 'digest';
      realm: string;
      nonce: string;
      opaque: string | null;
      algorithm: 'MD5' | 'SHA-256';
      /** The hash of name and password is mixed with the nonces once for each session (`-sess`). */
      session: boolean;
      /** Whether the algorithm was named; older cameras choke on one that they did not name. */
      named: boolean;
      qop: boolean;
    };

/** Reads the `WWW-Authenticate` headers and picks the strongest challenge that we can answer; null when there is none. */
export function chooseChallenge(values: readonly string[]): Challenge | null {
  const offers = values.flatMap(splitChallenges).flatMap(readChallenge);
  return offers.sort((a, b) => strength(b) - strength(a))[0] ?? null;
}

function strength(challenge: Challenge): number {
  if (challenge.scheme === 'basic') return 0;
  return challenge.algorithm === 'SHA-256' ? 2 : 1;
}

/** One header may hold several challenges: `Digest realm="a, b", nonce="c", Basic realm="d"`. */
function splitChallenges(value: string): string[] {
  return value.split(/,?\s*(?=\b(?:Digest|Basic)\s+[a-z]+\s*=)/i).filter((part) => part.trim() !== '');
}

function readChallenge(text: string): Challenge[] {
  const scheme = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'basic') return [{ scheme: 'basic' }];
  if (scheme !== 'digest') return [];
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g))
    fields.set(name.toLowerCase(), quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'));
  const nonce = fields.get('nonce');
  const asked = (fields.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = asked.replace(/-SESS$/, '');
  if (nonce === undefined || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) return [];
  const offered = fields
    .get('qop')
    ?.split(',')
    .map((one) => one.trim().toLowerCase());
  if (offered !== undefined && !offered.includes('auth')) return [];
  return [
    {
      scheme: 'digest',
      realm: fields.get('realm') ?? '',
      nonce,
      opaque: fields.get('opaque') ?? null,
      algorithm,
      session: asked.endsWith('-SESS'),
      named: fields.has('algorithm'),
      qop: offered !== undefined,
    },
  ];
}

export interface Asked {
  method: string;
  url: string;
  /** How many requests were answered with this nonce, this one included. */
  count: number;
  /** Our own random part. */
  cnonce: string;
}

/** The value of the `Authorization` header. */
export function authorization(challenge: Challenge, { username, password }: Login, asked: Asked): string {
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  const hash = (text: string) =>
    createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text, 'utf8')
      .digest('hex');
  const once = hash(`${username}:${challenge.realm}:${password}`);
  const own = challenge.session ? hash(`${once}:${challenge.nonce}:${asked.cnonce}`) : once;
  const what = hash(`${asked.method}:${asked.url}`);
  const count = asked.count.toString(16).padStart(8, '0');
  const response = challenge.qop
    ? hash([own, challenge.nonce, count, asked.cnonce, 'auth', what].join(':'))
    : hash(`${own}:${challenge.nonce}:${what}`);
  const fields = [
    `username="${quote(username)}"`,
    `realm="${quote(challenge.realm)}"`,
    `nonce="${quote(challenge.nonce)}"`,
    `uri="${asked.url}"`,
    `response="${response}"`,
  ];
  if (challenge.named) fields.push(`algorithm=${challenge.algorithm}${challenge.session ? '-sess' : ''}`);
  if (challenge.opaque !== null) fields.push(`opaque="${quote(challenge.opaque)}"`);
  if (challenge.qop) fields.push('qop=auth', `nc=${count}`);
  if (challenge.qop || challenge.session) fields.push(`cnonce="${asked.cnonce}"`);
  return `Digest ${fields.join(', ')}`;
}

const quote = (text: string) => text.replace(/["\\]/g, '\\$&');
