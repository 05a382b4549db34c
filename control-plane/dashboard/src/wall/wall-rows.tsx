/** Only the rows near the window are drawn, however many cameras there are. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { words } from '../words.ts';
import { type Group, type Row, rowsOf } from './arrange.ts';
import { CameraCard } from './camera-card.tsx';
import { useColumns } from './use-columns.ts';

/** What a row is taken to be high before it was measured, px at 16 px a rem. */
const LINES_PX = 86;
const TITLE_PX = 56;
const GAP_PX = 24;

export function WallRows({ groups }: { groups: readonly Group[] }) {
  const wall = useRef<HTMLDivElement>(null);
  const cards = groups.reduce((sum, { cameras }) => sum + cameras.length, 0);
  const { columns, widthPx } = useColumns(wall, cards);
  const rows = useMemo(() => rowsOf(groups, columns), [groups, columns]);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const { current } = wall;
    if (current !== null) setTop(current.getBoundingClientRect().top + window.scrollY);
  }, []);
  // Other functions would make it reckon every row again, with each picture that comes.
  const shape = useShape(rows);
  const getItemKey = useCallback((index: number) => shape[index]?.key ?? index, [shape]);
  const estimateSize = useCallback(
    (index: number) =>
      shape[index]?.kind === 'title'
        ? TITLE_PX
        : ((widthPx - GAP_PX * (columns - 1)) / columns) * (9 / 16) + LINES_PX + GAP_PX,
    [shape, columns, widthPx],
  );
  const virtual = useWindowVirtualizer({
    count: rows.length,
    getItemKey,
    estimateSize,
    overscan: 2,
    scrollMargin: top,
  });
  const grouped = groups.some(({ title }) => title !== null);
  const style = { '--columns': columns, height: `${virtual.getTotalSize()}px` } as CSSProperties;
  return (
    <div ref={wall} className={cards === 1 ? 'wall wall-1' : 'wall'} style={style}>
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            className="wall-row"
            style={{ transform: `translateY(${start - top}px)` }}
          >
            {row.kind === 'title' ? (
              <h2 className="wall-title">
                {row.group.title} <span className="muted">{words.wall.arrange.count(row.group.cameras.length)}</span>
              </h2>
            ) : (
              <ul className="wall-cards">
                {row.cards.map((placed) => (
                  <li key={placed.camera.id} className="card">
                    <CameraCard placed={placed} columns={columns} heading={grouped ? 'h3' : 'h2'} />
                  </li>
                ))}
              </ul>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** The rows before, as long as the same rows are in the same order: what is on their cards may be another. */
function useShape(rows: readonly Row[]): readonly Row[] {
  const before = useRef(rows);
  const same =
    before.current.length === rows.length &&
    rows.every(({ kind, key }, index) => before.current[index]?.kind === kind && before.current[index].key === key);
  if (!same) before.current = rows;
  return before.current;
}
