/** The first words with a camera: line, TLS, login, and what it sends. */
import { type Clock, deadline } from '@slowlight/protocol/kit';
import { type CameraAddress, readAddress } from '../address.ts';
import { cameraFailure } from '../camera-failure.ts';
import type { Login } from '../login.ts';
import type { Trust } from '../trust.ts';
import { refusalOf } from './answer.ts';
import { type CameraAnswer, type Conversation, createConversation } from './conversation.ts';
import { type Line, openLine } from './line.ts';
import { header } from './message.ts';
import { type Description, readDescription } from './sdp.ts';

export interface MeetOptions {
  clock: Clock;
  url: string;
  login: Login | null;
  trust: Trust;
  /** For connecting, login and description, ms. */
  connectMs: number;
  /** Told how far the way to the camera has come. */
  onStage: (stage: Stage) => void;
}

export type Video = Extract<Description, { kind: 'video' }>;

export interface MetCamera {
  /** IP address that was connected to. */
  ip: string;
  conversation: Conversation;
  video: Video;
}

/** How far the way to a camera has come. */
export type Stage = 'connecting' | 'securing' | 'asking' | 'streaming';

/**
 * Connects, logs in and asks what the camera sends; leaves nothing open when it fails.
 * @throws Failure `capture.*`; the signal's reason when it aborts
 */
export async function meetCamera(options: MeetOptions, signal: AbortSignal): Promise<MetCamera> {
  const address = readAddress(options.url);
  const limit = deadline(options.clock, options.connectMs, signal);
  let stage: Stage = 'connecting';
  const reach = (next: Stage) => {
    stage = next;
    options.onStage(next);
  };
  let line: Line | null = null;
  try {
    reach('connecting');
    const { clock, trust } = options;
    line = await openLine({ clock, address, trust, onSecuring: () => reach('securing') }, limit.signal);
    reach('asking');
    const conversation = createConversation(line, options.login);
    const request = { method: 'DESCRIBE', url: address.url, headers: { Accept: 'application/sdp' } };
    const answer = await conversation.ask(request, limit.signal);
    const video = videoOf(answer, address, options.login);
    reach('streaming');
    return { ip: line.socket.remoteAddress ?? '', conversation, video };
  } catch (cause) {
    line?.socket.destroy();
    signal.throwIfAborted();
    throw limit.signal.aborted ? tooSlow(stage, options.url) : cause;
  } finally {
    limit.clear();
  }
}

/** What it means that the way to the camera came no further in its time. */
export function tooSlow(stage: Stage, url: string): Error {
  const { hostname, port } = readAddress(url);
  switch (stage) {
    case 'connecting':
      return cameraFailure(
        'unreachable',
        `${hostname}, port ${port}, does not answer`,
        'Check the camera’s power, network cable and address, and whether a firewall stands between.',
      );
    case 'securing':
      return cameraFailure(
        'tls',
        `${hostname}, port ${port}, does not answer to TLS`,
        'Check that RTSPS is switched on in the camera, at this port; it is never asked without encryption.',
      );
    case 'asking':
      return cameraFailure(
        'timed-out',
        'the camera took the connection but says nothing',
        'It may hang: switch its power off and on.',
      );
    case 'streaming':
      return cameraFailure(
        'timed-out',
        'the camera is connected but sends no keyframe in time',
        'Set its keyframe interval (GOP, I-frame interval) to 2 to 4 seconds.',
      );
  }
}

function videoOf(answer: CameraAnswer, address: CameraAddress, login: Login | null): Video {
  if (answer.status !== 200)
    throw refusalOf({ status: answer.status, reason: answer.reason, method: 'DESCRIBE', login });
  const base = header(answer.headers, 'content-base') ?? header(answer.headers, 'content-location') ?? address.url;
  const description = readDescription(answer.body.toString('utf8'), /^rtsps?:/i.test(base) ? base : address.url);
  switch (description.kind) {
    case 'video':
      return description;
    case 'no-video':
      throw cameraFailure(
        'no-video',
        'the stream holds no video',
        'Choose the path of a video stream: this one has sound or nothing.',
      );
    case 'unknown-codec':
      throw cameraFailure(
        'unsupported',
        `the stream’s codec (${description.codec.slice(0, 40)}) is not read`,
        'Set the camera to H.264, H.265 or MJPEG.',
      );
  }
}
