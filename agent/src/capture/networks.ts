/** Where in the network cameras may be. Pure. */
import { BlockList, isIP } from 'node:net';

/** The networks of houses and firms (RFC 1918, RFC 6598, RFC 4193): what is allowed where nothing else was said. */
export const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'] as const;

/** Stands for every network that is not in the list below. */
const ANY = 'any';
const EVERYWHERE = ['0.0.0.0/0', '::/0'];
/** This device itself. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
/** Only allowed by their own names: this device itself, and what is on the same wire without an address of its own. */
const BY_NAME_ONLY = [...LOOPBACK, '169.254.0.0/16', 'fe80::/10'];
/** Nothing that is one camera: unspecified, multicast and broadcast, and where clouds keep a machine's own secrets. */
const NEVER = [
  '0.0.0.0/8',
  '224.0.0.0/3',
  '169.254.169.254/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '::/128',
  'ff00::/8',
  'fd00:ec2::254/128',
];

export interface Networks {
  /** Whether a camera may be at this IP address. */
  allow(ip: string): boolean;
}

/** Whether this is a network: an IP address, with or without a length (`10.0.0.0/8`), or `any`. */
export function isNetwork(text: string): boolean {
  if (text === ANY) return true;
  const [ip = '', length] = text.split('/');
  const version = isIP(ip);
  if (version === 0 || text.split('/').length > 2) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
}

/**
 * @param networks each as `isNetwork` wants it; those that are none are left out
 * @param own the addresses that this device has now: as little a camera as loopback, unless loopback or that one address is named
 */
export function createNetworks(networks: readonly string[], own: () => readonly string[] = () => []): Networks {
  const never = listOf(NEVER);
  const byName = listOf(BY_NAME_ONLY);
  const named = listOf(networks.filter((one) => one !== ANY && !EVERYWHERE.includes(one)));
  const alone = listOf(networks.filter((one) => isIP(one.replace(/\/(32|128)$/, '')) !== 0));
  const everywhere = networks.some((one) => one === ANY || EVERYWHERE.includes(one));
  const itself = named.check('127.0.0.1') || named.check('::1', 'ipv6');
  const mayBe = (ip: string): boolean => {
    const kind = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    if (never.check(ip, kind)) return false;
    if (!itself && !alone.check(ip, kind) && own().some((one) => withoutZone(one) === ip)) return false;
    return named.check(ip, kind) || (everywhere && !byName.check(ip, kind));
  };
  return {
    allow(text) {
      const ip = withoutZone(text);
      // A name of IPv6 that leads to an IPv4 address has to be allowed as both; one that is only another way of writing it, as that one.
      const inside = isIP(ip) === 6 ? embeddedIpv4(ip) : null;
      if (isIP(ip) === 0) return false;
      if (inside === null) return mayBe(ip);
      return mayBe(inside.ipv4) && (inside.isTheSame || mayBe(ip));
    },
  };
}

const withoutZone = (ip: string) => ip.replace(/%.*$/, '');

/**
 * The IPv4 address in an IPv6 one: mapped (RFC 4291, 2.5.5.2), compatible (2.5.5.1), translated (RFC 2765), behind the
 * well-known prefix of NAT64 (RFC 6052) or of 6to4 (RFC 3056); null: there is none.
 * @param ip an IPv6 address without a zone
 */
export function embeddedIpv4(ip: string): { ipv4: string; isTheSame: boolean } | null {
  const words = wordsOf(ip);
  const at = (index: number) => words[index] ?? 0;
  const ipv4 = (index: number) => [at(index) >> 8, at(index) & 255, at(index + 1) >> 8, at(index + 1) & 255].join('.');
  const zero = (from: number, to: number) => words.slice(from, to).every((word) => word === 0);
  if (zero(0, 5) && at(5) === 0xffff) return { ipv4: ipv4(6), isTheSame: true };
  if (zero(0, 4) && at(4) === 0xffff && at(5) === 0) return { ipv4: ipv4(6), isTheSame: false };
  if (zero(0, 6) && (at(6) !== 0 || at(7) > 1)) return { ipv4: ipv4(6), isTheSame: false };
  if (at(0) === 0x64 && at(1) === 0xff9b) return { ipv4: ipv4(6), isTheSame: false };
  if (at(0) === 0x2002) return { ipv4: ipv4(1), isTheSame: false };
  return null;
}

/** The eight numbers of an IPv6 address, however it is written. */
function wordsOf(ip: string): number[] {
  const hex = ip.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const [front, back] = [numbers(head), numbers(tail ?? '')];
  return tail === undefined ? front : [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks.filter(isNetwork)) {
    const [ip = '', length] = network.split('/');
    const kind = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(ip, length === undefined ? (kind === 'ipv4' ? 32 : 128) : Number(length), kind);
  }
  return list;
}
