/**
 * The gate stands between a camera and ffmpeg. It speaks with the camera itself (line, TLS, login, description), then offers
 * ffmpeg a plain RTSP endpoint on 127.0.0.1 at a random port and path for one single connection, and relays between the two.
 *
 * Promise: the password is in no process list, log line or message; ffmpeg sees the video track alone, under our own URLs;
 * what goes wrong with the camera is told by code and hint. Packets are never queued without bound: when one side is slow,
 * the other is paused. When either side goes, both go, and the endpoint with them.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { problemOf } from '../camera-failure.ts';
import { refusalOf } from './answer.ts';
import type { CameraAnswer, CameraRequest } from './conversation.ts';
import { createLossWatch } from './loss.ts';
import { type MeetOptions, type MetCamera, meetCamera, type Video } from './meet-camera.ts';
import { createRtspReader, header, type RtspMessage, writeResponse } from './message.ts';
import { sayGoodbye, sessionOf, setUpTrack, streamEnded, type Transport } from './session.ts';
import type { UdpTrack } from './udp-track.ts';

export interface Gate {
  /** For ffmpeg: works once. */
  localUrl: string;
  video: Video;
  /** Told each time that packets of the camera are missing. */
  onLoss(listener: () => void): void;
  /** Resolves when the gate is closed; with the camera's fault, or null when ffmpeg went or the gate was closed. */
  closed: Promise<Error | null>;
  close(): Promise<void>;
}

export interface GateOptions extends MeetOptions {
  /** How packets travel from the camera; `auto`: TCP, and UDP where the camera refuses that. */
  transport?: Transport;
}

/** What waits for ffmpeg before the camera is held back. */
const QUEUE_BYTES = 256 * 1024;
/** How long ffmpeg may take to come, ms. */
const KNOCK_MS = 10_000;

/** Connects to the camera and opens the endpoint. @throws Failure `capture.*`; the signal's reason when it aborts */
export async function openGate(options: GateOptions, signal: AbortSignal): Promise<Gate> {
  const met = await meetCamera(options, signal);
  try {
    return await openEndpoint(met, options);
  } catch (cause) {
    met.conversation.close();
    throw cause;
  }
}

/** Opens the endpoint for a camera that was met. */
export async function openEndpoint(
  met: MetCamera,
  { clock, login, url, transport = 'auto' }: GateOptions,
): Promise<Gate> {
  const { conversation: camera, video } = met;
  const path = `/${randomBytes(16).toString('hex')}`;
  const server = net.createServer({ noDelay: true, highWaterMark: QUEUE_BYTES });
  const over = new AbortController();
  let guest: Socket | null = null;
  let session: string | null = null;
  let refusal: Error | null = null;
  let leaving = false;
  let udp: UdpTrack | null = null;
  let tellLoss = () => {};
  const loss = createLossWatch();

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const localUrl = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  server.once('connection', (socket) => {
    server.close();
    guest = socket;
    socket.on('error', () => {});
    socket.once('close', () => void close());
    void relay(socket);
  });
  void clock.sleep(KNOCK_MS, over.signal).then(() => {
    if (guest === null && !over.signal.aborted) void close();
  });

  async function relay(socket: Socket): Promise<void> {
    camera.onPacket((bytes, from, to) => toGuest(Buffer.from(bytes.subarray(from, to)), socket));
    socket.on('drain', () => camera.resume());
    const reader = createRtspReader();
    try {
      for await (const chunk of socket)
        for (const message of reader.read(chunk as Buffer)) await serve(message, socket);
    } catch (cause) {
      // That ffmpeg goes is no fault of the camera; what the camera did is.
      if (problemOf(cause) !== null && cause instanceof Error) refusal ??= cause;
    }
    await close();
  }

  function toGuest(packet: Buffer, socket: Socket): void {
    if (loss.sees(packet)) tellLoss();
    // Packets that came at one go leave at one go: each write costs the system as much as a packet costs us.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    if (!socket.write(packet)) camera.pause();
  }

  /** ffmpeg is told TCP in any case. */
  async function setUp(asked: CameraRequest, channels: string, socket: Socket): Promise<CameraAnswer> {
    const onPacket = (frame: Buffer) => {
      // What is sent faster than it is read is lost, as it is the way of UDP: the gap shows.
      if (!socket.writableNeedDrain) toGuest(frame, socket);
    };
    const set = await setUpTrack({ met, clock, url, transport, asked, channels, onPacket }, over.signal);
    udp = set.udp;
    return set.answer;
  }

  /** One request of ffmpeg. What it may know is answered here; the rest is asked of the camera under its own URLs. */
  async function serve(message: RtspMessage, socket: Socket): Promise<void> {
    if (message.kind === 'packet') return udp === null ? camera.send(message.bytes) : udp.send(message.bytes);
    if (message.kind === 'response') return;
    const cseq = header(message.headers, 'cseq');
    const reply = (status: number, headers: Record<string, string | null> = {}, body = '') => {
      socket.write(
        writeResponse({ status, reason: status === 200 ? 'OK' : 'No', headers: { CSeq: cseq, ...headers }, body }),
      );
    };
    if (!message.url.startsWith(localUrl)) return reply(404);
    switch (message.method) {
      case 'OPTIONS':
        // Before a session there is nothing to ask; in one, this is how ffmpeg keeps it alive.
        if (session === null) return reply(200, { Public: METHODS });
        break;
      case 'DESCRIBE':
        return reply(
          200,
          { 'Content-Type': 'application/sdp', 'Content-Base': `${localUrl}/` },
          video.withTrackAt(`${localUrl}/video`),
        );
      case 'SETUP':
      case 'PLAY':
      case 'GET_PARAMETER':
      case 'TEARDOWN':
        break;
      default:
        return reply(501);
    }
    // From here on, that the camera closes the line is no fault of it.
    if (message.method === 'TEARDOWN') leaving = true;
    const channels = header(message.headers, 'transport');
    const asked = {
      method: message.method,
      url: message.method === 'SETUP' ? video.trackUrl : video.sessionUrl,
      headers: { Session: session, Transport: channels, Range: header(message.headers, 'range') },
    };
    const isSetUp = message.method === 'SETUP' && channels !== null;
    const answer = isSetUp ? await setUp(asked, channels, socket) : await camera.ask(asked, over.signal);
    if (answer.status !== 200 && message.method !== 'TEARDOWN' && message.method !== 'GET_PARAMETER')
      refusal ??= refusalOf({ status: answer.status, reason: answer.reason, method: message.method, login });
    if (message.method === 'SETUP') session = sessionOf(answer)?.id ?? null;
    if (message.method === 'TEARDOWN') session = null;
    reply(answer.status, {
      Session: header(answer.headers, 'session'),
      Transport: header(answer.headers, 'transport'),
      Public: header(answer.headers, 'public'),
    });
  }

  let closing: Promise<void> | null = null;
  async function shut(): Promise<void> {
    over.abort();
    server.close();
    guest?.destroy();
    udp?.close();
    if (session !== null) await sayGoodbye(camera, { url: video.sessionUrl, session, clock });
    camera.close();
  }
  const close = () => {
    closing ??= shut();
    return closing;
  };
  const closed = camera.closed.then(async (why) => {
    const ofCamera = closing === null && !leaving ? streamEnded() : null;
    await close();
    return refusal ?? why ?? ofCamera;
  });
  const onLoss = (listener: () => void) => {
    tellLoss = listener;
  };
  return { localUrl, video, onLoss, closed, close };
}

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';
