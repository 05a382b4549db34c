import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Sends so many packets of so many bytes, each filled with its number, one after the other in real time, as a camera does. */
export async function drip(
  socket: Socket,
  { packets, bytes, everyMs }: { packets: number; bytes: number; everyMs: number },
) {
  for (let packet = 0; packet < packets; packet += 1) {
    socket.write(Buffer.alloc(bytes, packet));
    await wait(everyMs);
  }
}
