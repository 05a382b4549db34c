/** Shapes a picture as its camera's settings say, and encodes it. A shape that cannot be applied is an error, never skipped. */
import type { Shape } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { Picture, ShapePicture } from '../frame.ts';
import { planShape } from './plan-shape.ts';

/** The longest side that an announcement can hold, px. */
const LONGEST_SIDE_PX = 20_000;

/** @throws Failure `shape.cannot-apply` when nothing of the crop lies inside the picture, or it cannot be encoded */
export const shapePicture: ShapePicture = async (picture, shape, quality) => {
  const { pixels, widthPx, heightPx } = picture;
  const plan = planShape(picture, shape);
  if (plan === null) throw outside(picture, shape);
  if (Math.max(plan.widthPx, plan.heightPx) > LONGEST_SIDE_PX) throw tooLong(plan);
  try {
    const cut = sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } }).extract(plan.cut);
    const turned = plan.rotateDegrees === 0 ? cut : cut.rotate(plan.rotateDegrees);
    const framed = hasBars(plan.bars) ? turned.extend({ ...plan.bars, background: '#000000' }) : turned;
    const { data, info } = await framed.jpeg({ quality }).toBuffer({ resolveWithObject: true });
    return { bytes: data, type: 'image/jpeg', widthPx: info.width, heightPx: info.height };
  } catch (cause) {
    throw new Failure({
      code: 'shape.cannot-apply',
      message: `a picture of ${widthPx} × ${heightPx} could not be shaped and encoded`,
      hint: 'Take crop, rotation and aspect out of the camera’s settings; if it stays, report it as a fault of Slowlight.',
      retry: 'later',
      cause,
    });
  }
};

const hasBars = (bars: { top: number; bottom: number; left: number; right: number }) =>
  bars.top + bars.bottom + bars.left + bars.right > 0;

const tooLong = ({ widthPx, heightPx }: { widthPx: number; heightPx: number }) =>
  new Failure({
    code: 'shape.cannot-apply',
    message: `the picture would become ${widthPx} × ${heightPx}, and no side may be longer than ${LONGEST_SIDE_PX}`,
    hint: 'Set the aspect anew: its bars would be longer than any picture.',
    retry: 'later',
  });

function outside({ widthPx, heightPx }: Picture, { crop }: Shape): Failure {
  const where = crop === null ? '' : ` (it begins at ${crop.leftPx}, ${crop.topPx})`;
  return new Failure({
    code: 'shape.cannot-apply',
    message: `nothing of the crop${where} lies inside the camera’s picture of ${widthPx} × ${heightPx}`,
    hint: 'Set the crop anew: the camera may deliver another size than when it was drawn.',
    retry: 'later',
  });
}
