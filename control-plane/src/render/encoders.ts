/**
 * Which encoder makes a film.
 *
 * Promise: hardware is taken only where it has just encoded a few pictures here, with the arguments that films are made
 * with; where it was asked for and does not work, software is taken, and whoever asks is told why.
 * Invariants: each encoder is tried once for a format, by the first film that asks; one that failed is tried again after a
 * while, because drivers come late.
 * When it fails: an ffmpeg that is missing fails the film, which could not be made by software either.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { FilmCodec, FilmEncoder } from '@slowlight/protocol';
import { type Clock, deadline, Failure, messageOf } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { Log } from '../frame.ts';
import { type Hardware, hasEncoder } from './encoder-arguments.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { segmentArguments } from './film-plan.ts';
import { readSegment } from './mp4-boxes.ts';

/** `auto`: the first hardware that works. */
export type WantedEncoder = FilmEncoder | 'auto';

export interface EncoderChoice {
  encoder: FilmEncoder;
  /** Why it is software although hardware was asked for; null: it is what was asked for. */
  reason: string | null;
}

export interface Encoders {
  /** @throws Failure `ffmpeg.missing`; the signal's reason */
  choose(codec: FilmCodec, signal: AbortSignal): Promise<EncoderChoice>;
}

/** Those of their own chip before what only passes pictures on. */
const IN_TURN: readonly Hardware[] = ['nvenc', 'qsv', 'vaapi', 'v4l2m2m'];
/** Larger than the least that encoders of hardware take. */
const CANVAS = { widthPx: 320, heightPx: 256 };
const PICTURES = 4;
const LOOK_AGAIN_MS = 600_000;
/** A driver that hangs must not hold a film up. */
const PROBE_DEADLINE_MS = 20_000;
const REASON_CHARACTERS = 240;

interface Probe {
  at: number;
  /** null: it works. */
  fault: Promise<string | null>;
}

export function createEncoders(
  { clock, log }: { clock: Clock; log: Log },
  { wanted, workFolder }: { wanted: WantedEncoder; workFolder: string },
): Encoders {
  const probes = new Map<string, Probe>();

  async function faultOf(encoder: Hardware, codec: FilmCodec, signal: AbortSignal): Promise<string | null> {
    if (!hasEncoder(encoder, codec)) return `ffmpeg has no ${encoder} encoder for ${codec}.`;
    const key = `${encoder} ${codec}`;
    const known = probes.get(key);
    if (known !== undefined) {
      // Whoever tried it may have been cancelled: then it says nothing.
      const fault = await known.fault.catch(() => undefined);
      if (fault === null) return null;
      if (fault !== undefined && clock.monotonicMs() - known.at < LOOK_AGAIN_MS) return fault;
    }
    const fault = probe(encoder, codec, signal);
    const one = { at: clock.monotonicMs(), fault };
    probes.set(key, one);
    try {
      const found = await fault;
      log.info({ encoder, codec, fault: found }, 'an encoder of hardware was tried');
      return found;
    } catch (thrown) {
      // It says nothing of the encoder: whoever asks next tries again.
      if (probes.get(key) === one) probes.delete(key);
      throw thrown;
    }
  }

  /** Encodes a few pictures as a piece of a film is encoded. */
  async function probe(encoder: Hardware, codec: FilmCodec, signal: AbortSignal): Promise<string | null> {
    const file = path.join(workFolder, `probe-${encoder}-${randomBytes(4).toString('hex')}.mp4`);
    const within = deadline(clock, PROBE_DEADLINE_MS, signal);
    try {
      const jpeg = await sharp({
        create: { width: CANVAS.widthPx, height: CANVAS.heightPx, channels: 3, background: '#406080' },
      })
        .jpeg()
        .toBuffer();
      const look = { canvas: CANVAS, fit: 'bars', codec, quality: 'medium', encoder } as const;
      const pictures = Array.from({ length: PICTURES }, () => jpeg);
      const args = segmentArguments(
        look,
        pictures.map(() => 1),
      );
      await runFfmpeg({ args, input: Readable.from(pictures), outputPath: file }, within.signal);
      const { samples } = readSegment(await readFile(file));
      return samples.length === PICTURES ? null : `it gave ${samples.length} of ${PICTURES} pictures.`;
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof Failure && thrown.code === 'ffmpeg.missing') throw thrown;
      return inShort(messageOf(thrown));
    } finally {
      within.clear();
      await rm(file, { force: true });
    }
  }

  return {
    async choose(codec, signal) {
      if (wanted === 'software') return { encoder: 'software', reason: null };
      if (wanted !== 'auto') {
        const fault = await faultOf(wanted, codec, signal);
        if (fault === null) return { encoder: wanted, reason: null };
        return { encoder: 'software', reason: `${wanted} does not work here: ${fault}` };
      }
      for (const encoder of IN_TURN)
        if ((await faultOf(encoder, codec, signal)) === null) return { encoder, reason: null };
      return { encoder: 'software', reason: 'No hardware of this machine encodes this format.' };
    },
  };
}

/** What ffmpeg says of every picture here, and what only follows from something else. */
const NOISE = [
  /pixel format used, make sure|^\S*.{0,20}correctly$|EOI missing/i,
  /initiali[sz]ing output|opening (encoder|output)|incorrect parameters|parsing global|set value|conversion failed/i,
];

/** Pure: what ffmpeg complained of, without what says nothing of the cause. */
export function inShort(complaint: string): string {
  const lines = complaint
    .replace(/^ffmpeg failed: /, '')
    .split('\n')
    // Names of parts with their places in memory, such as [h264_nvenc @ 0x55d0].
    .map((line) => line.replace(/\[[^\]@]+ @ 0x[0-9a-f]+\] ?/g, '').trim())
    .filter((line) => line !== '');
  const telling = lines.filter((line) => !NOISE.some((noise) => noise.test(line)));
  const text = [...new Set(telling.length > 0 ? telling : lines)].join(' · ');
  if (text.length > REASON_CHARACTERS) return `${text.slice(0, REASON_CHARACTERS - 1)}…`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
