/**
 * A camera that is not there: Node draws a moving landscape with the time in it, ffmpeg encodes it, and a real RTSP server
 * serves it. Nothing of vitest here, so that the demo can start one too. When this process dies, the encoder finds its input
 * at an end and goes as well.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { NARROWEST_PX } from './picture-clock.ts';
import { type RtspServer, type RtspServerOptions, startRtspServer } from './rtsp-server.ts';
import { createScene } from './scene.ts';

export interface VirtualCameraOptions extends RtspServerOptions {
  /** Even, at least 512. */
  widthPx?: number;
  /** Even. */
  heightPx?: number;
  fps?: number;
  /** As a sensor's: how much each pixel differs from frame to frame. */
  grain?: number;
  /** How far apart keyframes are. */
  gopSeconds?: number;
  codec?: 'h264' | 'hevc' | 'mjpeg';
  /** Whether SPS and PPS are repeated in the stream or stand in the SDP alone. */
  parametersInStream?: boolean;
  ffmpegPath?: string;
}

export interface VirtualCamera {
  /** The address, without credentials. */
  url: string;
  server: RtspServer;
  /** Sends other pictures from now on. With `carryOver`, viewers stay connected. */
  change(more: VirtualCameraOptions): Promise<void>;
  close(): Promise<void>;
}

const PATH = '/camera/main';

/** @throws Error when ffmpeg is missing or cannot encode */
export async function startVirtualCamera(options: VirtualCameraOptions = {}): Promise<VirtualCamera> {
  const { widthPx = 640, heightPx = 360, fault } = options;
  if (widthPx < NARROWEST_PX || widthPx % 2 !== 0 || heightPx % 2 !== 0)
    throw new Error(`a virtual camera must be at least ${NARROWEST_PX} pixels wide, with even sides`);
  const server = await startRtspServer(options);
  if (fault !== undefined && !['stall', 'lossy', 'garbage'].includes(fault))
    return { url: server.url(PATH), server, change: async () => {}, close: server.close };
  try {
    let closeEncoder = await startEncoder(options, server);
    return {
      url: server.url(PATH),
      server,
      async change(more) {
        const before = closeEncoder;
        closeEncoder = await startEncoder({ ...options, ...more }, server);
        await before();
      },
      async close() {
        await closeEncoder();
        await server.close();
      },
    };
  } catch (cause) {
    await server.close();
    throw cause;
  }
}

/** Publishes on the server; gives what ends it. @throws Error when ffmpeg is missing or cannot encode */
async function startEncoder(options: VirtualCameraOptions, server: RtspServer): Promise<() => Promise<void>> {
  const { widthPx = 640, heightPx = 360, fps = 15 } = options;
  const published = server.published(PATH);
  const encoder = spawn(options.ffmpegPath ?? 'ffmpeg', encoderArguments(options, server.publishUrl(PATH)), {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  encoder.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    encoder.once('error', (fault) => {
      complaint = fault.message;
      resolve();
    });
    encoder.once('close', () => resolve());
  });
  const stop = new AbortController();
  const drawing = drawFrames(encoder, createScene({ widthPx, heightPx }, options.grain), fps, stop.signal);
  const close = async () => {
    stop.abort();
    await drawing;
    encoder.stdin.end();
    const timer = setTimeout(() => encoder.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  };
  const failed = await Promise.race([published.then(() => false), ended.then(() => true)]);
  if (!failed) return close;
  await close();
  throw new Error(`the virtual camera's encoder ended: ${complaint}`);
}

/** Draws in real time; a frame for which the encoder has no room yet is left out, as a camera would. */
async function drawFrames(
  encoder: ChildProcess,
  scene: ReturnType<typeof createScene>,
  fps: number,
  signal: AbortSignal,
) {
  const input = encoder.stdin;
  if (input === null) return;
  input.on('error', () => {});
  let busy = false;
  const began = performance.now();
  for (let frame = 0; !signal.aborted && !input.destroyed; frame += 1) {
    const waitMs = began + (frame * 1000) / fps - performance.now();
    if (waitMs > 0) await wait(waitMs, undefined, { signal }).catch(() => {});
    if (busy || signal.aborted || input.destroyed) continue;
    busy = true;
    input.write(scene.draw(Date.now()), () => {
      busy = false;
    });
  }
  if (busy && !input.destroyed) await Promise.race([once(input, 'drain'), once(input, 'close')]).catch(() => {});
}

function encoderArguments(options: VirtualCameraOptions, target: string): string[] {
  const { widthPx = 640, heightPx = 360, fps = 15, gopSeconds = 2, codec = 'h264' } = options;
  const gop = String(Math.max(1, Math.round(fps * gopSeconds)));
  const lively = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-g', gop, '-bf', '0'];
  // Grain would ask for any number of bits; a camera is set to a few megabits.
  const bounded = options.grain ? ['-maxrate', '4M', '-bufsize', '4M'] : [];
  const encoders: Record<typeof codec, string[]> = {
    h264: ['libx264', ...lively, ...bounded, '-keyint_min', gop, '-sc_threshold', '0', '-crf', '24', '-threads', '1'],
    hevc: [
      'libx265',
      ...lively,
      '-x265-params',
      `log-level=error:pools=1:frame-threads=1:keyint=${gop}:min-keyint=${gop}`,
    ],
    mjpeg: ['mjpeg', '-q:v', '5', '-huffman', 'default', '-color_range', 'pc'],
  };
  const repeat = options.parametersInStream && codec !== 'mjpeg' ? ['-bsf:v', 'dump_extra=freq=keyframe'] : [];
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error'],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${widthPx}x${heightPx}`, '-framerate', String(fps)],
    ...['-use_wallclock_as_timestamps', '1', '-i', 'pipe:0', '-an', '-c:v', ...encoders[codec], ...repeat],
    ...['-pix_fmt', codec === 'mjpeg' ? 'yuvj420p' : 'yuv420p', '-fps_mode', 'passthrough'],
    ...['-f', 'rtsp', '-rtsp_transport', 'tcp', target],
  ];
}
