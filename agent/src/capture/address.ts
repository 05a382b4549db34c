/** Where a camera is: read from its URL, looked up, and refused where no camera may be. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { messageOf } from '@slowlight/protocol/kit';
import { cameraFailure } from './camera-failure.ts';
import type { Networks } from './networks.ts';

export interface CameraAddress {
  secure: boolean;
  hostname: string;
  port: number;
  /** The URL as it is asked for: as the user gave it, without credentials or fragment. */
  url: string;
}

const PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'http:': 80, 'https:': 443 };
const SECURE = ['rtsps:', 'https:'];

/** @throws Failure `capture.unsupported` when this is no address of a camera */
export function readAddress(text: string, kind: 'rtsp' | 'http' = 'rtsp'): CameraAddress {
  const url = URL.parse(text);
  const hint =
    kind === 'rtsp'
      ? 'Give an address such as rtsp://192.168.1.20:554/stream.'
      : 'Give an address such as http://192.168.1.20/snapshot.jpg.';
  if (url === null || ![`${kind}:`, `${kind}s:`].includes(url.protocol) || url.hostname === '')
    throw cameraFailure('unsupported', `this is not the address of an ${kind.toUpperCase()} camera`, hint);
  if (/[\0-\x20]/.test(text)) throw cameraFailure('unsupported', 'the camera’s address holds a blank', hint);
  const at = text.replace(/#.*$/s, '').replace(/^([a-z]+:\/\/)[^/?]*@/i, '$1');
  return {
    secure: SECURE.includes(url.protocol),
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (PORTS[url.protocol] ?? 0) : Number(url.port),
    url: at,
  };
}

/**
 * The IP address to connect to: the one that was checked is the one that is used.
 * @throws Failure `capture.unreachable` | `capture.blocked-address`
 */
export async function findAddress({ hostname }: CameraAddress, networks: Networks): Promise<string> {
  const found = isIP(hostname) === 0 ? await lookUp(hostname) : [hostname];
  const ip = found.find(networks.allow);
  if (ip !== undefined) return ip;
  throw cameraFailure(
    'blocked-address',
    `this agent may not reach a camera at ${found[0]}`,
    'Give the camera’s own address in your network; where it really is there, add its network to SLOWLIGHT_AGENT_CAMERA_NETWORKS on the agent.',
  );
}

async function lookUp(hostname: string): Promise<string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw cameraFailure(
      'unreachable',
      `the name ${hostname} is not known here (${messageOf(cause)})`,
      'Check the spelling, or give the camera’s IP address.',
      cause,
    );
  }
}
