/** Turns a GOP into its newest picture with one run of ffmpeg: for streams whose pictures are not shown in the order they come. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Clock } from '@slowlight/protocol/kit';
import { startFfmpeg } from '../ffmpeg.ts';
import { giveBack } from '../give-back.ts';
import { decodeOnceArguments } from './arguments.ts';
import { type Decoded, isDamage, NO_PICTURE } from './decode.ts';
import { createPpmReader, type RgbPicture } from './ppm.ts';
import type { Gop } from './running-gop.ts';

export interface DecodeOnceOptions {
  clock: Clock;
  ffmpegPath: string | undefined;
  codec: 'h264' | 'hevc';
  parameterSets: Buffer;
}

const DECODE_MS = 15_000;
/**
 * How many of the last pictures are asked for. Mostly a unit is a picture; where it is not (fields, pictures that lean on
 * what came before the keyframe), all are asked for in a second run.
 */
const ASKED = [3, Number.POSITIVE_INFINITY];

/** @throws the signal's reason when it aborts; Failure `ffmpeg.missing` */
export async function decodeOnce(gop: Gop, options: DecodeOnceOptions, signal: AbortSignal): Promise<Decoded> {
  for (const asked of ASKED) {
    const decoded = await decodeLast(asked, gop.units, options, signal);
    if (decoded.kind === 'picture' || decoded.complaint !== '') return decoded;
  }
  return { kind: 'damaged', complaint: NO_PICTURE };
}

async function decodeLast(
  asked: number,
  units: Gop['units'],
  { clock, ffmpegPath, codec, parameterSets }: DecodeOnceOptions,
  signal: AbortSignal,
): Promise<Decoded> {
  const run = startFfmpeg(decodeOnceArguments(codec, Math.max(0, units.length - asked)), {
    clock,
    ...(ffmpegPath !== undefined && { ffmpegPath }),
    deadlineMs: DECODE_MS,
    signal,
    input: [parameterSets, ...units.map((unit) => unit.bytes)].filter((bytes) => bytes.length > 0),
  });
  const [picture, end] = await Promise.all([readLast(run.output), run.ended]);
  signal.throwIfAborted();
  if (end.timedOut) return { kind: 'damaged', complaint: 'decoding took too long' };
  if (end.exitCode !== 0 || isDamage(end.complaint))
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
    giveBack(chunk);
  });
  await once(stream, 'end');
  return readable ? reader.last() : null;
}
