/**
 * Finds the cameras of the local networks (WS-Discovery 1.1 as ONVIF uses it): one question to the multicast group of each
 * network, answers collected until the time is over.
 *
 * Answers come from anybody on the wire: they are read with care, in bounds, believed for nothing, and only listed.
 */
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Clock } from '@slowlight/protocol/kit';
import { type FoundCamera, probeMessage, readProbeMatches } from './onvif/probe-match.ts';

export interface DiscoverOptions {
  clock: Clock;
  timeoutMs: number;
  /** Where to ask; default: the group that cameras listen to. */
  group?: { address: string; port: number };
  /** From which of this machine's IPv4 addresses; default: all but its own loopback. */
  from?: readonly string[];
}

/** Where cameras listen (WS-Discovery, 2.4). */
const GROUP = { address: '239.255.255.250', port: 3702 };
const MOST_CAMERAS = 500;
/** UDP gets lost: the question is asked again, ms after the first time. */
const AGAIN_MS = 500;

/** Resolves with what has answered when the time is over; empty where no network lets us ask. Rejects never. */
export async function discoverCameras(
  { clock, timeoutMs, group = GROUP, from = localAddresses() }: DiscoverOptions,
  signal: AbortSignal,
): Promise<FoundCamera[]> {
  const found = new Map<string, FoundCamera>();
  const sockets: Socket[] = [];
  try {
    for (const address of from) {
      const socket = createSocket({ type: 'udp4', reuseAddr: true });
      sockets.push(socket);
      const id = randomUUID();
      socket.on('error', () => {});
      socket.on('message', (bytes, { address: sender }) => {
        for (const camera of readProbeMatches(bytes, id, sender))
          if (found.size < MOST_CAMERAS && !found.has(camera.endpoint)) found.set(camera.endpoint, camera);
      });
      await askFrom(socket, address, group, probeMessage(id), { clock, signal });
    }
    await clock.sleep(timeoutMs, signal);
  } finally {
    for (const socket of sockets) socket.close();
  }
  return [...found.values()].sort((a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }));
}

/** A network that cannot be asked (no multicast, gone meanwhile) is left out. */
async function askFrom(
  socket: Socket,
  address: string,
  group: { address: string; port: number },
  question: Buffer,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const ask = () => socket.send(question, group.port, group.address, () => {});
  socket.bind({ port: 0, address });
  try {
    await once(socket, 'listening', { signal });
    if (group.address.startsWith('239.')) socket.setMulticastInterface(address);
  } catch {
    return;
  }
  ask();
  void clock.sleep(AGAIN_MS, signal).then(() => {
    try {
      if (!signal.aborted) ask();
    } catch {
      // The time was over before: the socket is closed.
    }
  });
}

function localAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
