/** A viewer that is sent its packets over UDP, as well as the network lets it. */
import { createSocket } from 'node:dgram';
import type { Reply } from './rtsp-requests.ts';

/** `reorder`: every fourth packet comes late. `lose`: of every thirty packets one never comes. */
export type UdpTrouble = 'reorder' | 'lose';

export interface UdpViewer {
  reply: Reply;
  /** A `$` frame of the publisher. */
  send(channel: number, frame: Buffer): void;
  close(): void;
}

/** Null when the `Transport` header asks for something else. Only the first track (video) is sent. */
export function openUdpViewer(transport: string, trouble?: UdpTrouble): UdpViewer | null {
  const ports = /RTP\/AVP(?:\/UDP)?;.*client_port=(\d+)-(\d+)/.exec(transport);
  if (ports === null || transport.includes('/TCP')) return null;
  const [data, control] = [Number(ports[1]), Number(ports[2])];
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.bind(0, '127.0.0.1');
  let open = true;
  let count = 0;
  let late: Buffer | null = null;
  const post = (packet: Buffer, port: number) => {
    if (open) socket.send(packet, port, '127.0.0.1', () => {});
  };
  return {
    reply: {
      status: 200,
      headers: { Transport: `RTP/AVP;unicast;client_port=${data}-${control};server_port=6970-6971`, Session: 'viewer' },
    },
    send(channel, frame) {
      const packet = Buffer.from(frame.subarray(4));
      if (channel > 1) return;
      if (channel === 1) return post(packet, control);
      count += 1;
      if (trouble === 'lose' && count % 30 === 0) return;
      if (trouble === 'reorder' && count % 4 === 0 && late === null) {
        late = packet;
        return;
      }
      post(packet, data);
      if (late !== null) post(late, data);
      late = null;
    },
    close() {
      open = false;
      socket.close();
    },
  };
}
