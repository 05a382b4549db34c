/** How the virtual camera asks for a login and checks it: written apart from the agent's side, so that one proves the other. */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface CameraLogin {
  username: string;
  password: string;
  /** Default: `digest-md5`. */
  scheme?: 'basic' | 'digest-md5' | 'digest-sha-256';
  /** After how many requests a nonce is stale; default: never. */
  nonceLasts?: number;
}

interface AskedRequest {
  method: string;
  url: string;
  headers: ReadonlyMap<string, string>;
}

export function challenge(scheme: CameraLogin['scheme'], nonce: string): string {
  if (scheme === 'basic') return 'Basic realm="camera"';
  const algorithm = scheme === 'digest-sha-256' ? 'SHA-256' : 'MD5';
  return `Digest realm="camera, north", nonce="${nonce}", algorithm=${algorithm}${scheme === 'digest-sha-256' ? ', qop="auth"' : ''}`;
}

export function isWelcome(request: AskedRequest, login: CameraLogin, nonce: string): boolean {
  const given = request.headers.get('authorization') ?? '';
  if (login.scheme === 'basic')
    return same(given, `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`);
  const field = (name: string) => {
    const found = new RegExp(`[ ,]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^,\\s]*))`).exec(given);
    return (found?.[1] ?? found?.[2] ?? '').replace(/\\(.)/g, '$1');
  };
  const hash = (text: string) =>
    createHash(login.scheme === 'digest-sha-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const own = hash(`${login.username}:camera, north:${login.password}`);
  const asked = hash(`${request.method}:${field('uri')}`);
  const expected =
    field('qop') === 'auth'
      ? hash([own, nonce, field('nc'), field('cnonce'), 'auth', asked].join(':'))
      : hash(`${own}:${nonce}:${asked}`);
  const known = field('username') === login.username && field('uri') === request.url;
  const askedForQop = login.scheme !== 'digest-sha-256' || field('qop') === 'auth';
  return known && askedForQop && same(field('response'), expected);
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
