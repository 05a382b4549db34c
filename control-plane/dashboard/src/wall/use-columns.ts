import { type RefObject, useLayoutEffect, useState } from 'react';
import { columnsFor } from './fit-wall.ts';

/** Follows the size of the wall and of the window. */
export function useColumns(wall: RefObject<HTMLElement | null>, cards: number): number {
  const [columns, setColumns] = useState(1);
  useLayoutEffect(() => {
    const box = wall.current;
    if (box === null) return undefined;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const top = box.getBoundingClientRect().top + window.scrollY;
      const height = window.innerHeight - top - rem;
      const room = { width: box.clientWidth, height, gap: 1.5 * rem, lines: 6 * rem, leastWidth: 20 * rem };
      setColumns(columnsFor(cards, room));
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
  return columns;
}
