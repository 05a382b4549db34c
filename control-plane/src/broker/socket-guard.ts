/**
 * What stands in front of the broker's library: how many connections, how much before a login, how large a packet.
 *
 * Promise: whoever has not logged in holds a bounded share, of memory and of places; whoever has is not counted among them, so
 * that any number of agents may stand behind one address. When too many wait, the one that waits longest goes: an agent that
 * means it is through within a round trip.
 */
import type { Socket } from 'node:net';
import { createPacketMeter } from './packet-meter.ts';

export interface SocketGuardOptions {
  /** In all, logged in or not. */
  mostConnections: number;
  /** Of one address that have not logged in; what comes beyond is closed. */
  mostWaitingPerAddress: number;
  /** Of all addresses that have not logged in; then the oldest of them is closed. */
  mostWaiting: number;
  mostBytesBeforeLogin: number;
  mostPacketBytes: number;
}

export function createSocketGuard(options: SocketGuardOptions) {
  const sockets = new Set<Socket>();
  /** Those that have not logged in, by both ends' numbers, oldest first. */
  const waiting = new Map<string, Socket>();
  const waitingOf = new Map<string, number>();

  function stopWaiting(name: string, address: string): void {
    if (!waiting.delete(name)) return;
    const left = (waitingOf.get(address) ?? 1) - 1;
    if (left > 0) waitingOf.set(address, left);
    else waitingOf.delete(address);
  }

  return {
    /** False when it is one too many: it is closed then. */
    admit(socket: Socket): boolean {
      const address = socket.remoteAddress ?? 'gone';
      const name = nameOf(socket);
      const there = waitingOf.get(address) ?? 0;
      if (sockets.size >= options.mostConnections || there >= options.mostWaitingPerAddress) {
        socket.destroy();
        return false;
      }
      const [oldest] = waiting.values();
      if (waiting.size >= options.mostWaiting) oldest?.destroy();
      sockets.add(socket);
      waiting.set(name, socket);
      waitingOf.set(address, there + 1);
      socket.once('close', () => {
        sockets.delete(socket);
        if (waiting.get(name) === socket) stopWaiting(name, address);
      });
      return true;
    },
    /** It has logged in. @param socket the one that was admitted, or the encrypted one over it */
    letIn(socket: Socket): void {
      stopWaiting(nameOf(socket), socket.remoteAddress ?? 'gone');
    },
    /**
     * Looks at each piece as the library reads it: a `data` listener beside its `readable` one hears every `read()`.
     * Source: Node.js, "Readable streams", choosing one API style. To be called after the library has taken the socket.
     */
    watch(socket: Socket, isLoggedIn: () => boolean): void {
      const meter = createPacketMeter(options.mostPacketBytes);
      let bytesBeforeLogin = 0;
      socket.on('data', (chunk: Uint8Array) => {
        if (!isLoggedIn()) bytesBeforeLogin += chunk.length;
        if (bytesBeforeLogin > options.mostBytesBeforeLogin || !meter.take(chunk)) socket.destroy();
      });
    },
    count: () => sockets.size,
    waiting: () => waiting.size,
    closeAll(): void {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The same for a socket and for the encrypted one over it. */
const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? 'gone'} ${socket.remotePort ?? 0}`;
