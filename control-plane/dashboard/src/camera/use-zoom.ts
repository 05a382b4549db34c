import { type RefObject, useEffect, useRef, useState } from 'react';
import { pannedBy, WHOLE, type Zoom, zoomedAt } from './zoom.ts';

const WHEEL = 0.0016;
const CLOSE = 2.5;

export interface UseZoom {
  zoomed: boolean;
  /** For keys: around the middle. */
  by(factor: number): void;
  pan(x: number, y: number): void;
  reset(): void;
}

/**
 * Looks closely at what is in `layer`, which lies in `box`: by the wheel (with Ctrl, or when it is close already, or on the
 * full screen: otherwise the wheel moves the page), by two fingers, by a double click, and by dragging.
 */
export function useZoom(box: RefObject<HTMLElement | null>, layer: RefObject<HTMLElement | null>): UseZoom {
  const zoom = useRef<Zoom>(WHOLE);
  const [zoomed, setZoomed] = useState(false);
  const apply = useRef((next: Zoom) => {
    zoom.current = next;
    const { current } = layer;
    if (current !== null)
      current.style.transform =
        next.scale === 1 ? '' : `translate(${next.x * 100}%, ${next.y * 100}%) scale(${next.scale})`;
    setZoomed(next.scale > 1);
  });
  useEffect(() => {
    const { current: element } = box;
    if (element === null) return undefined;
    const set = apply.current;
    const pointers = new Map<number, { x: number; y: number }>();
    const shareOf = (x: number, y: number) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: (x - left) / width - 0.5, y: (y - top) / height - 0.5 };
    };
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && zoom.current.scale === 1 && document.fullscreenElement === null) return;
      event.preventDefault();
      const strength = event.deltaMode === 0 ? WHEEL : WHEEL * 20;
      const pinch = event.ctrlKey ? 4 : 1;
      set(zoomedAt(zoom.current, Math.exp(-event.deltaY * strength * pinch), shareOf(event.clientX, event.clientY)));
    };
    const down = (event: PointerEvent) => {
      if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button, a, input') !== null))
        return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (zoom.current.scale > 1 || pointers.size > 1) element.setPointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const now = { x: event.clientX, y: event.clientY };
      const { width, height } = element.getBoundingClientRect();
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, now);
      if (other !== undefined) {
        const factor =
          Math.hypot(now.x - other.x, now.y - other.y) /
          Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
        set(zoomedAt(zoom.current, factor, shareOf((now.x + other.x) / 2, (now.y + other.y) / 2)));
      } else if (zoom.current.scale > 1)
        set(pannedBy(zoom.current, (now.x - before.x) / width, (now.y - before.y) / height));
    };
    const up = (event: PointerEvent) => pointers.delete(event.pointerId);
    const twice = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest('button, a, input') !== null) return;
      set(zoom.current.scale > 1 ? WHOLE : zoomedAt(WHOLE, CLOSE, shareOf(event.clientX, event.clientY)));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', up);
    element.addEventListener('pointercancel', up);
    element.addEventListener('dblclick', twice);
    return () => {
      element.removeEventListener('wheel', wheel);
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', up);
      element.removeEventListener('pointercancel', up);
      element.removeEventListener('dblclick', twice);
    };
  }, [box]);
  return {
    zoomed,
    by: (factor) => apply.current(zoomedAt(zoom.current, factor, { x: 0, y: 0 })),
    pan: (x, y) => apply.current(pannedBy(zoom.current, x, y)),
    reset: () => apply.current(WHOLE),
  };
}
