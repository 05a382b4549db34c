/**
 * What the codes of a JPEG say of it. One wrong bit, and what follows is read as other codes: nearly half of them end in what
 * no encoder writes (a 65th number in a block, light beyond white, a picture that is whole before its data end). Where codes
 * fall in again by themselves, light has changed from one block on; but the foot of a hill can look like that. Pure.
 */
import { type JpegFrame, type JpegPart, jpegFrameOf } from './jpeg-frame.ts';

/** A block of eight-bit light has no more (928 across, 1024 as a whole); encoders that overshoot have a quarter more. */
const MOST_LIGHT = 1300;
/** As many bytes too many are an encoder's alignment. */
const HARMLESS = 3;

/** `brokenCodes` is 1 where the data cannot be an encoder's, and 0 where they can; nothing for files that are not read here. */
export function measureCodes(bytes: Uint8Array): Record<string, number> {
  const frame = jpegFrameOf(bytes);
  if (frame === null || frame.columns * frame.rows > 600_000) return {};
  return { brokenCodes: readScan(bytes, frame) ? 0 : 1 };
}

/** Reads all codes; false when there is something that no encoder writes. */
function readScan(bytes: Uint8Array, frame: JpegFrame): boolean {
  const { columns, rows, interval } = frame;
  const all = columns * rows;
  const data = new Uint8Array(bytes.length - frame.from + 4);
  let at = frame.from;
  for (let [mcu, restarts] = [0, 0]; mcu < all; restarts += 1) {
    const { size, next } = unstuffed(bytes, at, data);
    const end = interval > 0 ? Math.min(all, mcu + interval) : all;
    const used = readInterval(data, size * 8, { frame, from: mcu, end });
    if (used < 0 || !isFill(data.subarray(used + HARMLESS, size))) return false;
    mcu = end;
    if (mcu < all && bytes[next + 1] !== 0xd0 + (restarts % 8)) return false;
    at = next + 2;
  }
  return true;
}

const isFill = (rest: Uint8Array) => rest.every((byte) => byte === rest[0]);

/** Copies up to the next marker without the zeros after 0xff. */
function unstuffed(bytes: Uint8Array, from: number, into: Uint8Array): { size: number; next: number } {
  let [size, at] = [0, from];
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === 0xff) {
      const after = bytes[at + 1];
      if (after === 0xff) continue;
      if (after !== 0) break;
      at += 1;
    }
    into[size] = byte;
    size += 1;
  }
  into.fill(0xff, size, Math.min(into.length, size + 4));
  return { size, next: at };
}

interface Interval {
  frame: JpegFrame;
  from: number;
  end: number;
}

/** How many bytes were read; −1 when they cannot be an encoder's. */
function readInterval(data: Uint8Array, bits: number, { frame, from, end }: Interval): number {
  const { parts } = frame;
  const before = parts.map(() => 0);
  let at = 0;
  for (let mcu = from; mcu < end; mcu += 1)
    for (let k = 0; k < parts.length; k += 1) {
      const part = parts[k] as JpegPart;
      const blocks = part.across * part.down;
      const step = part.steps[0] as number;
      for (let block = 0; block < blocks; block += 1) {
        at = readBlock(data, at, part);
        if (at < 0 || at > bits) return -1;
        const level = (before[k] as number) + change;
        if (Math.abs(level * step) > MOST_LIGHT + step) return -1;
        before[k] = level;
      }
    }
  return (at + 7) >> 3;
}

/** What the last block that was read says of its light, against the one before. */
let change = 0;

/** The next bit to be read; −1 when no encoder writes that. T.81, F.2.2. */
function readBlock(data: Uint8Array, from: number, { dc, ac, steps }: JpegPart): number {
  let at = from;
  const head = dc[sixteen(data, at)] as number;
  const size = head & 255;
  if (head === 0 || size > 11) return -1;
  at += head >> 8;
  change = size === 0 ? 0 : extended(sixteen(data, at) >> (16 - size), size);
  at += size;
  for (let k = 1; k < 64; k += 1) {
    const code = ac[sixteen(data, at)] as number;
    if (code === 0) return -1;
    at += code >> 8;
    const long = code & 15;
    const zeros = (code >> 4) & 15;
    if (long === 0) {
      if (zeros === 0) break;
      if (zeros !== 15) return -1;
    }
    k += zeros;
    if (k > 63 || long > 10) return -1;
    // Small numbers are nearly all, and none of them is too large.
    if (long > 3) {
      const value = extended(sixteen(data, at) >> (16 - long), long);
      const stride = steps[k] as number;
      if (Math.abs(value) * stride > MOST_LIGHT + stride) return -1;
    }
    at += long;
  }
  return at;
}

const extended = (value: number, size: number) => (value < 1 << (size - 1) ? value - (1 << size) + 1 : value);

function sixteen(data: Uint8Array, bit: number): number {
  const at = bit >> 3;
  const three = ((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number);
  return (three >> (8 - (bit & 7))) & 0xffff;
}
