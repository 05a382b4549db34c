/** Turns crop → rotate → aspect into one cut, one turn and one frame of bars. Pure. */
import type { Shape } from '@slowlight/protocol';

export interface Size {
  widthPx: number;
  heightPx: number;
}

export interface ShapePlan extends Size {
  /** In pixels of the source. */
  cut: { left: number; top: number; width: number; height: number };
  rotateDegrees: Shape['rotateDegrees'];
  /** Bars around the turned picture. */
  bars: { top: number; bottom: number; left: number; right: number };
}

const NO_BARS = { top: 0, bottom: 0, left: 0, right: 0 };

/** Null when nothing of the crop lies inside the picture. */
export function planShape(source: Size, { crop, rotateDegrees, aspect }: Shape): ShapePlan | null {
  const left = crop?.leftPx ?? 0;
  const top = crop?.topPx ?? 0;
  const width = Math.min(crop?.widthPx ?? source.widthPx, source.widthPx - left);
  const height = Math.min(crop?.heightPx ?? source.heightPx, source.heightPx - top);
  if (width < 1 || height < 1) return null;
  const cut = { left, top, width, height };
  const lying = rotateDegrees === 90 || rotateDegrees === 270;
  const turned = lying ? { widthPx: height, heightPx: width } : { widthPx: width, heightPx: height };
  if (aspect === null) return { ...turned, cut, rotateDegrees, bars: NO_BARS };

  const [wide = 1, high = 1] = aspect.ratio.split(':').map(Number);
  if (aspect.fit === 'letterbox') {
    const widthPx = Math.max(turned.widthPx, Math.round((turned.heightPx * wide) / high));
    const heightPx = Math.max(turned.heightPx, Math.round((turned.widthPx * high) / wide));
    const across = widthPx - turned.widthPx;
    const down = heightPx - turned.heightPx;
    const bars = {
      left: Math.floor(across / 2),
      right: Math.ceil(across / 2),
      top: Math.floor(down / 2),
      bottom: Math.ceil(down / 2),
    };
    return { widthPx, heightPx, cut, rotateDegrees, bars };
  }
  const widthPx = Math.max(1, Math.min(turned.widthPx, Math.round((turned.heightPx * wide) / high)));
  const heightPx = Math.max(1, Math.min(turned.heightPx, Math.round((turned.widthPx * high) / wide)));
  // Turning by quarters and cutting at the centre can be swapped: cut first, in the source's directions.
  const inner = lying ? { width: heightPx, height: widthPx } : { width: widthPx, height: heightPx };
  return {
    widthPx,
    heightPx,
    rotateDegrees,
    bars: NO_BARS,
    cut: {
      left: left + Math.floor((width - inner.width) / 2),
      top: top + Math.floor((height - inner.height) / 2),
      ...inner,
    },
  };
}
