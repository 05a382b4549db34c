/**
 * The line to a camera, read into one buffer that is used again and again, and, when nobody needs what comes at once, in
 * gulps: the system keeps it meanwhile. Each look costs as much as a hundred kilobytes.
 *
 * Promise: bytes come in order, whole, as long as the listener returns before the next come. A gulp never grows beyond what
 * the system keeps: after a large one the next follows soon, so that the camera is not held back. TLS cannot be read in gulps.
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
  /** How long to leave between two looks at what has come, ms; 0: none. */
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
/** A gulp of this size may have been all that the system keeps. */
const LARGE_BYTES = 48 * 1024;
const SOON_MS = 4;

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
  let waiting = new AbortController();
  const socket = await connect(address, trust.networks, signal, {
    buffer,
    callback(size) {
      read(buffer.subarray(0, size), size < BUFFER_BYTES);
      gulpBytes += size;
      if (everyMs === 0 || size === BUFFER_BYTES) return true;
      void lookAgain(gulpBytes > LARGE_BYTES ? SOON_MS : everyMs);
      gulpBytes = 0;
      return false;
    },
  });
  socket.once('close', () => waiting.abort());

  async function lookAgain(ms: number): Promise<void> {
    waiting = new AbortController();
    await clock.sleep(ms, waiting.signal);
    if (!socket.destroyed) socket.resume();
  }

  return {
    socket,
    onBytes,
    lookedAtMs,
    lookEvery(ms) {
      everyMs = ms;
      if (ms === 0) waiting.abort();
    },
  };
}
