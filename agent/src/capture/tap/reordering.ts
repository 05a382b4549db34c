/** Whether a stream sends pictures in another order than they are shown in (B pictures). Pure. */
import type { AccessUnit } from './access-units.ts';
import { sequenceSetOf } from './parameter-sets.ts';

const START_CODE = Buffer.from([0, 0, 1]);

export function reorders(units: readonly AccessUnit[], codec: 'h264' | 'hevc', parameterSets: Buffer): boolean {
  if (codec === 'h264') return units.some(({ bytes }) => hasBSlice(bytes));
  const set = sequenceSetOf(units[0]?.bytes ?? Buffer.alloc(0), codec) ?? sequenceSetOf(parameterSets, codec);
  return set !== null && mostReordered(set) > 0;
}

/** ITU-T H.264, 7.3.3: the slice's type is the second code of its head. */
function hasBSlice(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(START_CODE); at >= 0; at = bytes.indexOf(START_CODE, at + START_CODE.length)) {
    const type = (bytes[at + 3] ?? 0) & 0x1f;
    if (type !== 1 && type !== 5) continue;
    const read = bitReader(bytes.subarray(at + 4, at + 24));
    read.exponential();
    return read.exponential() % 5 === 1;
  }
  return false;
}

/** ITU-T H.265, 7.3.2.2 and 7.3.3: `sps_max_num_reorder_pics` of the highest layer. */
function mostReordered(set: Buffer): number {
  const read = bitReader(set.subarray(2));
  read.bits(4);
  const layers = read.bits(3);
  read.bits(1);
  read.bits(88);
  read.bits(8);
  const present = Array.from({ length: layers }, () => [read.bits(1), read.bits(1)] as const);
  if (layers > 0) for (let layer = layers; layer < 8; layer += 1) read.bits(2);
  for (const [profile, level] of present) {
    if (profile === 1) read.bits(88);
    if (level === 1) read.bits(8);
  }
  read.exponential();
  if (read.exponential() === 3) read.bits(1);
  read.exponential();
  read.exponential();
  if (read.bits(1) === 1) for (let side = 0; side < 4; side += 1) read.exponential();
  read.exponential();
  read.exponential();
  read.exponential();
  let most = 0;
  for (let layer = read.bits(1) === 1 ? 0 : layers; layer <= layers; layer += 1) {
    read.exponential();
    most = Math.max(most, read.exponential());
    read.exponential();
  }
  return most;
}

/** Reads bits behind the emulation prevention of both codecs (a 3 after two zeros says nothing); zeros beyond the end. */
function bitReader(bytes: Buffer) {
  const plain = bytes.filter((byte, index) => !(byte === 3 && bytes[index - 1] === 0 && bytes[index - 2] === 0));
  let at = 0;
  const bit = () => {
    const value = ((plain[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    at += 1;
    return value;
  };
  const bits = (count: number) => {
    let value = 0;
    for (let left = count; left > 0; left -= 1) value = (value * 2 + bit()) % 2 ** 32;
    return value;
  };
  return {
    bits,
    /** Exp-Golomb, unsigned. */
    exponential() {
      let zeros = 0;
      while (bit() === 0 && zeros < 32) zeros += 1;
      return 2 ** zeros - 1 + bits(zeros);
    },
  };
}
