/** What a decoder must know before a picture: the parameter sets that stand in a stream before its keyframe. Pure. */
import type { VideoCodec } from '../rtsp/sdp.ts';

const START_CODE = Buffer.from([0, 0, 1]);

/** The sequence parameter set in an access unit (its picture's size and format), without start code; null where none stands. */
export function sequenceSetOf(bytes: Buffer, codec: VideoCodec): Buffer | null {
  if (codec === 'mjpeg') return null;
  for (let at = bytes.indexOf(START_CODE); at >= 0; ) {
    const begin = at + START_CODE.length;
    const next = bytes.indexOf(START_CODE, begin);
    const first = bytes[begin] ?? 0;
    const type = codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f;
    if (type === (codec === 'h264' ? 7 : 33)) {
      const end = next < 0 ? bytes.length : next;
      return bytes.subarray(begin, bytes[end - 1] === 0 ? end - 1 : end);
    }
    // Behind the first slice of the picture none follows.
    if (codec === 'h264' ? type >= 1 && type <= 5 : type <= 31) return null;
    at = next;
  }
  return null;
}
