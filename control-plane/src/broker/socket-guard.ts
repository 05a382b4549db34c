/** What stands in front of the broker's library: how many connections, how much before a login, how large a packet. */
import type { Socket } from 'node:net';
import { createPacketMeter } from './packet-meter.ts';

export interface SocketGuardOptions {
  mostConnections: number;
  mostConnectionsPerAddress: number;
  mostBytesBeforeLogin: number;
  mostPacketBytes: number;
}

export function createSocketGuard(options: SocketGuardOptions) {
  const sockets = new Set<Socket>();
  const byAddress = new Map<string, number>();

  return {
    /** False when it is one too many: it is closed then. */
    admit(socket: Socket): boolean {
      const address = socket.remoteAddress ?? 'gone';
      const there = byAddress.get(address) ?? 0;
      if (sockets.size >= options.mostConnections || there >= options.mostConnectionsPerAddress) {
        socket.destroy();
        return false;
      }
      sockets.add(socket);
      byAddress.set(address, there + 1);
      socket.once('close', () => {
        sockets.delete(socket);
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left > 0) byAddress.set(address, left);
        else byAddress.delete(address);
      });
      return true;
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
    closeAll(): void {
      for (const socket of sockets) socket.destroy();
    },
  };
}
