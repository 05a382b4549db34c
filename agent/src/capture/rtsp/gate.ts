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
import { type Clock, deadline } from '@slowlight/protocol/kit';
import { cameraFailure, problemOf } from '../camera-failure.ts';
import { refusalOf } from './answer.ts';
import type { Conversation } from './conversation.ts';
import { type MeetOptions, meetCamera, type Video } from './meet-camera.ts';
import { createRtspReader, header, type RtspMessage, writeResponse } from './message.ts';

export interface Gate {
  /** For ffmpeg: works once. */
  localUrl: string;
  video: Video;
  /** Resolves when the gate is closed; with the camera's fault, or null when ffmpeg went or the gate was closed. */
  closed: Promise<Error | null>;
  close(): Promise<void>;
}

/** How long the camera has to answer our goodbye, ms. */
const GOODBYE_MS = 300;
/** How long ffmpeg may take to come, ms. */
const KNOCK_MS = 10_000;

/** Connects to the camera and opens the endpoint. @throws Failure `capture.*`; the signal's reason when it aborts */
export async function openGate(options: MeetOptions, signal: AbortSignal): Promise<Gate> {
  const { conversation, video } = await meetCamera(options, signal);
  try {
    return await openEndpoint(conversation, video, options);
  } catch (cause) {
    conversation.close();
    throw cause;
  }
}

async function openEndpoint(camera: Conversation, video: Video, { clock, login }: MeetOptions): Promise<Gate> {
  const path = `/${randomBytes(16).toString('hex')}`;
  const server = net.createServer({ noDelay: true });
  const over = new AbortController();
  let guest: Socket | null = null;
  let session: string | null = null;
  let refusal: Error | null = null;

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
    camera.onPacket((packet) => {
      if (!socket.write(packet)) camera.pause();
    });
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

  /** One request of ffmpeg. What it may know is answered here; the rest is asked of the camera under its own URLs. */
  async function serve(message: RtspMessage, socket: Socket): Promise<void> {
    if (message.kind === 'packet') return camera.send(message.bytes);
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
    const answer = await camera.ask(
      {
        method: message.method,
        url: message.method === 'SETUP' ? video.trackUrl : video.sessionUrl,
        headers: {
          Session: session,
          Transport: header(message.headers, 'transport'),
          Range: header(message.headers, 'range'),
        },
      },
      over.signal,
    );
    if (answer.status !== 200 && message.method !== 'TEARDOWN' && message.method !== 'GET_PARAMETER')
      refusal ??= refusalOf({ status: answer.status, reason: answer.reason, method: message.method, login });
    if (message.method === 'SETUP') session = (header(answer.headers, 'session') ?? '').split(';')[0]?.trim() || null;
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
    if (session !== null) await sayGoodbye(camera, { url: video.sessionUrl, session, clock });
    camera.close();
  }
  const close = () => {
    closing ??= shut();
    return closing;
  };
  const closed = camera.closed.then(async (why) => {
    const ofCamera = closing === null ? streamEnded() : null;
    await close();
    return refusal ?? why ?? ofCamera;
  });
  return { localUrl, video, closed, close };
}

const streamEnded = () =>
  cameraFailure('unreachable', 'the camera ended the stream', 'It or the network closed it: it is tried again.');

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';

/** Cameras serve few viewers: one that goes says so. What it answers does not matter. */
async function sayGoodbye(
  camera: Conversation,
  { url, session, clock }: { url: string; session: string; clock: Clock },
) {
  camera.onPacket(() => {});
  camera.resume();
  const limit = deadline(clock, GOODBYE_MS, new AbortController().signal);
  await camera.ask({ method: 'TEARDOWN', url, headers: { Session: session } }, limit.signal).catch(() => {});
  limit.clear();
}
