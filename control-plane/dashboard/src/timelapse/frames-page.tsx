/** The frames of a timelapse, day by day: what is flagged and why, and which of them its films leave out. */
import type { FrameId, FrameView, TimelapseView } from '@slowlight/protocol';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { sayDay } from '../moments/say.ts';
import { boundsOfDay, dayOf } from '../moments/zone.ts';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { TimelapseFrame } from '../pieces/timelapse-frame.tsx';
import { useAction } from '../server/actions.ts';
import { useByClock } from '../server/clock.ts';
import { framesAreExcluded } from '../server/foretaste.ts';
import { placeActions } from '../server/place-actions.ts';
import { placeKeys, placeQueries } from '../server/place-queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { FrameGrid } from './frame-grid.tsx';
import { FrameLook } from './frame-look.tsx';
import { FramesBar } from './frames-bar.tsx';
import type { FramesPlace } from './place.ts';
import { NOTHING_SELECTED, reach, selectAll, toggle } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import './timelapse.css';

/** So many frames can be named at once. */
const MOST_AT_ONCE = 500;

export function FramesPage() {
  const { timelapseId } = useParams({ from: '/timelapses/$timelapseId/frames' });
  return <TimelapseFrame timelapseId={timelapseId}>{(timelapse) => <Frames timelapse={timelapse} />}</TimelapseFrame>;
}

function Frames({ timelapse }: { timelapse: TimelapseView }) {
  const place = useSearch({ from: '/timelapses/$timelapseId/frames' });
  const navigate = useNavigate({ from: '/timelapses/$timelapseId/frames' });
  const mayChange = useMay('operate');
  const zone = timelapse.schedule.timeZone;
  const today = useByClock((now) => dayOf(now, zone));
  const first = dayOf(timelapse.firstFrameAt ?? timelapse.startedAt, zone);
  const day = place.day ?? (timelapse.lastFrameAt === null ? today : dayOf(timelapse.lastFrameAt, zone));
  const bounds = place.all === true ? { from: 0, to: boundsOfDay(today, zone).to } : boundsOfDay(day, zone);
  const show = place.show ?? 'all';
  const list = useInfiniteQuery(placeQueries.frames({ timelapseId: timelapse.id, ...bounds, show }));
  const frames = list.data?.pages.flatMap((page) => page.items) ?? [];
  const ids = frames.map(({ id }) => id);
  const [selection, select] = useState(NOTHING_SELECTED);
  const question = `${bounds.from} ${bounds.to} ${show}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has other frames
  useEffect(() => select(NOTHING_SELECTED), [question]);
  const go = (next: FramesPlace, replace = false) => void navigate({ search: next, replace, resetScroll: false });
  const { frame: _, ...here } = place;
  const look = (id: FrameId | null) => go(id === null ? here : { ...here, frame: id }, place.frame !== undefined);
  const exclude = useAction({
    run: placeActions.exclude,
    atOnce: ({ id, excluded, frameIds = [] }) => framesAreExcluded(id, frameIds, excluded),
    stale: [placeKeys.framesOf(timelapse.id)],
    done: ({ frames: count }) => words.frames.changed(count),
  });
  const set = (excluded: boolean, of: readonly FrameId[]) => {
    for (let at = 0; at < of.length; at += MOST_AT_ONCE)
      exclude.run({ id: timelapse.id, excluded, frameIds: of.slice(at, at + MOST_AT_ONCE) });
  };
  const looked = frames.find(({ id }) => id === place.frame);
  useShortcuts({
    escape: () => select(NOTHING_SELECTED),
    x: () => mayChange && selection.chosen.size > 0 && set(true, [...selection.chosen]),
    i: () => mayChange && selection.chosen.size > 0 && set(false, [...selection.chosen]),
    a: () => select(selectAll(ids)),
  });
  return (
    <div className="stack frames-page">
      <FramesBar
        timelapse={timelapse}
        place={here}
        day={day}
        first={first}
        today={today}
        bounds={place.all === true ? undefined : bounds}
        go={go}
      />
      {mayChange && (
        <SelectionBar
          count={selection.chosen.size}
          loaded={ids.length}
          busy={exclude.busy}
          onAll={() => select(selectAll(ids))}
          onClear={() => select(NOTHING_SELECTED)}
          onSet={(excluded) => set(excluded, [...selection.chosen])}
          {...(place.all === true || show !== 'all'
            ? {}
            : {
                onDay: (excluded: boolean) => exclude.run({ id: timelapse.id, excluded, ...bounds }),
                day: sayDay(day),
              })}
        />
      )}
      <Loaded query={list} waiting={<div className="skeleton frames-bone" />}>
        {() =>
          frames.length === 0 ? (
            <Blank icon="camera" title={words.frames.none[show]} text={words.frames.noneText} />
          ) : (
            <FrameGrid
              frames={frames}
              list={list}
              zone={zone}
              dated={place.all === true}
              chosen={selection.chosen}
              selectable={mayChange}
              onLook={look}
              onToggle={(id) => select((before) => toggle(before, id))}
              onReach={(id) => select((before) => reach(before, id, ids))}
            />
          )
        }
      </Loaded>
      <FrameLook
        frame={looked}
        zone={zone}
        onClose={() => look(null)}
        onStep={stepOf(frames, looked, look)}
        {...(mayChange ? { onExclude: (frame: FrameView) => set(!frame.excluded, [frame.id]) } : {})}
      />
    </div>
  );
}

/** 1: the next one; -1: the one before. null where there is none. */
function stepOf(frames: readonly FrameView[], at: FrameView | undefined, look: (id: FrameId) => void) {
  const index = frames.findIndex(({ id }) => id === at?.id);
  return (by: 1 | -1) => {
    const next = index < 0 ? undefined : frames[index + by];
    return next === undefined ? null : () => look(next.id);
  };
}
