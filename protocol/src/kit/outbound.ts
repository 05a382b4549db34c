/**
 * Requests to addresses that people typed in (webhooks, notifications), made by a machine that stands where they do not.
 * Promise: such a request reaches public addresses only, unless its network is allowed by name; what a name leads to is looked
 * at once and is what is connected to, so that an answer that changes in between changes nothing; no redirect is followed;
 * time and bytes have limits; and no answer tells more than was asked for.
 */
import { lookup as lookUp } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { type Clock, deadline } from './clock.ts';
import { Failure, withoutCredentials } from './failure.ts';

// An import would bring the web client along that http can hand out (9 MB), also into the agent.
const { request: requestPlain } = process.getBuiltinModule('node:http');

/** What is no public address (IANA special-purpose registries for IPv4 and IPv6), and where clouds keep a machine's secrets. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/128',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];
/** Not even by name: the secrets of a machine in a cloud, and what is nobody's address. */
const NEVER = [
  '0.0.0.0/8',
  '169.254.169.254/32',
  '168.63.129.16/32',
  '224.0.0.0/3',
  '::/128',
  'fd00:ec2::254/128',
  'ff00::/8',
];

/** Whether this is an IP address, with or without a length, such as `10.0.0.0/8`. */
export function isNetworkText(text: string): boolean {
  const [ip = '', length, ...more] = text.split('/');
  const version = isIP(ip);
  if (version === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
}

/**
 * Whether something from outside may make this machine connect to an address. Pure.
 * @param allowed networks that are no public ones and may be reached all the same, each as `isNetworkText` wants it
 */
export function createReach(allowed: readonly string[]): (ip: string) => boolean {
  const notPublic = listOf(NOT_PUBLIC);
  const never = listOf(NEVER);
  const named = listOf(allowed);
  return (given) => {
    const ip = plainAddress(given);
    if (ip === null) return false;
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    if (never.check(ip, family)) return false;
    return named.check(ip, family) || !notPublic.check(ip, family);
  };
}

/** Without a zone, and an IPv4 address inside an IPv6 one as what it is; null: no address. */
function plainAddress(text: string): string | null {
  const [ip = ''] = text.replace(/^\[|\]$/g, '').split('%');
  if (isIP(ip) === 0) return null;
  if (isIP(ip) === 4) return ip;
  // Written in one way first: `::ffff:7f00:1`, `0:0:0:0:0:ffff:127.0.0.1` and `::ffff:127.0.0.1` are one address.
  const written = new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written) ?? [];
  if (high === undefined || low === undefined) return written;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks.filter(isNetworkText)) {
    const [ip = '', length] = network.split('/');
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(ip, Number(length ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/** A look-up for `http.request` and sockets that gives only addresses which may be reached, and fails where there is none. */
export function reachableLookup(mayReach: (ip: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (fault, found) => {
      const good = fault === null ? found.filter(({ address }) => mayReach(address)) : [];
      const [first] = good;
      if (fault !== null) done(fault, []);
      else if (first === undefined) done(Object.assign(new Error('outbound.blocked'), { code: BLOCKED }), []);
      else if (options.all === true) done(null, good);
      else done(null, first.address, first.family);
    });
  };
}
const BLOCKED = 'EBLOCKED';

export interface OutboundRequest {
  url: string;
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** For the whole exchange, ms. */
  timeoutMs?: number;
  /** Of the answer; what is longer is a failure, bytes. */
  mostBytes?: number;
}
export interface OutboundAnswer {
  /** A redirect (3xx) is an answer like any other. */
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}
export interface Outbound {
  /** Whether an address may be reached, such as that of a mail server. */
  mayReach(ip: string): boolean;
  /** For libraries that connect by themselves. */
  lookup: LookupFunction;
  /** @throws Failure `outbound.bad-address` | `outbound.blocked` | `outbound.unreachable` | `outbound.timed-out` | `outbound.too-long` */
  request(what: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer>;
}

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 256 * 1024;

/** @param allow networks that may be reached although they are not public; see `createReach` */
export function createOutbound(
  { clock }: { clock: Clock },
  { allow = [] }: { allow?: readonly string[] } = {},
): Outbound {
  const mayReach = createReach(allow);
  const lookup = reachableLookup(mayReach);

  async function request(what: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
    const url = readAddress(what.url);
    // An address instead of a name is never looked up, so it is looked at here.
    const bare = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(bare) !== 0 && !mayReach(bare)) throw blocked(url);
    const limit = deadline(clock, what.timeoutMs ?? TIMEOUT_MS, signal);
    try {
      return await exchange(url, what, { lookup, signal: limit.signal });
    } catch (thrown) {
      throw translate(thrown, url, limit.signal.aborted && !signal.aborted);
    } finally {
      limit.clear();
    }
  }
  return { mayReach, lookup, request };
}

function readAddress(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new Failure({
    code: 'outbound.bad-address',
    message: 'This is no web address.',
    hint: 'Give an address such as https://example.org/hook.',
    retry: 'never',
  });
}

function exchange(
  url: URL,
  { method = 'POST', headers = {}, body, mostBytes = MOST_BYTES }: OutboundRequest,
  { lookup, signal }: { lookup: LookupFunction; signal: AbortSignal },
): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    // Its own connection: one that was opened for somebody else may lead elsewhere.
    const asked = send(url, { method, headers, lookup, signal, agent: false }, (answer) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= mostBytes) pieces.push(piece);
        else {
          reject(Object.assign(new Error('too long'), { code: TOO_LONG }));
          asked.destroy();
        }
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
const TOO_LONG = 'ETOOLONG';

function blocked(url: URL): Failure {
  return new Failure({
    code: 'outbound.blocked',
    message: `${url.hostname} is no public address, so nothing is sent there.`,
    hint: 'If it really is meant, add its network to SLOWLIGHT_OUTBOUND_NETWORKS.',
    retry: 'never',
  });
}

function translate(thrown: unknown, url: URL, isLate: boolean): Failure {
  if (thrown instanceof Failure) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  if (code === BLOCKED) return blocked(url);
  const where = withoutCredentials(`${url.protocol}//${url.host}`);
  if (isLate)
    return new Failure({
      code: 'outbound.timed-out',
      message: `${where} did not answer in time.`,
      hint: 'Look whether it is running and can be reached from here.',
      retry: 'soon',
      cause: thrown,
    });
  if (code === TOO_LONG)
    return new Failure({
      code: 'outbound.too-long',
      message: `The answer of ${where} is longer than is read here.`,
      hint: 'Look whether this is the right address.',
      retry: 'never',
      cause: thrown,
    });
  return new Failure({
    code: 'outbound.unreachable',
    message: `${where} cannot be reached (${code}).`,
    hint: 'Look at the address, and whether it can be reached from here.',
    retry: 'soon',
    cause: thrown,
  });
}
