/** The frames of a day: one large, the others beside it; live as long as nobody picks one. */
import type { CameraView, FrameId } from '@slowlight/protocol';
import { type ReactNode, useRef, useState } from 'react';
import { type Day, shiftDay } from '../moments/zone.ts';
import { useShortcuts } from '../parts/shortcuts.ts';
import { momentOf } from '../server/place-frame.ts';
import { CompareBar, type CompareHow, ComparePictures, findOther, useOther } from './compare.tsx';
import { DayPicker } from './day-picker.tsx';
import { FrameList } from './frame-list.tsx';
import type { CameraPlace } from './place.ts';
import { Scrubber } from './scrubber.tsx';
import type { DayFrames } from './use-day-frames.ts';
import { useZoom } from './use-zoom.ts';
import { Viewer } from './viewer.tsx';

interface Props {
  camera: CameraView;
  zone: string;
  today: Day;
  day: Day;
  place: CameraPlace;
  shown: DayFrames;
  go: (place: CameraPlace, replace?: boolean) => void;
  children: ReactNode;
}

export function FrameBrowser({ camera, zone, today, day, place, shown, go, children }: Props) {
  const viewer = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const zoom = useZoom(box, layer);
  const [part, setPart] = useState(0.5);
  const other = useOther(place.with);
  const { list, frames, live, chosen, frame } = shown;
  const pick = (id: FrameId) => go({ ...place, day, frame: id }, true);
  const { frame: _, ...rest } = place;
  const toDay = (next: Day) => go(next >= today ? without(rest, 'day') : { ...rest, day: next });
  const toLive = () => go(place.view === undefined ? {} : { view: place.view });
  /** 1: older, -1: newer. */
  const step = (by: 1 | -1) => {
    const index = frames.findIndex(({ id }) => id === chosen);
    const next = frames[index + by] ?? (index < 0 ? frames[0] : undefined);
    if (next !== undefined) pick(next.id);
    if (list.hasNextPage && !list.isFetchingNextPage && index + by > frames.length - 24) void list.fetchNextPage();
  };
  useShortcuts({
    arrowleft: () => step(place.view === 'grid' ? -1 : 1),
    arrowright: () => step(place.view === 'grid' ? 1 : -1),
    home: () => frames[0] && pick(frames[0].id),
    end: () => {
      const last = frames.at(-1);
      if (last !== undefined) pick(last.id);
    },
    '[': () => toDay(shiftDay(day, -1)),
    ']': () => toDay(shiftDay(day, 1)),
    l: toLive,
    f: () => void viewer.current?.requestFullscreen?.(),
    m: () => (place.with === undefined ? void compare() : go(alone)),
    '+': () => zoom.by(1.5),
    '-': () => zoom.by(1 / 1.5),
    '0': zoom.reset,
    d: () => document.querySelector<HTMLInputElement>('.day-picker input[type=date]')?.focus(),
  });
  const index = frames.findIndex(({ id }) => id === chosen);
  const how: CompareHow = place.how ?? 'slider';
  const compared =
    other !== undefined && frame?.picture === 'stored' ? { camera, zone, one: frame, other, how, part } : null;
  const compare = async () => {
    if (frame === undefined) return;
    const found = await findOther(camera, momentOf(frame));
    if (found !== null) go({ ...place, day, frame: frame.id, with: found });
  };
  const { with: _with, how: _how, ...alone } = place;
  return (
    <div className="browser">
      <Viewer
        ref={viewer}
        still={still}
        zoom={zoom}
        box={box}
        layer={layer}
        compared={compared && <ComparePictures {...compared} />}
        onCompare={frame?.picture === 'stored' && place.with === undefined ? () => void compare() : null}
        camera={camera}
        zone={zone}
        frame={frame}
        live={live}
        waiting={shown.waiting}
        onLive={toLive}
        onOlder={index >= 0 && index < frames.length - 1 ? () => step(1) : null}
        onNewer={index > 0 ? () => step(-1) : null}
      />
      {compared !== null && (
        <CompareBar
          {...compared}
          onPart={setPart}
          onHow={(next) =>
            go(
              next === 'slider'
                ? { ...alone, with: compared.other.id }
                : { ...alone, with: compared.other.id, how: next },
              true,
            )
          }
          onOther={(id) => go({ ...place, with: id }, true)}
          onEnd={() => go(alone)}
        />
      )}
      <Scrubber
        camera={camera}
        zone={zone}
        day={day}
        here={frame === undefined ? null : momentOf(frame)}
        still={still}
        onPick={pick}
      />
      <DayPicker day={day} today={today} place={place} go={go} toDay={toDay} />
      <FrameList
        list={list}
        frames={frames}
        chosen={chosen}
        zone={zone}
        grid={place.view === 'grid'}
        flagged={place.flagged === true}
        follow={live}
        onPick={pick}
      />
      {children}
    </div>
  );
}

function without<Key extends keyof CameraPlace>(place: CameraPlace, key: Key): Omit<CameraPlace, Key> {
  const { [key]: _, ...rest } = place;
  return rest;
}
