/**
 * Frames side by side. The arrow keys go from one to the next, space selects, shift and space (or a click) select a stretch,
 * enter looks at one.
 */
import type { FrameId, FrameView } from '@slowlight/protocol';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { type KeyboardEvent, memo, useCallback, useEffect, useRef } from 'react';
import { sayMoment } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { momentOf } from '../server/place-frame.ts';
import { type PageOf, thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  frames: readonly FrameView[];
  list: UseInfiniteQueryResult<InfiniteData<PageOf<FrameView>, unknown>>;
  zone: string;
  /** Whether each says its day too. */
  dated: boolean;
  chosen: ReadonlySet<FrameId>;
  selectable: boolean;
  onLook: (id: FrameId) => void;
  onToggle: (id: FrameId) => void;
  onReach: (id: FrameId) => void;
}

export function FrameGrid({ frames, list, zone, dated, chosen, selectable, onLook, onToggle, onReach }: Props) {
  const box = useRef<HTMLUListElement>(null);
  const act = useRef({ onLook, onToggle, onReach });
  useEffect(() => {
    act.current = { onLook, onToggle, onReach };
  });
  const step = (event: KeyboardEvent<HTMLUListElement>) => {
    const here = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-frame]') : null;
    if (here === null || box.current === null) return;
    const all = Array.from(box.current.querySelectorAll<HTMLElement>('[data-frame]'));
    const columns = Math.max(1, getComputedStyle(box.current).gridTemplateColumns.split(' ').length);
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const next = by === undefined ? undefined : all[all.indexOf(here) + by];
    if (next === undefined) return;
    event.preventDefault();
    next.querySelector<HTMLElement>('.shot')?.focus();
  };
  const pick = useCallback((stretch: boolean, id: FrameId) => {
    if (stretch) act.current.onReach(id);
    else act.current.onToggle(id);
  }, []);
  const open = useCallback((id: FrameId) => act.current.onLook(id), []);
  return (
    <>
      <ul ref={box} className="shots" aria-label={words.frames.title} onKeyDown={step}>
        {frames.map((frame) => (
          <Shot
            key={frame.id}
            frame={frame}
            zone={zone}
            dated={dated}
            chosen={chosen.has(frame.id)}
            selectable={selectable}
            onPick={pick}
            onOpen={open}
          />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="row more-shots">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.common.more}
          </Button>
        </div>
      )}
    </>
  );
}

interface ShotProps {
  frame: FrameView;
  zone: string;
  dated: boolean;
  chosen: boolean;
  selectable: boolean;
  onPick: (stretch: boolean, id: FrameId) => void;
  onOpen: (id: FrameId) => void;
}

const Shot = memo(function Shot({ frame, zone, dated, chosen, selectable, onPick, onOpen }: ShotProps) {
  const { id, flagged, excluded, picture, score } = frame;
  const time = sayMoment(momentOf(frame), zone, dated ? 'date-time' : 'time-exact');
  const why = flagged ? frame.faults.map((fault) => words.faults[fault]).join(', ') || words.frame.flagged : '';
  const name = [
    time,
    why,
    excluded ? words.frames.excluded : '',
    picture === 'stored' ? '' : words.frame.states[picture],
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <li data-frame={id} className={['shot-item', chosen ? 'is-chosen' : '', excluded ? 'is-excluded' : ''].join(' ')}>
      <button
        type="button"
        className="shot"
        title={name}
        onClick={(event) => (event.shiftKey && selectable ? onPick(true, id) : onOpen(id))}
        onKeyDown={(event) => {
          if (event.key !== ' ' || !selectable) return;
          event.preventDefault();
          onPick(event.shiftKey, id);
        }}
      >
        {picture === 'stored' ? (
          <img src={thumbnailOf(id, 'small')} alt="" loading="lazy" decoding="async" />
        ) : (
          <span className="frame-absent">
            <Icon name={picture === 'evicted' ? 'close' : 'cloud'} />
          </span>
        )}
        <span className="shot-words">
          {flagged && <Icon name="flag" />}
          <span>{time}</span>
          {flagged && <span className="shot-why">{`${why} · ${score}`}</span>}
        </span>
        {excluded && <span className="shot-out">{words.frames.excluded}</span>}
        {picture !== 'stored' && <span className="unseen">{words.frame.states[picture]}</span>}
      </button>
      {selectable && (
        <label className="shot-pick">
          <input
            type="checkbox"
            checked={chosen}
            aria-label={words.frames.select(time)}
            tabIndex={-1}
            // The change of a box is told by the click that made it.
            onChange={({ nativeEvent }) => onPick(nativeEvent instanceof MouseEvent && nativeEvent.shiftKey, id)}
          />
        </label>
      )}
    </li>
  );
});
