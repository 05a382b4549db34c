/** Whether an even patch stands too near the lens to be in focus, or belongs to the scene. Pure. */
import type { Patch } from './measure-near.ts';

/** Square of the outline by the area; a circle of cells has 20. */
const RAGGED = 70;
/** Of a hand, a post, a leaf. */
const COMPACT = 40;

/** @param share of the picture that the patch takes */
export function standsNear(patch: Patch, share: number): boolean {
  const { soft, hard, outline, darker, spread, luma } = patch;
  const seen = soft + hard;
  // Fog and snow are lighter than anything that stands before the light.
  if (luma > 165 || share < 0.008 || luma < 10 || spread > 11 || seen < outline * 0.1 || seen < 8) return false;
  if (isSkyOrGround(patch)) return false;
  // A skyline before the light is black; what is near the lens has some light on it.
  if (luma < 22 && (spread > 3 || soft < seen * 0.8)) return false;
  // A ridge in haze is nearly as soft: what is small and not quite even must be softer.
  if (soft < seen * (share < 0.25 && spread > 2 ? 0.68 : 0.55)) return false;
  // What is so soft has a smooth outline too; clouds and trees have ragged ones.
  if (share < 0.4 && isRagged(patch)) return false;
  if (share < 0.15 && outline ** 2 > patch.size * 50 && spread > 2) return false;
  // The near thing stands before the light; where it is quite plain, it may be lighter than the scene.
  return darker >= seen * 0.6 || isPlain(patch);
}

/**
 * In a dark scene much is even and soft: only what is quite even, compact and not black stands out from it.
 */
export function standsOutOfTheDark({ soft, hard, outline, size, spread, luma }: Patch): boolean {
  return spread < 2 && luma > 25 && soft > (soft + hard) * 0.7 && outline ** 2 < size * 35;
}

/** A sky lies along the upper edge alone, ground along all of the lower one; what is near may too, but is soft nearly all along. */
const isSkyOrGround = ({ top, bottom, spread, soft, hard }: Patch) =>
  (top > 0.5 && bottom < 0.05) || (bottom > 0.9 && top < 0.05 && (spread > 3 || soft < (soft + hard) * 0.8));

/** Lights that shine through a thing make holes in it: they are outline, but no other light lies behind them. */
const isRagged = ({ size, soft, hard, outline, spread }: Patch) =>
  outline ** 2 > size * RAGGED && !((soft + hard) ** 2 < size * COMPACT && soft > (soft + hard) * 0.8 && spread < 4);

function isPlain({ size, soft, hard, outline, spread, luma, top, bottom }: Patch): boolean {
  const seen = soft + hard;
  // Round, and soft nearly all along: shade may lie on it.
  if (soft > seen * 0.9 && outline ** 2 < size * 30 && seen > outline * 0.4 && spread < 9 && top < 0.3) return true;
  const fromAbove = bottom < top * 0.5;
  const likeAHand = soft > seen * 0.8 && outline ** 2 < size * COMPACT;
  if (luma <= 110) return spread <= 3 && (!fromAbove || top < 0.1 || likeAHand);
  if (soft < seen * 0.7) return false;
  return bottom < 0.05 ? likeAHand && spread < 8 && top < 0.3 : spread <= 3 && !fromAbove;
}

/**
 * Plainly near, by its outline alone, which is soft all along while a scene has some sharp edges: what is darker than all
 * that lies behind it, however ragged, as twigs are; or what is large and compact, whatever light falls on it.
 */
export function standsPlainlyNear(patch: Patch, share: number): boolean {
  const { size, soft, hard, outline, darker, spread, luma, top, bottom } = patch;
  const seen = soft + hard;
  if (luma > 165 || luma < 22 || seen < 12 || top > 0.5 || bottom > 0.5) return false;
  const softest = share > 0.15 && spread < 3 ? 0.9 : 0.955;
  if (share > 0.06 && spread <= 11 && soft > seen * softest && darker > seen * 0.955 && seen > outline * 0.85)
    return true;
  const compact = outline ** 2 < size * 30;
  const round = outline ** 2 < size * 20;
  if (share > 0.06 && round && spread < 6 && soft > seen * 0.95 && seen > outline * 0.9) return true;
  if (share > 0.06 && compact && spread < 2.5 && soft > seen * 0.88 && darker > seen * 0.9 && seen > outline * 0.9)
    return true;
  return share > 0.1 && compact && spread < 14 && soft > seen * 0.97 && seen > outline * 0.75 && top < 0.35;
}
