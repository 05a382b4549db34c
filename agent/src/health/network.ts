/** The network interfaces of this device, from the kernel's own files (Linux); empty elsewhere. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NetworkInterface } from '@slowlight/protocol';

const FOLDER = '/sys/class/net';
const WIRELESS = '/proc/net/wireless';
/** A report holds at most so many. */
const MOST = 16;
/** Loopback, and what the kernel and container engines make by the dozen. */
const OF_NO_INTEREST = /^(lo$|veth|br-|docker|cni|flannel|cali|ifb|dummy|sit|tunl|ip6tnl|gre)/;

/** Interfaces that are up come first. */
export async function readNetwork(folder = FOLDER, wireless = WIRELESS): Promise<NetworkInterface[]> {
  const names = await readdir(folder).catch(() => []);
  const links = parseWireless(await readFile(wireless, 'utf8').catch(() => ''));
  const found = await Promise.all(
    names
      .filter((name) => !OF_NO_INTEREST.test(name))
      .sort()
      .map(async (name): Promise<NetworkInterface> => {
        const read = (file: string) => readFile(path.join(folder, name, file), 'utf8').catch(() => '');
        const [state, received, sent] = await Promise.all([
          read('operstate'),
          read('statistics/rx_bytes'),
          read('statistics/tx_bytes'),
        ]);
        const linkPercent = links.get(name);
        return {
          name: name.slice(0, 32),
          // Tunnels say `unknown` as long as they are there.
          up: ['up', 'unknown'].includes(state.trim()),
          receivedBytes: countOf(received),
          sentBytes: countOf(sent),
          ...(linkPercent === undefined ? {} : { linkPercent }),
        };
      }),
  );
  return found.sort((a, b) => Number(b.up) - Number(a.up)).slice(0, MOST);
}

/** Percent by interface, from /proc/net/wireless, where the best link is 70. Pure. */
export function parseWireless(text: string): Map<string, number> {
  const links = new Map<string, number>();
  for (const [, name = '', quality = ''] of text.matchAll(/^\s*(\S+?):\s+\S+\s+(-?[\d.]+)/gm))
    links.set(name, Math.round(Math.max(0, Math.min(100, (Number(quality) / 70) * 100))));
  return links;
}

function countOf(text: string): number {
  const count = Number(text.trim());
  return Number.isFinite(count) && count > 0 ? count : 0;
}
