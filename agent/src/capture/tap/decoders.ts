/**
 * The decoders of this device, over all cameras: few at once, and each kept for the next picture of the same kind of stream,
 * because starting a process costs more than decoding a picture.
 *
 * Promise: never more than `most` work or exist at once; a decoder is only ever fed streams of one codec and one sequence
 * parameter set (another size would be scaled silently); one that nobody needed for a while is ended, and after `close` all are.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '@slowlight/protocol/kit';
import { createInHand } from '../in-hand.ts';
import { createTurnstile } from '../turnstile.ts';
import { type Decoded, NO_PICTURE } from './decode.ts';
import { decodeOnce } from './decode-once.ts';
import { createDecoder, type Decoder, type Stream } from './decoder.ts';
import { sequenceSetOf } from './parameter-sets.ts';
import type { RgbPicture } from './ppm.ts';
import { reorders } from './reordering.ts';
import type { Gop } from './running-gop.ts';

export interface Decoders {
  /** Lets an idle decoder of this stream begin with what is there; starts none. */
  ahead(gop: Gop, stream: Stream): void;
  /** @throws the signal's reason when it aborts; Failure `ffmpeg.missing` */
  decode(gop: Gop, stream: Stream, signal: AbortSignal): Promise<Decoded>;
  /** Does other decoding in its turn. @throws what it throws; the signal's reason when it aborts while waiting */
  pass(work: () => Promise<RgbPicture>, signal: AbortSignal): Promise<RgbPicture>;
  close(): Promise<void>;
}

/** Two pictures of 1080p, or one of any size. */
const MOST_IN_HAND_BYTES = 12 * 1024 * 1024;

/** So often in a row no picture comes out before a kind of stream is given to processes of its own. */
const SILENT_TIMES = 2;
/** How long it stays so, ms: perhaps the device was only busy, and a process for every picture keeps it so. */
const APART_MS = 10 * 60_000;

export interface DecodersOptions {
  most: number;
  idleMs: number;
  ffmpegPath?: string | undefined;
}

interface Kept {
  kind: string;
  decoder: Decoder;
  busy: boolean;
  usedAtMs: number;
  /** Ends the waiting for its end. */
  wanted: AbortController;
}

export function createDecoders(clock: Clock, { most, idleMs, ffmpegPath }: DecodersOptions): Decoders {
  const turnstile = createTurnstile(most);
  const inHand = createInHand(clock, MOST_IN_HAND_BYTES);
  const kept = new Set<Kept>();
  const closing = new Set<Promise<void>>();
  /** Kinds of streams whose pictures are not shown in the order in which they come: what stays cannot decode them. */
  const scrambled = new Set<string>();
  /** How often in a row a decoder was asked for a picture of a kind of stream and gave none. */
  const silent = new Map<string, number>();
  /** Kinds of streams that are given to processes of their own because of that silence, each until a moment of the monotonic clock, ms. */
  const apartUntil = new Map<string, number>();
  let closed = false;

  const isApart = (kind: string, gop: Gop, stream: Stream): boolean =>
    isScrambled(kind, gop, stream) || clock.monotonicMs() < (apartUntil.get(kind) ?? 0);

  function isScrambled(kind: string, { units }: Gop, { codec, parameterSets }: Stream): boolean {
    if (!scrambled.has(kind) && reorders(units, codec, parameterSets)) scrambled.add(kind);
    return scrambled.has(kind);
  }

  function end(one: Kept): void {
    kept.delete(one);
    one.wanted.abort();
    const done: Promise<void> = one.decoder.close().finally(() => closing.delete(done));
    closing.add(done);
  }

  const idle = () => [...kept].filter(({ busy }) => !busy).sort((a, b) => a.usedAtMs - b.usedAtMs);
  const idleOf = (kind: string) => idle().findLast((one) => one.kind === kind && one.decoder.alive());

  function borrow(kind: string, codec: Stream['codec']): Kept {
    for (const one of idle()) if (!one.decoder.alive()) end(one);
    let one = idleOf(kind);
    if (one === undefined) {
      const [oldest] = idle();
      if (kept.size >= most && oldest !== undefined) end(oldest);
      const decoder = createDecoder(clock, codec, ffmpegPath);
      one = { kind, decoder, busy: true, usedAtMs: 0, wanted: new AbortController() };
      kept.add(one);
    }
    one.busy = true;
    one.wanted.abort();
    return one;
  }

  function giveBack(one: Kept): void {
    one.busy = false;
    one.usedAtMs = clock.monotonicMs();
    if (closed || !one.decoder.alive()) {
      end(one);
      return;
    }
    const wanted = new AbortController();
    one.wanted = wanted;
    void clock.sleep(idleMs, wanted.signal).then(() => {
      if (!wanted.signal.aborted) end(one);
    });
  }

  async function decodeInTurn(gop: Gop, stream: Stream, signal: AbortSignal): Promise<Decoded> {
    const { codec, parameterSets } = stream;
    const kind = kindOf(gop, stream);
    const alone = () => decodeOnce(gop, { clock, ffmpegPath, codec, parameterSets }, signal);
    if (isApart(kind, gop, stream)) return await alone();
    const one = borrow(kind, codec);
    try {
      const decoded = await one.decoder.decode(gop, stream, signal);
      if (decoded.kind === 'picture') silent.delete(kind);
      if (decoded.kind === 'picture' || !decoded.complaint.includes(NO_PICTURE)) return decoded;
    } finally {
      giveBack(one);
    }
    // Once may be a device that is busy. Again: it keeps the picture back until others follow, and will so with the next.
    const times = (silent.get(kind) ?? 0) + 1;
    silent.set(kind, times);
    if (times >= SILENT_TIMES) apartUntil.set(kind, clock.monotonicMs() + APART_MS);
    return await alone();
  }

  const inTurn = <Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> =>
    turnstile.pass(() => inHand.decode(work, signal), signal);

  return {
    ahead(gop, stream) {
      const kind = kindOf(gop, stream);
      if (!isApart(kind, gop, stream)) idleOf(kind)?.decoder.ahead(gop, stream);
    },
    decode: (gop, stream, signal) =>
      inTurn(async () => {
        const decoded = await decodeInTurn(gop, stream, signal);
        return decoded.kind === 'picture' ? { ...decoded, picture: inHand.hold(decoded.picture) } : decoded;
      }, signal),
    pass: (work, signal) => inTurn(async () => inHand.hold(await work()), signal),
    async close() {
      closed = true;
      for (const one of kept) if (!one.busy) end(one);
      await Promise.all(closing);
    },
  };
}

function kindOf({ units }: Gop, { codec, parameterSets }: Stream): string {
  const [key] = units;
  const set = (key === undefined ? null : sequenceSetOf(key.bytes, codec)) ?? parameterSets;
  return `${codec} ${createHash('sha256').update(set).digest('base64')}`;
}
