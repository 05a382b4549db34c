import type { FrameView } from '@slowlight/protocol';
import type { FrameFilter, PageOf } from './queries.ts';

/** The moment that a frame is filed under: its slot, or when it was taken by hand. */
export const momentOf = (frame: Pick<FrameView, 'dueAt' | 'takenAt'>): number => frame.dueAt ?? frame.takenAt;

/**
 * Puts a frame into pages that are sorted newest first: in the place of its older self, or where its moment belongs. A frame
 * that belongs to a page not loaded yet is left to that page. Gives back the same pages when nothing changes.
 */
export function placeFrame(pages: PageOf<FrameView>[], frame: FrameView, filter: FrameFilter): PageOf<FrameView>[] {
  const at = momentOf(frame);
  const belongs =
    frame.cameraId === filter.cameraId && at >= filter.from && at < filter.to && (!filter.flagged || frame.flagged);
  const known = pages.findIndex((page) => page.items.some((item) => item.id === frame.id));
  if (known >= 0)
    return pages.map((page, index) =>
      index === known ? { ...page, items: page.items.map((item) => (item.id === frame.id ? frame : item)) } : page,
    );
  if (!belongs) return pages;
  const target = pages.findIndex((page) => {
    const last = page.items.at(-1);
    return last !== undefined && momentOf(last) <= at;
  });
  const atEnd = pages.length - 1;
  if (target < 0 && pages[atEnd]?.next !== null) return pages;
  return pages.map((page, index) => (index === (target < 0 ? atEnd : target) ? inserted(page, frame, at) : page));
}

function inserted(page: PageOf<FrameView>, frame: FrameView, at: number): PageOf<FrameView> {
  const before = page.items.findIndex((item) => momentOf(item) <= at);
  const index = before < 0 ? page.items.length : before;
  return { ...page, items: page.items.toSpliced(index, 0, frame) };
}
