/**
 * A tap on an RTSP camera without any process: the session, the packets and their pictures are read here.
 *
 * Promise: the camera is told that somebody listens (RTCP, and a word within half of its session's time) and is told goodbye;
 * when nobody heeds what comes, it is read in gulps. When the camera goes, falls silent or sends what it did not announce, the
 * tap ends with why. After `close` nothing of it is left.
 */
import { randomBytes } from 'node:crypto';
import { deadline } from '@slowlight/protocol/kit';
import type { GopLimits } from '../tap/running-gop.ts';
import { createIntake, type Tap } from '../tap/tap.ts';
import { refusalOf } from './answer.ts';
import type { CameraAnswer } from './conversation.ts';
import type { GateOptions } from './gate.ts';
import { hearRtp } from './hear-rtp.ts';
import { type MetCamera, tooSlow } from './meet-camera.ts';
import { header, type OnPacket } from './message.ts';
import { receiverReport } from './rtcp.ts';
import { type Session, sayGoodbye, sessionOf, setUpTrack, streamEnded } from './session.ts';
import type { UdpTrack } from './udp-track.ts';

export interface DirectTapOptions extends GateOptions {
  limits: GopLimits;
  /** When the connection was begun, monotonic ms. */
  beganAtMs: number;
}

const FRAME_HEAD_BYTES = 4;
const CHANNELS = 'RTP/AVP/TCP;unicast;interleaved=0-1';
/** When nobody waits for a picture, the line is looked at so often, ms. */
const GULP_MS = 150;
/** How often the camera is told what came, ms (RFC 3550, 6.2). */
const REPORT_MS = 5000;
const SHORTEST_KEEP_ALIVE_MS = 5000;
const LONGEST_KEEP_ALIVE_MS = 30_000;

/** @throws Failure `capture.*`; the signal's reason when it aborts. Then the conversation is closed. */
export async function openDirectTap(met: MetCamera, options: DirectTapOptions, signal: AbortSignal): Promise<Tap> {
  const { clock, url, login, transport = 'auto', limits, beganAtMs } = options;
  const { conversation: camera, video } = met;
  const { parameterSets, rtp } = video;
  const codec = video.codec === 'hevc' ? 'hevc' : 'h264';
  const over = new AbortController();
  let session: Session | null = null;
  let udp: UdpTrack | null = null;
  let channel = 0;
  let heeding = 0;

  const intake = createIntake({ clock, codec, parameterSets, beganAtMs, limits }, { unproven: () => heard.unproven() });
  // UDP is not read in gulps.
  const lookedAtMs = () => {
    if (udp === null) return camera.lookedAtMs();
    const now = clock.monotonicMs();
    return { readAtMs: now, emptyAtMs: now };
  };
  const onFirstKeyframe = () => camera.lookEvery(heeding === 0 ? GULP_MS : 0);
  const heard = hearRtp({ intake, lookedAtMs, onFirstKeyframe }, { codec, ...rtp });
  const onFrame: OnPacket = (bytes, from, to) => {
    if (bytes[from + 1] === channel) heard.push(bytes, from + FRAME_HEAD_BYTES, to);
  };

  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= (async () => {
      over.abort();
      udp?.close();
      if (session !== null) await sayGoodbye(camera, { url: video.sessionUrl, session: session.id, clock });
      camera.close();
    })();
    return closing;
  };

  async function begin(limit: AbortSignal): Promise<Session> {
    const asked = { method: 'SETUP', url: video.trackUrl, headers: { Transport: CHANNELS } };
    const set = await setUpTrack(
      { met, clock, url, transport, asked, channels: CHANNELS, onPacket: (frame) => onFrame(frame, 0, frame.length) },
      limit,
    );
    udp = set.udp;
    demand(set.answer, 'SETUP');
    const opened = sessionOf(set.answer) ?? { id: '', timeoutMs: LONGEST_KEEP_ALIVE_MS * 2 };
    session = opened;
    channel = Number(/interleaved=(\d{1,3})/.exec(header(set.answer.headers, 'transport') ?? '')?.[1] ?? 0);
    camera.onPacket(onFrame);
    const headers = { Session: opened.id || null, Range: 'npt=0.000-' };
    demand(await camera.ask({ method: 'PLAY', url: video.sessionUrl, headers }, limit), 'PLAY');
    return opened;
  }

  function demand({ status, reason }: CameraAnswer, method: string): void {
    if (status !== 200) throw refusalOf({ status, reason, method, login });
  }

  async function report(): Promise<void> {
    const own = randomBytes(4).readUInt32BE();
    for (;;) {
      await clock.sleep(REPORT_MS, over.signal);
      if (over.signal.aborted) return;
      const came = heard.heard();
      if (came === null) continue;
      const packet = receiverReport(own, came);
      const frame = Buffer.concat([Buffer.from([0x24, channel + 1, 0, packet.length]), packet]);
      if (udp === null) camera.send(frame);
      else udp.send(frame);
    }
  }

  /** Asks for nothing now and then, in the way that the camera knows. */
  async function keepAlive({ id, timeoutMs }: Session): Promise<void> {
    const everyMs = Math.max(SHORTEST_KEEP_ALIVE_MS, Math.min(LONGEST_KEEP_ALIVE_MS, timeoutMs / 2));
    let method = 'GET_PARAMETER';
    for (;;) {
      await clock.sleep(everyMs, over.signal);
      if (over.signal.aborted) return;
      const asked = { method, url: video.sessionUrl, headers: { Session: id || null } };
      const answer = await camera.ask(asked, over.signal).catch(() => null);
      if (answer !== null && answer.status !== 200) method = 'OPTIONS';
    }
  }

  const limit = deadline(clock, options.connectMs, signal);
  let opened: Session;
  try {
    opened = await begin(limit.signal);
  } catch (cause) {
    await close();
    signal.throwIfAborted();
    throw limit.signal.aborted ? tooSlow('asking', url) : cause;
  } finally {
    limit.clear();
  }

  let silent: Error | null = null;
  void intake.silence(over.signal).then((why) => {
    silent = why;
    if (why !== null) void close();
  });
  void report();
  void keepAlive(opened);
  const ended = camera.closed.then(async (fault) => {
    await close();
    const why = silent ?? fault ?? streamEnded();
    intake.end(why);
    return why;
  });
  return {
    ...intake.tap,
    heldBackMs: () => (heard.marked() ? 0 : (intake.tap.pictureIntervalMs() ?? 0)),
    heed() {
      heeding += 1;
      camera.lookEvery(0);
      let left = false;
      return () => {
        heeding -= left ? 0 : 1;
        left = true;
        if (heeding === 0 && intake.tap.startUpMs() !== null) camera.lookEvery(GULP_MS);
      };
    },
    ended,
    async close() {
      await close();
      await ended;
    },
  };
}
