import { type RefObject, useLayoutEffect, useState } from 'react';
import { columnsFor } from './fit-wall.ts';

/** Follows the size of the wall and of the window: how many cards stand beside each other, and on how many px. */
export function useColumns(wall: RefObject<HTMLElement | null>, cards: number): { columns: number; widthPx: number } {
  const [seen, setSeen] = useState({ columns: 1, widthPx: 0 });
  useLayoutEffect(() => {
    const box = wall.current;
    if (box === null) return undefined;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const top = box.getBoundingClientRect().top + window.scrollY;
      const height = window.innerHeight - top - rem;
      const widthPx = box.clientWidth;
      const columns = columnsFor(cards, {
        width: widthPx,
        height,
        gap: 1.5 * rem,
        lines: 6 * rem,
        leastWidth: 20 * rem,
      });
      setSeen((before) => (before.columns === columns && before.widthPx === widthPx ? before : { columns, widthPx }));
    };
    const watch = new ResizeObserver(measure);
    watch.observe(box);
    window.addEventListener('resize', measure);
    measure();
    return () => {
      watch.disconnect();
      window.removeEventListener('resize', measure);
    };
  }, [wall, cards]);
  return seen;
}
