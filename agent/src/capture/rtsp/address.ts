/** Where a camera is: read from its URL, looked up, and refused where no camera may be. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { messageOf } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';

export interface CameraAddress {
  secure: boolean;
  hostname: string;
  port: number;
  /** The URL as it is asked for: as the user gave it, without credentials or fragment. */
  url: string;
}

const PORTS = { 'rtsp:': 554, 'rtsps:': 322 } as const;

/** @throws Failure `capture.unsupported` when this is no address of a camera */
export function readAddress(text: string): CameraAddress {
  const url = URL.parse(text);
  const hint = 'Give an address such as rtsp://192.168.1.20:554/stream.';
  if (url === null || (url.protocol !== 'rtsp:' && url.protocol !== 'rtsps:') || url.hostname === '')
    throw cameraFailure('unsupported', 'this is not the address of an RTSP camera', hint);
  if (/[\0-\x20]/.test(text)) throw cameraFailure('unsupported', 'the camera’s address holds a blank', hint);
  const at = text.replace(/#.*$/s, '').replace(/^([a-z]+:\/\/)[^/?]*@/i, '$1');
  return {
    secure: url.protocol === 'rtsps:',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? PORTS[url.protocol] : Number(url.port),
    url: at,
  };
}

/** Nothing that is one camera: unspecified, multicast and broadcast, and where clouds keep a machine's own secrets. */
const blocked = new BlockList();
blocked.addSubnet('0.0.0.0', 8, 'ipv4');
blocked.addSubnet('224.0.0.0', 3, 'ipv4');
blocked.addAddress('169.254.169.254', 'ipv4');
blocked.addAddress('100.100.100.200', 'ipv4');
blocked.addAddress('::', 'ipv6');
blocked.addSubnet('ff00::', 8, 'ipv6');
blocked.addAddress('fd00:ec2::254', 'ipv6');

export function isBlocked(ip: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return blocked.check(mapped, 'ipv4');
  return blocked.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The IP address to connect to: the one that was checked is the one that is used.
 * @throws Failure `capture.unreachable` | `capture.blocked-address`
 */
export async function findAddress({ hostname }: CameraAddress): Promise<string> {
  const ip = isIP(hostname) === 0 ? await lookUp(hostname) : hostname;
  if (isBlocked(ip))
    throw cameraFailure(
      'blocked-address',
      `no camera may be at ${ip}`,
      'Give the camera’s own address in your network; this one is reserved for other things.',
    );
  return ip;
}

async function lookUp(hostname: string): Promise<string> {
  try {
    return (await lookup(hostname)).address;
  } catch (cause) {
    throw cameraFailure(
      'unreachable',
      `the name ${hostname} is not known here (${messageOf(cause)})`,
      'Check the spelling, or give the camera’s IP address.',
      cause,
    );
  }
}
