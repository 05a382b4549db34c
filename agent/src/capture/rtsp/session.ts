/** A session with a camera that was met: how its track is set up, and how it ends. */
import { type Clock, deadline } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import type { CameraAnswer, CameraRequest, Conversation } from './conversation.ts';
import type { MetCamera } from './meet-camera.ts';
import { header } from './message.ts';
import { openUdpTrack, type UdpTrack } from './udp-track.ts';

/** How packets travel from the camera; `auto`: TCP, and UDP where the camera refuses that. */
export type Transport = 'auto' | 'tcp' | 'udp';

export interface SetUp {
  met: MetCamera;
  clock: Clock;
  /** The camera's address, as the user gave it. */
  url: string;
  transport: Transport;
  asked: CameraRequest;
  /** The `Transport` header for TCP. */
  channels: string;
  /** A packet that came over UDP, as an interleaved frame on the first of the channels. */
  onPacket(frame: Buffer): void;
}

/**
 * SETUP goes over TCP where it may and the camera can. The answer tells of TCP in any case.
 * @throws Failure `capture.tls` where the camera insists on what is not encrypted; the signal's reason when it aborts
 */
export async function setUpTrack(
  { met, clock, url, transport, asked, channels, onPacket }: SetUp,
  signal: AbortSignal,
): Promise<{ answer: CameraAnswer; udp: UdpTrack | null }> {
  const { conversation: camera, ip } = met;
  const overTcp = transport === 'udp' ? null : await camera.ask(asked, signal);
  const refused = overTcp === null || overTcp.status === 461;
  if (overTcp !== null && !(refused && transport === 'auto')) return { answer: overTcp, udp: null };
  // RTP over UDP is not encrypted: it never stands in for what is.
  if (/^rtsps:/i.test(url)) throw notEncrypted();
  const channel = Number(/interleaved=(\d{1,3})/.exec(channels)?.[1] ?? 0);
  const udp = await openUdpTrack({ clock, camera: ip, channel, onPacket }, signal);
  try {
    const headers = { ...asked.headers, Transport: `RTP/AVP;unicast;client_port=${udp.clientPorts}` };
    const answer = await camera.ask({ ...asked, headers }, signal);
    if (answer.status === 200) udp.opened(header(answer.headers, 'transport') ?? '');
    return { answer: { ...answer, headers: new Map([...answer.headers, ['transport', [channels]]]) }, udp };
  } catch (cause) {
    udp.close();
    throw cause;
  }
}

export interface Session {
  id: string;
  /** After so long without a word of ours the camera ends it, ms. */
  timeoutMs: number;
}

const TIMEOUT_MS = 60_000;

/** The session that an answer to SETUP opens (RFC 2326, 12.37). Pure. */
export function sessionOf({ headers }: CameraAnswer): Session | null {
  const [id = '', ...more] = (header(headers, 'session') ?? '').split(';').map((part) => part.trim());
  const seconds = Number(more.map((part) => /^timeout\s*=\s*(\d+)$/i.exec(part)?.[1]).find(Boolean) ?? 0);
  return id === '' ? null : { id, timeoutMs: seconds > 0 ? seconds * 1000 : TIMEOUT_MS };
}

/** How long the camera has to answer our goodbye, ms. */
const GOODBYE_MS = 300;

/** Cameras serve few viewers: one that goes says so. What it answers does not matter. */
export async function sayGoodbye(
  camera: Conversation,
  { url, session, clock }: { url: string; session: string; clock: Clock },
): Promise<void> {
  camera.onPacket(() => {});
  camera.lookEvery(0);
  camera.resume();
  const limit = deadline(clock, GOODBYE_MS, new AbortController().signal);
  await camera.ask({ method: 'TEARDOWN', url, headers: { Session: session } }, limit.signal).catch(() => {});
  limit.clear();
}

export const streamEnded = () =>
  cameraFailure('unreachable', 'the camera ended the stream', 'It or the network closed it: it is tried again.');

const notEncrypted = () =>
  cameraFailure(
    'tls',
    'the camera sends its pictures over UDP, which is not encrypted',
    'Allow RTP over TCP in the camera, or give its address with rtsp:// if it may be read on the way.',
  );
