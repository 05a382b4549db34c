/** A crop that is drawn with handles, in pixels of the source. Pure. */
export interface CropBox {
  leftPx: number;
  topPx: number;
  widthPx: number;
  heightPx: number;
}
export interface Size {
  widthPx: number;
  heightPx: number;
}

/** Which edges a handle moves: −1 the left or upper one, 1 the other, 0 neither. All 0: the whole box. */
export const HANDLES = {
  'top-left': [-1, -1],
  top: [0, -1],
  'top-right': [1, -1],
  right: [1, 0],
  'bottom-right': [1, 1],
  bottom: [0, 1],
  'bottom-left': [-1, 1],
  left: [-1, 0],
  move: [0, 0],
} as const;
export type Handle = keyof typeof HANDLES;

/** Smaller than this nobody sees anything, px. */
const LEAST_PX = 32;

/** The box that a form holds, where it is one inside the picture; else the whole picture. */
export function boxIn(fields: Record<keyof CropBox, string>, source: Size): CropBox {
  const [leftPx, topPx, widthPx, heightPx] = [fields.leftPx, fields.topPx, fields.widthPx, fields.heightPx].map(Number);
  const whole = { leftPx: 0, topPx: 0, ...source };
  if (leftPx === undefined || topPx === undefined || !(Number(widthPx) > 0) || !(Number(heightPx) > 0)) return whole;
  if (!(leftPx >= 0 && topPx >= 0 && leftPx < source.widthPx && topPx < source.heightPx)) return whole;
  return {
    leftPx,
    topPx,
    widthPx: Math.min(Number(widthPx), source.widthPx - leftPx),
    heightPx: Math.min(Number(heightPx), source.heightPx - topPx),
  };
}

/**
 * The box after a handle was moved by `dx`, `dy` (px of the source): whole pixels, inside the picture, never too small.
 * @param ratio width over height that is kept; null: free
 */
export function dragged(
  box: CropBox,
  handle: Handle,
  by: { dx: number; dy: number },
  within: { source: Size; ratio: number | null },
): CropBox {
  const [sideways, upDown] = HANDLES[handle];
  const { source, ratio } = within;
  const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), Math.max(least, most));
  if (handle === 'move')
    return {
      ...box,
      leftPx: Math.round(clamp(box.leftPx + by.dx, 0, source.widthPx - box.widthPx)),
      topPx: Math.round(clamp(box.topPx + by.dy, 0, source.heightPx - box.heightPx)),
    };
  const right = box.leftPx + box.widthPx;
  const bottom = box.topPx + box.heightPx;
  // The room from the edge that stays to the end of the picture.
  const mostWidth = sideways < 0 ? right : source.widthPx - box.leftPx;
  const mostHeight = upDown < 0 ? bottom : source.heightPx - box.topPx;
  let width = clamp(box.widthPx + sideways * by.dx, LEAST_PX, mostWidth);
  let height = clamp(box.heightPx + upDown * by.dy, LEAST_PX, mostHeight);
  if (ratio !== null) {
    if (sideways === 0) width = height * ratio;
    else height = width / ratio;
    const shrink = Math.min(1, mostWidth / width, mostHeight / height);
    width *= shrink;
    height *= shrink;
  }
  width = Math.round(width);
  height = Math.round(height);
  return {
    leftPx: sideways < 0 ? Math.max(0, right - width) : box.leftPx,
    topPx: upDown < 0 ? Math.max(0, bottom - height) : box.topPx,
    widthPx: width,
    heightPx: height,
  };
}

/** Width over height that the aspect asks of the crop, which is cut before it is turned; null: none. */
export function cropRatio(ratio: string, fit: 'crop' | 'letterbox', rotate: string): number | null {
  const [, width, height] = /^(\d+):(\d+)$/.exec(ratio) ?? [];
  if (fit !== 'crop' || width === undefined || height === undefined) return null;
  const asked = Number(width) / Number(height);
  return rotate === '90' || rotate === '270' ? 1 / asked : asked;
}
