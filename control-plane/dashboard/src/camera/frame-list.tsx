/**
 * The day's frames as a filmstrip (time runs to the right, the newest at the right end) or as a grid (newest first). More are
 * loaded as the end comes into view.
 */
import type { FrameId, FrameView } from '@slowlight/protocol';
import { memo, useCallback, useEffect, useRef } from 'react';
import { sayMoment } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { momentOf } from '../server/place-frame.ts';
import { type FrameListQuery, thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  list: FrameListQuery;
  frames: readonly FrameView[];
  chosen: FrameId | undefined;
  zone: string;
  grid: boolean;
  flagged: boolean;
  /** The newest is shown as it comes: stay at the newest end. */
  follow: boolean;
  onPick: (id: FrameId) => void;
}

export function FrameList({ list, frames, chosen, zone, grid, flagged, follow, onPick }: Props) {
  const box = useRef<HTMLUListElement>(null);
  // One that stays the same: else every frame would be drawn again with each that comes.
  const picked = useRef(onPick);
  useEffect(() => {
    picked.current = onPick;
  });
  const pick = useCallback((id: FrameId) => picked.current(id), []);
  useEffect(() => {
    if (chosen === undefined) return;
    const item = box.current?.querySelector(`[data-frame="${chosen}"]`);
    item?.scrollIntoView({ block: 'nearest', inline: follow ? 'nearest' : 'center' });
  }, [chosen, follow]);
  return (
    <Loaded query={list} waiting={<div className="skeleton strip-bone" />}>
      {() =>
        frames.length === 0 ? (
          <p className="strip-empty muted">{flagged ? words.camera.noFlagged : words.camera.noFrames}</p>
        ) : (
          <ul ref={box} className={grid ? 'frames-grid' : 'strip'} aria-label={words.camera.frames}>
            {frames.map((frame) => (
              <FrameItem key={frame.id} frame={frame} chosen={frame.id === chosen} zone={zone} onPick={pick} />
            ))}
            {list.hasNextPage && (
              <More key={frames.length} busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
            )}
          </ul>
        )
      }
    </Loaded>
  );
}

const FrameItem = memo(function FrameItem({
  frame,
  chosen,
  zone,
  onPick,
}: {
  frame: FrameView;
  chosen: boolean;
  zone: string;
  onPick: (id: FrameId) => void;
}) {
  const time = sayMoment(momentOf(frame), zone, 'time-exact');
  const faults = frame.faults.map((fault) => words.faults[fault]).join(', ');
  const marks = [
    time,
    frame.dueAt === null ? words.frame.manual : '',
    frame.flagged ? `${words.frame.flagged}: ${faults}` : '',
    frame.picture === 'stored' ? '' : words.frame.states[frame.picture],
  ];
  const name = marks.filter(Boolean).join(', ');
  return (
    <li data-frame={frame.id}>
      <button
        type="button"
        className={frame.flagged ? 'frame frame-flagged' : 'frame'}
        aria-current={chosen || undefined}
        aria-label={name}
        title={name}
        tabIndex={chosen ? 0 : -1}
        onClick={() => onPick(frame.id)}
      >
        {frame.picture === 'stored' ? (
          <img src={thumbnailOf(frame.id, 'small')} alt="" loading="lazy" decoding="async" />
        ) : (
          <span className="frame-absent">
            <Icon name={frame.picture === 'evicted' ? 'close' : 'cloud'} />
          </span>
        )}
        <span className="frame-time">
          {frame.flagged && <Icon name="flag" />}
          {frame.dueAt === null && <Icon name="hand" />}
          {time}
        </span>
      </button>
    </li>
  );
});

function More({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const item = useRef<HTMLLIElement>(null);
  const more = useRef(onMore);
  useEffect(() => {
    more.current = onMore;
  });
  useEffect(() => {
    if (item.current === null) return undefined;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) more.current();
      },
      { rootMargin: '400px' },
    );
    watch.observe(item.current);
    return () => watch.disconnect();
  }, []);
  return (
    <li ref={item} className="frames-more">
      <Button kind="quiet" busy={busy} onClick={onMore}>
        {words.common.more}
      </Button>
    </li>
  );
}
