/** Where the elements of an overlay lie: pure. */
import type { OverlayAnchor } from '@slowlight/protocol';
import type { Size } from './overlay-canvas.ts';

export interface Margins {
  marginXPx: number;
  marginYPx: number;
  gapPx: number;
}
export interface Place {
  leftPx: number;
  topPx: number;
}

export type Side = 'left' | 'centre' | 'right';
type Level = 'top' | 'middle' | 'bottom';

/** Which edge of an element lies at the margin. */
export function sideOf(anchor: OverlayAnchor): Side {
  if (anchor.endsWith('left')) return 'left';
  return anchor.endsWith('right') ? 'right' : 'centre';
}
function levelOf(anchor: OverlayAnchor): Level {
  if (anchor.startsWith('top')) return 'top';
  return anchor.startsWith('bottom') ? 'bottom' : 'middle';
}

/**
 * Places elements by their own edges, to whole pixels: at the right it is the right edge that lies at the margin. Those with
 * the same anchor are stacked in their order from top to bottom; at the bottom the last one lies at the margin.
 */
export function arrange(
  elements: readonly (Size & { anchor: OverlayAnchor })[],
  canvas: Size,
  { marginXPx, marginYPx, gapPx }: Margins,
): Place[] {
  const stacks = new Map<OverlayAnchor, { heightPx: number; nextPx: number }>();
  for (const { anchor, heightPx } of elements) {
    const stack = stacks.get(anchor);
    if (stack === undefined) stacks.set(anchor, { heightPx, nextPx: 0 });
    else stack.heightPx += gapPx + heightPx;
  }
  for (const [anchor, stack] of stacks) {
    const level = levelOf(anchor);
    const free = canvas.heightPx - stack.heightPx;
    stack.nextPx = level === 'top' ? marginYPx : level === 'bottom' ? free - marginYPx : free / 2;
  }
  return elements.map(({ anchor, widthPx, heightPx }) => {
    const stack = stacks.get(anchor) ?? { nextPx: 0, heightPx: 0 };
    const topPx = Math.round(stack.nextPx);
    stack.nextPx += heightPx + gapPx;
    const side = sideOf(anchor);
    const free = canvas.widthPx - widthPx;
    const leftPx = side === 'left' ? marginXPx : side === 'right' ? free - marginXPx : free / 2;
    return { leftPx: Math.round(leftPx), topPx };
  });
}
