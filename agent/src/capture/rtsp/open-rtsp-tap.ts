/** A tap on an RTSP camera: read by ourselves, or, where we do not speak its stream, by an `ffmpeg -c copy` behind the gate. */
import { cameraFailure } from '../camera-failure.ts';
import { type FfmpegRun, startFfmpeg } from '../ffmpeg.ts';
import { tapArguments } from '../tap/arguments.ts';
import type { GopLimits } from '../tap/running-gop.ts';
import { createIntake, type Tap } from '../tap/tap.ts';
import { chooseReader } from './choose-reader.ts';
import { type Gate, type GateOptions, openEndpoint } from './gate.ts';
import { type MetCamera, meetCamera } from './meet-camera.ts';
import { openDirectTap } from './open-direct-tap.ts';

export interface RtspTapOptions extends GateOptions {
  ffmpegPath?: string | undefined;
  limits: GopLimits;
}

/** @throws Failure `capture.*`; the signal's reason when it aborts */
export async function openRtspTap(options: RtspTapOptions, signal: AbortSignal): Promise<Tap> {
  const beganAtMs = options.clock.monotonicMs();
  const met = await meetCamera(options, signal);
  return chooseReader(met.video) === 'own'
    ? await openDirectTap(met, { ...options, beganAtMs }, signal)
    : await openCopyingTap(met, options, beganAtMs);
}

async function openCopyingTap(met: MetCamera, options: RtspTapOptions, beganAtMs: number): Promise<Tap> {
  const { clock, ffmpegPath, limits } = options;
  const gate = await openEndpoint(met, options).catch((cause: unknown) => {
    met.conversation.close();
    throw cause;
  });
  const stop = new AbortController();
  const { codec, parameterSets, sizeKnown } = gate.video;
  const run = startFfmpeg(tapArguments(gate.localUrl, codec, sizeKnown), {
    clock,
    ...(ffmpegPath !== undefined && { ffmpegPath }),
    deadlineMs: null,
    signal: stop.signal,
  });
  const intake = createIntake({ clock, codec, parameterSets, beganAtMs, limits });
  run.output.on('data', intake.push);
  gate.onLoss(intake.lost);

  let silent: Error | null = null;
  void intake.silence(stop.signal).then((why) => {
    silent = why;
    if (why !== null) void gate.close();
  });
  const ended = endOf(gate, run, stop).then((why) => {
    const reason = silent ?? why;
    intake.end(reason);
    return reason;
  });
  return {
    ...intake.tap,
    ended,
    async close() {
      // The gate says goodbye to the camera; ffmpeg finds its connection closed and is told so as well.
      const closing = gate.close();
      stop.abort();
      await closing;
      await ended;
    },
  };
}

/** When one of the two goes, the other follows. What the camera did says why; else it was ffmpeg. */
async function endOf(gate: Gate, run: FfmpegRun, stop: AbortController): Promise<Error> {
  const ofProgram = run.ended.then(
    ({ complaint }) =>
      cameraFailure(
        'undecodable',
        `the stream cannot be read${complaint === '' ? '' : `: ${complaint.split('\n')[0]?.slice(0, 200)}`}`,
        'Set the camera to H.264, and restart it if this stays.',
      ),
    (cause: unknown) =>
      cameraFailure(
        'unsupported',
        'ffmpeg cannot be run',
        'Install ffmpeg on this agent: sudo apt-get install ffmpeg.',
        cause,
      ),
  );
  await Promise.race([gate.closed, ofProgram]);
  await gate.close();
  const fault = await gate.closed;
  stop.abort();
  const complaint = await ofProgram;
  return fault ?? complaint;
}
