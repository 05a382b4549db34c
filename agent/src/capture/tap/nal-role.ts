/** What a NAL unit is to the access unit that it stands in, by its first bytes. Pure. */
export interface NalRole {
  /** A part of a picture, or something around it. */
  picture: boolean;
  /** With it a new access unit begins, if the one before has a picture already. */
  begins: boolean;
  /** Decoding can begin at the access unit that it stands in. */
  key: boolean;
}

export type NalReader = (first: number, second: number, third: number) => NalRole;

/** ITU-T H.264, 7.3.1 and 7.4.1.2.3. Cameras with open GOPs send SPS only before pictures where decoding can begin. */
export function readH264(first: number, second: number): NalRole {
  const type = first & 0x1f;
  const picture = type >= 1 && type <= 5;
  // first_mb_in_slice is the first Exp-Golomb code: a leading one-bit is zero.
  const begins = picture ? (second & 0x80) !== 0 : (type >= 6 && type <= 9) || (type >= 14 && type <= 18);
  return { picture, begins, key: type === 5 || type === 7 };
}

/** ITU-T H.265, 7.3.1 and 7.4.2.4.4. The byte after the two-byte head begins with first_slice_segment_in_pic_flag. */
export function readH265(first: number, _second: number, third: number): NalRole {
  const type = (first >> 1) & 0x3f;
  const picture = type <= 31;
  const begins = picture
    ? (third & 0x80) !== 0
    : (type >= 32 && type <= 35) || type === 39 || (type >= 41 && type <= 44) || (type >= 48 && type <= 55);
  return { picture, begins, key: type >= 16 && type <= 21 };
}
