/** What comes of decoding, and how damage is known. Pure. */
import { Failure } from '@slowlight/protocol/kit';
import type { RgbPicture } from './ppm.ts';

export type Decoded = { kind: 'picture'; picture: RgbPicture } | { kind: 'damaged'; complaint: string };

/** What ffmpeg says when it gives out a picture that is not what the camera saw. */
const DAMAGE =
  /error while decoding|concealing|Frame num gap|corrupt|Missing reference|no frame!|Could not find ref|non-existing [PS]PS|reference picture missing|decode_slice_header error|Invalid NAL|Invalid data|overread|EOI missing/i;

/** Nothing came, and nothing was complained of. */
export const NO_PICTURE = 'no picture came out';

export const isDamage = (complaint: string) => DAMAGE.test(complaint);

/** Why a decoder could not be run at all, for the log. */
export function isMissingProgram(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && thrown.code === 'ffmpeg.missing';
}
