/**
 * Puts RTP packets together to access units (RFC 6184: single NAL units, STAP-A, FU-A; RFC 7798: single, aggregated and
 * fragmented ones without decoding order numbers). Pure: time is asked for. The bytes are those that ffmpeg would copy: each
 * NAL unit behind a start code of four bytes.
 *
 * Promise: packets are copied out at once, so their buffer may be used again; a unit has a buffer of exactly its size; what a
 * loss has touched is never given out. A unit is whole at its marker, so that nobody waits for the next picture; of a camera
 * that marks wrongly, which shows when a picture goes on behind its marker, it is whole when the next one begins.
 */
import type { AccessUnit } from '../tap/access-units.ts';
import { type NalReader, readH264, readH265 } from '../tap/nal-role.ts';
import type { Heard } from './rtcp.ts';

export interface RtpUnits {
  /** One RTP packet, in the order in which they were sent: what lies in `packet` from `from` to before `to`. */
  push(packet: Buffer, from: number, to: number): void;
  /** What the camera may be told of its packets; null before the first. */
  heard(): Heard | null;
  /** What has come of the next unit where markers prove nothing; else null. */
  unproven(): AccessUnit | null;
  /** Whether markers are believed, so that a picture is given out as soon as it has come. */
  marked(): boolean;
}

export interface RtpUnitsDeps {
  /** When a packet with this timestamp arrived, in the caller's time, ms; asked once for each picture. */
  arrivedAtMs(timestamp: number): number;
  onUnit(unit: AccessUnit): void;
  /**
   * Something is missing, and what it touched is left out. `packets`: they were lost on the way; `picture`: it came without
   * its beginning; `given`: the unit that was given out last is not whole.
   */
  onLoss(what: Loss): void;
  /** Pieces that are none of this codec's. */
  onForeign(): void;
}

export type Loss = 'packets' | 'picture' | 'given';

export interface RtpUnitsOptions {
  codec: 'h264' | 'hevc';
  payloadType: number;
}

const RTP_HEAD_BYTES = 12;
/** A number this far ahead is a camera that began anew, not that many lost packets. */
const FARTHEST = 1 << 15;
const START_BYTES = 4;
const FIRST_ROOM_BYTES = 64 * 1024;
/** More than any picture, bytes. */
const MOST_UNIT_BYTES = 32 * 1024 * 1024;

interface Kinds {
  read: NalReader;
  /** Of a NAL unit and of a payload. */
  headBytes: number;
  /** Types of payloads: single NAL units are from the least to before the aggregate (RFC 6184, 5.2; RFC 7798, 4.4). */
  leastSingle: number;
  aggregate: number;
  fragments: number;
  /** NAL units that stand at the very beginning of a picture: a delimiter, the first parameter set. */
  opening: ReadonlySet<number>;
  /** Those that stand behind it. */
  tails: ReadonlySet<number>;
}

const KINDS: Readonly<Record<'h264' | 'hevc', Kinds>> = {
  h264: {
    ...{ read: readH264, headBytes: 1, leastSingle: 1, aggregate: 24, fragments: 28 },
    ...{ opening: new Set([9, 7]), tails: new Set([10, 11, 12]) },
  },
  hevc: {
    ...{ read: readH265, headBytes: 2, leastSingle: 0, aggregate: 48, fragments: 49 },
    ...{ opening: new Set([35, 32]), tails: new Set([36, 37, 38, 40]) },
  },
};

