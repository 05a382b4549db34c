/** Turns a GOP into its newest picture: one run of ffmpeg, fed from memory. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import { startFfmpeg } from '../ffmpeg.ts';
import type { VideoCodec } from '../rtsp/sdp.ts';
import { decodeArguments } from './arguments.ts';
import { createPpmReader, type RgbPicture } from './ppm.ts';
import type { Gop } from './running-gop.ts';

export interface DecodeOptions {
  clock: Clock;
  ffmpegPath?: string;
  codec: VideoCodec;
  parameterSets: Buffer;
}

export type Decoded = { kind: 'picture'; picture: RgbPicture } | { kind: 'damaged'; complaint: string };

const DECODE_MS = 15_000;
/** What ffmpeg says when it gives out a picture that is not what the camera saw. */
const DAMAGE =
  /error while decoding|concealing|Frame num gap|corrupt|Missing reference|no frame!|Could not find ref|non-existing [PS]PS|reference picture missing|decode_slice_header error|Invalid NAL|Invalid data|overread|EOI missing/i;

/**
 * How many of the last pictures are asked for. Mostly a unit is a picture; where it is not (fields, pictures that lean on
 * what came before the keyframe), all are asked for in a second run.
 */
const ASKED = [3, Number.POSITIVE_INFINITY];

/** @throws the signal's reason when it aborts; Failure `ffmpeg.missing` */
export async function decodeNewest(gop: Gop, options: DecodeOptions, signal: AbortSignal): Promise<Decoded> {
  // A JPEG stands alone; of the others, everything since the keyframe is needed.
  const units = options.codec === 'mjpeg' ? gop.units.slice(-1) : gop.units;
  let complaint = '';
  for (const asked of ASKED) {
    const decoded = await decodeLast(asked, units, options, signal);
    if (decoded.kind === 'picture' || decoded.complaint !== '') return decoded;
    complaint = decoded.complaint;
  }
  return { kind: 'damaged', complaint: complaint || 'no picture came out' };
}

async function decodeLast(
  asked: number,
  units: Gop['units'],
  { clock, ffmpegPath, codec, parameterSets }: DecodeOptions,
  signal: AbortSignal,
): Promise<Decoded> {
  const run = startFfmpeg(decodeArguments(codec, Math.max(0, units.length - asked)), {
    clock,
    ...(ffmpegPath !== undefined && { ffmpegPath }),
    deadlineMs: DECODE_MS,
    signal,
    input: [parameterSets, ...units.map((unit) => unit.bytes)].filter((bytes) => bytes.length > 0),
  });
  const [picture, end] = await Promise.all([readLast(run.output), run.ended]);
  signal.throwIfAborted();
  if (end.timedOut) return { kind: 'damaged', complaint: 'decoding took too long' };
  if (end.exitCode !== 0 || DAMAGE.test(end.complaint))
    return { kind: 'damaged', complaint: end.complaint || `ffmpeg ended with ${end.exitCode}` };
  return picture === null ? { kind: 'damaged', complaint: '' } : { kind: 'picture', picture };
}

async function readLast(stream: Readable): Promise<RgbPicture | null> {
  const reader = createPpmReader();
  let readable = true;
  stream.on('data', (chunk: Buffer) => {
    try {
      if (readable) reader.push(chunk);
    } catch {
      // No picture then; the stream is read to its end, so that ffmpeg can end.
      readable = false;
    }
  });
  await once(stream, 'end');
  return readable ? reader.last() : null;
}

/** Why a decoder could not be run at all, for the log. */
export function isMissingProgram(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && thrown.code === 'ffmpeg.missing';
}
