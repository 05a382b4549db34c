/**
 * A decoder that stays: one ffmpeg that is fed pictures of one kind of stream and gives out the one that is asked for. Only
 * that one is turned into RGB and comes through the pipe; the others cost their decoding alone.
 *
 * Promise: what `decode` gives is the newest picture of the GOP that was handed in, or says that it is damaged. One question
 * at a time. A decoder that did not answer a question with exactly one picture is ended and never asked again, so that a late
 * answer can never be taken for another camera's. After `close` no process is left.
 */
import { PassThrough } from 'node:stream';
import { type Clock, deadline } from '@slowlight/protocol/kit';
import { startFfmpeg } from '../ffmpeg.ts';
import { giveBack } from '../give-back.ts';
import type { AccessUnit } from './access-units.ts';
import { residentArguments } from './arguments.ts';
import { type Decoded, isDamage, NO_PICTURE } from './decode.ts';
import { ivfHead, ivfPacket } from './ivf.ts';
import type { Pace } from './pace.ts';
import { sequenceSetOf } from './parameter-sets.ts';
import { createPpmReader } from './ppm.ts';
import type { Gop } from './running-gop.ts';

/** The stream that a GOP comes from. */
export interface Stream {
  codec: 'h264' | 'hevc';
  /** Parameter sets that may not stand in the stream itself, with start codes. */
  parameterSets: Buffer;
  pace: Pace;
}

export interface Decoder {
  /** Decodes what is there, so that less is left to do at the slot; gives nothing. */
  ahead(gop: Gop, stream: Stream): void;
  /** @throws the signal's reason when it aborts; Failure `ffmpeg.missing` */
  decode(gop: Gop, stream: Stream, signal: AbortSignal): Promise<Decoded>;
  /** False when it must not be asked any more. */
  alive(): boolean;
  close(): Promise<void>;
}

const DECODE_MS = 15_000;
/** How long a picture may take beyond three times what its decoding is expected to take, ms. */
const PATIENCE_MS = 1500;
const FIRST_PATIENCE_MS = 3000;
/** After a complaint a picture comes soon or not at all. */
const GRACE_MS = 300;
/**
 * Who has fed a decoder ahead of a slot has it for this time, ms. Cameras of one kind share it and are often due together:
 * would each feed it ahead, it would decode the pictures of all and be late for every one.
 */
const AHEAD_MS = 1000;
/** More than this is not queued for a decoder ahead of a slot, bytes. */
const MOST_QUEUED = 32 * 1024 * 1024;

export function createDecoder(clock: Clock, codec: 'h264' | 'hevc', ffmpegPath: string | undefined): Decoder {
  const stop = new AbortController();
  const input = new PassThrough({ highWaterMark: 4 * 1024 * 1024 });
  const reader = createPpmReader();
  let number = 0;
  let fed: readonly AccessUnit[] = [];
  let fedAheadAtMs = Number.NEGATIVE_INFINITY;
  let said = '';
  let answered = 0;
  let over: { fault: unknown } | null = null;
  let notice = () => {};

  const run = startFfmpeg(residentArguments(codec), {
    clock,
    ...(ffmpegPath !== undefined && { ffmpegPath }),
    deadlineMs: null,
    signal: stop.signal,
    input,
    onComplaint(text) {
      said = (said + text).slice(-4000);
      notice();
    },
  });
  run.output.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch (fault) {
      end(fault);
    }
    // A picture comes in a hundred pieces.
    giveBack(chunk);
    if (reader.pictures() > answered) notice();
  });
  const gone = run.ended.then(
    () => end(null),
    (fault: unknown) => end(fault),
  );
  input.write(ivfHead(codec));

  function end(fault: unknown): void {
    over ??= { fault };
    stop.abort();
    // At its end ffmpeg goes by itself; a signal alone would not wake it from waiting for input.
    input.end();
    notice();
  }

  function write(unit: AccessUnit, parameterSets: Buffer, wanted: boolean): void {
    if (over !== null) return;
    number += 2;
    const own = !unit.key || parameterSets.length === 0 || sequenceSetOf(unit.bytes, codec) !== null;
    input.write(ivfPacket(own ? [unit.bytes] : [parameterSets, unit.bytes], wanted ? number + 1 : number));
  }

  /** Whether these pictures go on from where the decoder stands. */
  const goesOn = (units: readonly AccessUnit[]) =>
    fed.length > 0 && fed.length < units.length && fed.every((unit, index) => unit === units[index]);

  /** Gives how many were left to feed. */
  function feed({ units }: Gop, { parameterSets }: Stream, wanted: boolean): number {
    const from = goesOn(units) ? fed.length : 0;
    if (from === 0) said = '';
    units.slice(from).forEach((unit, index) => {
      write(unit, parameterSets, wanted && index === units.length - from - 1);
    });
    fed = units;
    return units.length - from;
  }

  async function decode(gop: Gop, stream: Stream, signal: AbortSignal): Promise<Decoded> {
    const limit = deadline(clock, DECODE_MS, signal);
    try {
      const beganAtMs = clock.monotonicMs();
      const fresh = feed(gop, stream, true);
      // A process that has just been started needs its time.
      const patienceMs = (answered === 0 ? FIRST_PATIENCE_MS : PATIENCE_MS) + 3 * stream.pace.estimateMs(fresh);
      await heard(patienceMs, limit.signal, () => isDamage(said));
      if (isDamage(said)) await heard(GRACE_MS, limit.signal, () => false);
      signal.throwIfAborted();
      if (reader.pictures() === answered) return giveUp();
      // What ffmpeg said of this picture was said before it came, on another pipe: let both be read.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      answered += 1;
      const picture = reader.last();
      if (reader.pictures() !== answered || picture === null) return giveUp();
      stream.pace.learn(fresh, clock.monotonicMs() - beganAtMs);
      return isDamage(said) ? { kind: 'damaged', complaint: said.trim() } : { kind: 'picture', picture };
    } catch (cause) {
      end(null);
      throw cause;
    } finally {
      limit.clear();
      reader.forget();
    }
  }

  function giveUp(): Decoded {
    const fault = over?.fault ?? null;
    end(null);
    if (fault !== null) throw fault;
    return { kind: 'damaged', complaint: said.trim() || NO_PICTURE };
  }

  /** Until a picture is there, the decoder has ended, or something else is enough; but no longer than this. */
  async function heard(ms: number, signal: AbortSignal, enough: () => boolean): Promise<void> {
    const end = clock.monotonicMs() + ms;
    for (let leftMs = ms; leftMs > 0; leftMs = end - clock.monotonicMs()) {
      if (reader.pictures() > answered || over !== null || enough() || signal.aborted) return;
      const woken = new AbortController();
      notice = () => woken.abort();
      await clock.sleep(leftMs, AbortSignal.any([signal, woken.signal]));
    }
  }

  return {
    ahead(gop, stream) {
      const now = clock.monotonicMs();
      const others = fed[0] !== gop.units[0] && now - fedAheadAtMs < AHEAD_MS;
      if (over !== null || others || input.writableLength >= MOST_QUEUED) return;
      fedAheadAtMs = now;
      feed(gop, stream, false);
    },
    decode,
    alive: () => over === null,
    async close() {
      end(null);
      await gone;
    },
  };
}
