/**
 * The line to a camera, read into one buffer that is used again and again, and, when nobody needs what comes at once, in
 * gulps: the system keeps it meanwhile, because each look costs as much as a hundred kilobytes.
 *
 * Promise: bytes come in order, whole, as long as the listener returns before the next come. The camera is not held back: a
 * gulp that may have been all that the system can keep is soon followed by another look, until such a look finds little and so
 * proves that there was room. Where what comes is little beside what the system has been seen to keep, gulps are rarer. TLS
 * cannot be read in gulps.
 */
import type { Socket } from 'node:net';
import type { Clock } from '@slowlight/protocol/kit';
import type { CameraAddress } from '../address.ts';
import { connect, secure } from '../connect.ts';
import type { Trust } from '../trust.ts';

export interface Line {
  socket: Socket;
  /** The bytes are overwritten after the listener has returned. */
  onBytes(listener: (bytes: Buffer) => void): void;
  lookedAtMs(): Looked;
  /**
   * How long to leave between two looks at what has come, ms; 0: none. Up to three times as long where what comes meanwhile is
   * sure to be kept.
   */
  lookEvery(ms: number): void;
}

export interface Looked {
  readAtMs: number;
  emptyAtMs: number;
}

export interface LineOptions {
  clock: Clock;
  address: CameraAddress;
  trust: Trust;
  /** Told when the line stands and is being encrypted. */
  onSecuring(): void;
}

const BUFFER_BYTES = 64 * 1024;
/** What the system keeps at least, bytes; what more it keeps is learnt. */
const SAFE_BYTES = 32 * 1024;
/** Before the look that shows whether a gulp was cut: longer than the way to a camera and back, ms. */
const SOON_MS = 25;
/** The part of a gulp that is little. */
const LITTLE = 0.25;
/** So many times as long as was asked for may be left between two looks, and as long as between the last two. */
const [STRETCH, STRETCH_AT_ONCE] = [3, 1.5];

/** @throws Failure `capture.*`; the signal's reason when it aborts */
export async function openLine({ clock, address, trust, onSecuring }: LineOptions, signal: AbortSignal): Promise<Line> {
  let listener: (bytes: Buffer) => void = () => {};
  const onBytes = (next: typeof listener) => {
    listener = next;
  };
  const looked: Looked = { readAtMs: clock.monotonicMs(), emptyAtMs: clock.monotonicMs() };
  const lookedAtMs = () => looked;
  let whole = true;
  /** @param all nothing more was there */
  function read(bytes: Buffer, all: boolean): void {
    if (whole) looked.emptyAtMs = looked.readAtMs;
    looked.readAtMs = clock.monotonicMs();
    whole = all;
    listener(bytes);
  }
  if (address.secure) {
    const plain = await connect(address, trust.networks, signal);
    onSecuring();
    const socket = await secure(plain, address, trust, signal);
    socket.on('data', (bytes: Buffer) => read(bytes, true));
    return { socket, onBytes, lookedAtMs, lookEvery: () => {} };
  }
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let everyMs = 0;
  let gulpBytes = 0;
  let safeBytes = SAFE_BYTES;
  /** The gulp that the next look is to prove; 0: none. */
  let doubtedBytes = 0;
  let gulpAtMs = clock.monotonicMs();
  let leftMs = 0;
  let hurry = new AbortController();
  const socket = await connect(address, trust.networks, signal, {
    buffer,
    callback(size) {
      read(buffer.subarray(0, size), size < BUFFER_BYTES);
      gulpBytes += size;
      if (everyMs === 0 || size === BUFFER_BYTES) return true;
      void lookAgain(msToNext());
      return false;
    },
  });
  socket.once('close', () => hurry.abort());

  function msToNext(): number {
    if (gulpBytes < doubtedBytes * LITTLE) safeBytes = Math.max(safeBytes, doubtedBytes);
    doubtedBytes = gulpBytes > safeBytes ? gulpBytes : 0;
    const tookMs = looked.readAtMs - gulpAtMs;
    const keptMs = (tookMs * safeBytes) / Math.max(1, gulpBytes);
    leftMs = Math.max(everyMs, Math.min(keptMs, leftMs * STRETCH_AT_ONCE, everyMs * STRETCH));
    gulpAtMs = looked.readAtMs;
    gulpBytes = 0;
    return doubtedBytes > 0 ? SOON_MS : leftMs;
  }

  async function lookAgain(ms: number): Promise<void> {
    await clock.sleep(ms, hurry.signal);
    if (!socket.destroyed) socket.resume();
  }

  return {
    socket,
    onBytes,
    lookedAtMs,
    lookEvery(ms) {
      everyMs = ms;
      leftMs = 0;
      gulpAtMs = clock.monotonicMs();
      gulpBytes = 0;
      doubtedBytes = 0;
      if (ms === 0) hurry.abort();
      else if (hurry.signal.aborted && !socket.destroyed) hurry = new AbortController();
    },
  };
}
