/**
 * One RTP track over UDP: a pair of ports for the camera to send to. What comes is put in order and given out as the
 * interleaved frames of RTSP, so that whoever reads them need not know how they travelled.
 *
 * Promise: packets of other senders than the camera are dropped; nothing is held without bound; after `close` no port is open.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Clock } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import { createReorder } from './reorder.ts';

export interface UdpTrack {
  /** For the `Transport` header. */
  clientPorts: string;
  /** Told where the camera sends from. @param transport its answer's `Transport` header */
  opened(transport: string): void;
  /** A frame of the control channel (RTCP), for the camera. */
  send(frame: Buffer): void;
  close(): void;
}

export interface UdpTrackOptions {
  clock: Clock;
  /** IP address of the camera. */
  camera: string;
  /** The channel that data packets are given out on; control is the next one. */
  channel: number;
  onPacket(frame: Buffer): void;
}

const MOST_TRIES = 20;
/** A keyframe of 4K comes at one go. */
const BUFFER_BYTES = 4 * 1024 * 1024;
const FRAME_HEAD_BYTES = 4;

/** @throws Failure `capture.unsupported` when no pair of ports is free; the signal's reason when it aborts */
export async function openUdpTrack(options: UdpTrackOptions, signal: AbortSignal): Promise<UdpTrack> {
  const { clock, camera, channel, onPacket } = options;
  const [data, control] = await bindPair(camera.includes(':') ? 'udp6' : 'udp4', signal);
  const reorder = createReorder();
  let controlPort: number | null = null;
  const fromCamera = (sender: string) => sender.replace(/^::ffff:/, '') === camera.replace(/^::ffff:/, '');

  data.on('message', (packet, { address }) => {
    if (!fromCamera(address)) return;
    for (const one of reorder.push(packet, clock.monotonicMs())) onPacket(framed(channel, one));
  });
  control.on('message', (packet, { address }) => {
    if (fromCamera(address)) onPacket(framed(channel + 1, packet));
  });
  const port = data.address().port;
  return {
    clientPorts: `${port}-${port + 1}`,
    opened(transport) {
      const ports = /server_port=(\d+)(?:-(\d+))?/.exec(transport);
      if (ports === null) return;
      const dataPort = Number(ports[1]);
      controlPort = ports[2] === undefined ? dataPort + 1 : Number(ports[2]);
      // So that a firewall between us lets in what comes from there.
      const nothing = Buffer.from([0x80, 0, 0, 0]);
      if (isPort(dataPort)) data.send(nothing, dataPort, camera, () => {});
      if (isPort(controlPort)) control.send(nothing, controlPort, camera, () => {});
    },
    send(frame) {
      if (controlPort !== null && isPort(controlPort))
        control.send(frame.subarray(FRAME_HEAD_BYTES), controlPort, camera, () => {});
    },
    close() {
      data.close();
      control.close();
    },
  };
}

const isPort = (port: number) => port > 0 && port < 65_536;

function framed(channel: number, packet: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + packet.length);
  frame[0] = 0x24;
  frame[1] = channel;
  frame.writeUInt16BE(packet.length, 2);
  packet.copy(frame, FRAME_HEAD_BYTES);
  return frame;
}

/** An even port and the one above it (RFC 3550, 11). */
async function bindPair(type: 'udp4' | 'udp6', signal: AbortSignal): Promise<[Socket, Socket]> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const first = await bound(type, 0, signal);
    const port = first?.address().port ?? 1;
    const second = port % 2 === 0 && port < 65_535 ? await bound(type, port + 1, signal) : null;
    if (first !== null && second !== null) return [first, second];
    first?.close();
  }
  throw cameraFailure(
    'unsupported',
    'no pair of UDP ports is free on this agent',
    'Set the camera’s transport to TCP.',
  );
}

async function bound(type: 'udp4' | 'udp6', port: number, signal: AbortSignal): Promise<Socket | null> {
  const socket = createSocket({ type, recvBufferSize: BUFFER_BYTES });
  socket.bind(port);
  try {
    await once(socket, 'listening', { signal });
    socket.on('error', () => {});
    return socket;
  } catch {
    socket.on('error', () => {});
    socket.close();
    signal.throwIfAborted();
    return null;
  }
}
