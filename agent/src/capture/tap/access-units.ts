/**
 * Cuts a raw stream (Annex B of H.264 and H.265, or JPEG after JPEG) into access units: the bytes of one picture each. Pure:
 * time is handed in. A unit is whole when the next one begins (JPEG: at its end mark); what is cut off at the end of the
 * stream is never given out.
 */
import type { VideoCodec } from '../rtsp/sdp.ts';
import { type NalReader, readH264, readH265 } from './nal-role.ts';

export interface AccessUnit {
  bytes: Buffer;
  /** Decoding can begin here. */
  key: boolean;
  /** When its first byte came, in the caller's time. */
  beganAtMs: number;
}

export interface UnitSplitter {
  /** The units that have become whole with this piece of the stream. */
  push(chunk: Buffer, atMs: number): AccessUnit[];
  /** What has come of the next unit; it may be whole, but only the one after it would prove that. Null: nothing yet. */
  unproven(): AccessUnit | null;
}

/** More than any picture: a stream without marks is not what it says, bytes. */
const MOST_UNIT_BYTES = 32 * 1024 * 1024;

export function createUnitSplitter(codec: VideoCodec): UnitSplitter {
  return codec === 'mjpeg' ? createJpegSplitter() : createNalSplitter(codec === 'h264' ? readH264 : readH265);
}

const START_CODE = Buffer.from([0, 0, 1]);
/** Start code and the bytes of a NAL unit that its role is read from. */
const LOOK_BYTES = START_CODE.length + 3;

function createNalSplitter(read: NalReader): UnitSplitter {
  let pending: Buffer = Buffer.alloc(0);
  let scanned = 0;
  let hasPicture = false;
  let key = false;
  let beganAtMs = 0;

  return {
    push(chunk, atMs) {
      if (pending.length === 0) beganAtMs = atMs;
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const units: AccessUnit[] = [];
      for (;;) {
        const at = pending.indexOf(START_CODE, scanned);
        if (at < 0 || at + LOOK_BYTES > pending.length) {
          scanned = at < 0 ? Math.max(scanned, pending.length - START_CODE.length + 1) : at;
          break;
        }
        scanned = at + START_CODE.length;
        const role = read(pending[at + 3] ?? 0, pending[at + 4] ?? 0, pending[at + 5] ?? 0);
        if (role.begins && hasPicture) {
          // A zero before the start code belongs to what begins.
          const end = at > 0 && pending[at - 1] === 0 ? at - 1 : at;
          units.push({ bytes: Buffer.from(pending.subarray(0, end)), key, beganAtMs });
          pending = pending.subarray(end);
          scanned -= end;
          hasPicture = false;
          key = false;
          beganAtMs = atMs;
        }
        hasPicture ||= role.picture;
        key ||= role.key;
      }
      if (pending.length > MOST_UNIT_BYTES) {
        pending = Buffer.alloc(0);
        scanned = 0;
        hasPicture = false;
        key = false;
      }
      return units;
    },
    unproven: () => (hasPicture ? { bytes: Buffer.from(pending), key, beganAtMs } : null),
  };
}

const JPEG_BEGIN = Buffer.from([0xff, 0xd8, 0xff]);
const JPEG_END = Buffer.from([0xff, 0xd9]);

function createJpegSplitter(): UnitSplitter {
  let pending: Buffer = Buffer.alloc(0);
  let beganAtMs = 0;
  return {
    push(chunk, atMs) {
      if (pending.length === 0) beganAtMs = atMs;
      const fresh = pending.length;
      pending = fresh === 0 ? chunk : Buffer.concat([pending, chunk]);
      let from = Math.max(0, fresh - 1);
      const units: AccessUnit[] = [];
      for (let end = pending.indexOf(JPEG_END, from); end >= 0; end = pending.indexOf(JPEG_END, from)) {
        const begin = pending.indexOf(JPEG_BEGIN);
        if (begin >= 0 && begin < end)
          units.push({ bytes: Buffer.from(pending.subarray(begin, end + 2)), key: true, beganAtMs });
        pending = pending.subarray(end + 2);
        beganAtMs = atMs;
        from = 0;
      }
      if (pending.length > MOST_UNIT_BYTES) pending = Buffer.alloc(0);
      return units;
    },
    unproven: () => null,
  };
}