export function createRtpUnits(deps: RtpUnitsDeps, { codec, payloadType }: RtpUnitsOptions): RtpUnits {
  const { read, headBytes, leastSingle, aggregate, fragments, opening, tails } = KINDS[codec];
  let room = Buffer.allocUnsafeSlow(FIRST_ROOM_BYTES);
  let filled = 0;
  let hasPicture = false;
  let key = false;
  let beganAtMs = 0;
  /** The picture that comes now is not whole: it is left out up to where the next one begins. */
  let broken = false;
  /** A fragmented NAL unit is under way. */
  let fragment = false;
  /** Nothing has come since a unit was given out at its marker. */
  let afterMark = false;
  /** The packet that is read comes behind a hole. */
  let afterHole = false;
  let marksLie = false;
  let number: number | null = null;
  let turns = 0;
  let lost = 0;
  let source = 0;
  let timestamp: number | null = null;
  let arrivedAtMs = 0;

  function forget(): void {
    filled = 0;
    hasPicture = false;
    key = false;
    fragment = false;
  }

  /** The picture that comes now cannot be whole any more. */
  function breakOff(what: Loss): void {
    forget();
    afterMark = false;
    if (!broken || what !== 'picture') deps.onLoss(what);
    broken = true;
  }

  function giveOut(): void {
    const bytes = Buffer.allocUnsafeSlow(filled);
    room.copy(bytes, 0, 0, filled);
    const unit = { bytes, key, beganAtMs };
    forget();
    deps.onUnit(unit);
  }

  function makeRoom(bytes: number): void {
    if (filled + bytes <= room.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(filled + bytes, room.length * 2));
    room.copy(larger, 0, 0, filled);
    room = larger;
  }

  function append(packet: Buffer, from: number, to: number): void {
    if (filled + to - from > MOST_UNIT_BYTES) {
      breakOff('picture');
      return;
    }
    makeRoom(to - from);
    packet.copy(room, filled, from, to);
    filled += to - from;
  }

  /** A NAL unit begins, with these first three bytes; false: it is left out. */
  function begin(first: number, second: number, third: number): boolean {
    const role = read(first, second, third);
    if (role.begins) {
      if (hasPicture) giveOut();
      // Behind a hole only what stands at the very beginning of a picture proves that nothing of it is missing.
      broken = afterHole && !isFirst(first);
      afterMark = false;
    } else if (afterMark && role.picture) {
      // The picture that was given out at its marker goes on: it was not whole.
      marksLie = true;
      breakOff('given');
    } else if (role.picture && !hasPicture) breakOff('picture');
    // Behind a marked picture, what begins none says nothing to a decoder (filler, end of sequence, SEI behind the picture).
    if (broken || (afterMark && isTail(first))) return false;
    if (filled === 0) beganAtMs = arrivedAtMs;
    hasPicture ||= role.picture;
    key ||= role.key;
    makeRoom(START_BYTES + 2);
    room[filled] = 0;
    room[filled + 1] = 0;
    room[filled + 2] = 0;
    room[filled + 3] = 1;
    filled += START_BYTES;
    return true;
  }

  const typeOf = (first: number) => (codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f);
  const isFirst = (first: number) => opening.has(typeOf(first));
  const isTail = (first: number) => tails.has(typeOf(first));

  function whole(packet: Buffer, from: number, to: number): void {
    fragment = false;
    if (begin(packet[from] ?? 0, packet[from + 1] ?? 0, packet[from + 2] ?? 0)) append(packet, from, to);
  }

  function aggregated(packet: Buffer, from: number, to: number): void {
    for (let at = from; at + 2 <= to; ) {
      const size = packet.readUInt16BE(at);
      at += 2;
      if (size === 0 || at + size > to) {
        breakOff('picture');
        return;
      }
      whole(packet, at, at + size);
      at += size;
    }
  }

  function fragmented(packet: Buffer, at: number, to: number): void {
    const marks = packet[at + headBytes] ?? 0;
    const from = at + headBytes + 1;
    if (from >= to) return;
    if ((marks & 0x80) !== 0) beginFragment(packet, at, marks);
    else if (!fragment && !broken) breakOff('picture');
    if (!fragment) return;
    append(packet, from, to);
    if ((marks & 0x40) !== 0) fragment = false;
  }

  /** The NAL unit's own head is put together from the payload's and the fragment's. */
  function beginFragment(packet: Buffer, at: number, marks: number): void {
    const of = packet[at] ?? 0;
    const first = codec === 'h264' ? (of & 0xe0) | (marks & 0x1f) : (of & 0x81) | ((marks & 0x3f) << 1);
    const body = packet[at + headBytes + 1] ?? 0;
    fragment = begin(first, body, body);
    if (!fragment) return;
    room[filled++] = first;
    if (headBytes === 2) room[filled++] = packet[at + 1] ?? 0;
  }

  function payload(packet: Buffer, from: number, to: number): void {
    const type = typeOf(packet[from] ?? 0);
    if (type === fragments) fragmented(packet, from, to);
    else if (type >= leastSingle && type < aggregate) whole(packet, from, to);
    else if (type === aggregate) aggregated(packet, from + headBytes, to);
    else deps.onForeign();
  }

  /** Counts the packet; false: it came twice. */
  function count(packet: Buffer, at: number): boolean {
    const now = ((packet[at + 2] ?? 0) << 8) | (packet[at + 3] ?? 0);
    const step = number === null ? 1 : (now - number) & 0xffff;
    if (step === 0) return false;
    if (number !== null && step < FARTHEST) {
      if (now < number) turns += 1;
      lost += step - 1;
    }
    number = now;
    afterHole = step !== 1;
    if (afterHole) breakOff(step < FARTHEST ? 'packets' : 'picture');
    return true;
  }

  return {
    push(packet, at, end) {
      if (end - at < RTP_HEAD_BYTES || (packet[at] ?? 0) >> 6 !== 2 || !count(packet, at)) return;
      const marked = packet[at + 1] ?? 0;
      if ((marked & 0x7f) !== payloadType) return;
      const stamp = packet.readUInt32BE(at + 4);
      if (stamp !== timestamp) {
        timestamp = stamp;
        source = packet.readUInt32BE(at + 8);
        arrivedAtMs = deps.arrivedAtMs(stamp);
      }
      const from = bodyFrom(packet, at, end);
      const to = (packet[at] ?? 0) & 0x20 ? end - (packet[end - 1] ?? 0) : end;
      if (to <= from) return;
      payload(packet, from, to);
      if ((marked & 0x80) === 0 || marksLie || !hasPicture || fragment) return;
      giveOut();
      afterMark = true;
    },
    heard: () => (number === null ? null : { source, sequence: (turns % 0x1_0000) * 0x1_0000 + number, lost }),
    unproven: () =>
      marksLie && hasPicture && !fragment ? { bytes: Buffer.from(room.subarray(0, filled)), key, beganAtMs } : null,
    marked: () => !marksLie,
  };
}

/** Where the payload begins: behind sources and extension (RFC 3550, 5.1). */
function bodyFrom(packet: Buffer, at: number, end: number): number {
  const first = packet[at] ?? 0;
  const from = at + RTP_HEAD_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) === 0) return from;
  return from + 4 <= end ? from + 4 + 4 * packet.readUInt16BE(from + 2) : end;
}
