/** Where in the network cameras may be. Pure. */
import { BlockList, isIP } from 'node:net';

/** The networks of houses and firms (RFC 1918, RFC 6598, RFC 4193): what is allowed where nothing else was said. */
export const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'] as const;

/** Stands for every network that is not in the list below. */
const ANY = 'any';
const EVERYWHERE = ['0.0.0.0/0', '::/0'];
/** Only allowed by their own names: this device itself, and what is on the same wire without an address of its own. */
const BY_NAME_ONLY = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10'];
/** Nothing that is one camera: unspecified, multicast and broadcast, and where clouds keep a machine's own secrets. */
const NEVER = [
  '0.0.0.0/8',
  '224.0.0.0/3',
  '169.254.169.254/32',
  '100.100.100.200/32',
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

/** @param networks each as `isNetwork` wants it; those that are none are left out */
export function createNetworks(networks: readonly string[]): Networks {
  const never = listOf(NEVER);
  const byName = listOf(BY_NAME_ONLY);
  const named = listOf(networks.filter((one) => one !== ANY && !EVERYWHERE.includes(one)));
  const everywhere = networks.some((one) => one === ANY || EVERYWHERE.includes(one));
  return {
    allow(text) {
      // An IPv4 address in IPv6 clothes is what it is.
      const ip = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1] ?? text;
      const kind = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
      if (isIP(ip) === 0 || never.check(ip, kind)) return false;
      return named.check(ip, kind) || (everywhere && !byName.check(ip, kind));
    },
  };
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
