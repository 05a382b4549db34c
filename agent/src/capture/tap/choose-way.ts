/**
 * Which pictures of the running GOP are decoded for a slot: the whole way up to the newest, which shows the slot's moment, or
 * its keyframe alone, which is older but costs one picture. Pure.
 */
export interface WayAsked {
  /** Pictures of the running GOP. */
  pictures: number;
  /** What decoding all of them is going to take, ms. */
  estimateMs: number;
  /** Until the slot's deadline, ms. */
  msLeft: number;
  /** The most that one picture may cost, ms. */
  mostMs: number;
  /** `keyframe`: somebody wants it cheap. */
  wanted: 'newest' | 'keyframe';
}

/** A part of the time is kept for shaping, judging and storing. */
const SHARE_OF_TIME = 0.5;

export function chooseWay({ pictures, estimateMs, msLeft, mostMs, wanted }: WayAsked): 'newest' | 'keyframe' {
  if (pictures <= 1) return 'newest';
  if (wanted === 'keyframe') return 'keyframe';
  return estimateMs <= Math.min(mostMs, msLeft * SHARE_OF_TIME) ? 'newest' : 'keyframe';
}
