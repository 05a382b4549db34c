/** A day under the finger: dragging along it shows every moment at once; letting go opens that frame. */
import type { CameraView, FrameId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { sayMoment } from '../moments/say.ts';
import { boundsOfDay, type Day } from '../moments/zone.ts';
import { later } from '../server/clock.ts';
import { watchQueries } from '../server/watch-queries.ts';
import { words } from '../words.ts';
import { type DayMoments, dayMomentsOf, nearest } from './day-moments.ts';
import { type DaySheets, openDaySheets } from './day-sheets.ts';
import { drawTrack } from './draw-track.ts';
import './scrubber.css';

/** The scrubbed picture goes when the whole one is there, or after this. */
const HOLD_MS = 2500;
/** What the page shows comes first; then the day is made ready, before anybody takes hold of it. */
const PREPARE_MS = 250;

interface Props {
  camera: CameraView;
  zone: string;
  day: Day;
  /** The moment of the frame that is shown. */
  here: number | null;
  /** Lies over the large picture. */
  still: RefObject<HTMLCanvasElement | null>;
  onPick: (frame: FrameId) => void;
}

export function Scrubber({ camera, zone, day, here, still, onPick }: Props) {
  const bounds = useMemo(() => boundsOfDay(day, zone), [day, zone]);
  const view = useQuery(watchQueries.moments(camera.id, bounds)).data;
  const moments = useMemo(() => (view === undefined ? null : dayMomentsOf(view)), [view]);
  const track = useRef<HTMLCanvasElement>(null);
  const bubble = useRef<HTMLOutputElement>(null);
  const thumb = useRef<HTMLSpanElement>(null);
  const [wanted, setWanted] = useState(false);
  useEffect(() => later(PREPARE_MS, () => setWanted(true)), []);
  const scrub = useScrub({ camera, moments, bounds, zone, still, bubble, thumb }, wanted);
  useEffect(() => {
    const { current } = track;
    if (current === null || moments === null) return undefined;
    const draw = () => drawTrack(current, moments, bounds);
    const watch = new ResizeObserver(draw);
    watch.observe(current);
    return () => watch.disconnect();
  }, [moments, bounds]);
  if (moments !== null && moments.ids.length === 0) return null;

  const shareOf = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const atShare = (share: number) => nearest(moments?.at ?? [], bounds.from + share * (bounds.to - bounds.from));
  const finish = (index: number) => {
    const id = moments?.ids[index];
    scrub.rest();
    if (id !== undefined) onPick(id);
  };
  const now = here === null || moments === null ? (moments?.ids.length ?? 1) - 1 : nearest(moments.at, here);
  const pressed = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowDown: -1,
      ArrowUp: 1,
      PageDown: -30,
      PageUp: 30,
    };
    const last = (moments?.ids.length ?? 1) - 1;
    const step = steps[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? last : step === undefined ? null : now + step;
    if (to === null || moments === null) return;
    event.preventDefault();
    finish(Math.min(last, Math.max(0, to)));
  };
  const hereShare = here === null ? 1 : (here - bounds.from) / (bounds.to - bounds.from);
  return (
    <div className="scrubber">
      <div
        className="scrub-track"
        role="slider"
        tabIndex={0}
        aria-label={words.camera.scrub}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, (moments?.ids.length ?? 1) - 1)}
        aria-valuenow={Math.max(0, now)}
        aria-valuetext={
          moments === null ? words.common.loading : sayMoment(moments.at[now] ?? bounds.from, zone, 'time-exact')
        }
        title={words.camera.scrubHelp}
        onPointerEnter={() => setWanted(true)}
        onFocus={() => setWanted(true)}
        onKeyDown={pressed}
        onPointerDown={(event) => {
          if (event.button !== 0 || moments === null) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setWanted(true);
          scrub.show(atShare(shareOf(event)));
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) scrub.show(atShare(shareOf(event)));
        }}
        onPointerUp={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) finish(atShare(shareOf(event)));
        }}
        onPointerCancel={() => scrub.hide()}
      >
        <canvas ref={track} className="scrub-marks" />
        <span ref={thumb} className="scrub-thumb" style={{ left: `${Math.min(1, Math.max(0, hereShare)) * 100}%` }} />
        <output ref={bubble} className="scrub-bubble" hidden />
      </div>
      <div className="scrub-hours" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>
            {part === 1 ? '24:00' : sayMoment(bounds.from + part * (bounds.to - bounds.from), zone, 'time')}
          </span>
        ))}
      </div>
    </div>
  );
}

interface ScrubOf {
  camera: CameraView;
  moments: DayMoments | null;
  bounds: { from: number; to: number };
  zone: string;
  still: RefObject<HTMLCanvasElement | null>;
  bubble: RefObject<HTMLOutputElement | null>;
  thumb: RefObject<HTMLSpanElement | null>;
}

/** Draws past React: sixty pictures a second are none of its business. */
function useScrub(of: ScrubOf, wanted: boolean) {
  const { camera, moments } = of;
  const current = useRef(of);
  const sheets = useRef<DaySheets | null>(null);
  const shown = useRef<number | null>(null);
  const asked = useRef(0);
  const callOff = useRef<() => void>(() => {});
  useEffect(() => {
    current.current = of;
  });
  const draw = useRef(() => {
    if (asked.current !== 0) return;
    asked.current = requestAnimationFrame(() => {
      asked.current = 0;
      if (shown.current !== null) drawMoment(current.current, sheets.current, shown.current);
    });
  });
  useEffect(() => {
    if (!wanted || moments === null) return undefined;
    const opened = openDaySheets({ camera: camera.id, moments }, () => draw.current());
    sheets.current = opened;
    return () => {
      opened.close();
      sheets.current = null;
    };
  }, [wanted, moments, camera.id]);
  const hide = () => {
    callOff.current();
    shown.current = null;
    const { still, bubble } = current.current;
    if (still.current !== null) still.current.hidden = true;
    if (bubble.current !== null) bubble.current.hidden = true;
  };
  return {
    show(index: number) {
      callOff.current();
      if (index < 0) return;
      shown.current = index;
      const { still } = current.current;
      if (still.current !== null) still.current.dataset.resting = 'false';
      draw.current();
    },
    /** Stays until the whole picture is there. */
    rest() {
      const { bubble, still } = current.current;
      if (bubble.current !== null) bubble.current.hidden = true;
      if (still.current !== null) still.current.dataset.resting = 'true';
      shown.current = null;
      callOff.current();
      callOff.current = later(HOLD_MS, hide);
    },
    hide,
  };
}

function drawMoment(
  { moments, bounds, zone, still, bubble, thumb }: ScrubOf,
  sheets: DaySheets | null,
  index: number,
): void {
  const at = moments?.at[index];
  if (moments === null || at === undefined) return;
  const left = `${((at - bounds.from) / (bounds.to - bounds.from)) * 100}%`;
  if (thumb.current !== null) thumb.current.style.left = left;
  if (bubble.current !== null) {
    bubble.current.hidden = false;
    bubble.current.style.left = left;
    bubble.current.textContent = sayMoment(at, zone, 'time-exact');
  }
  const tile = sheets?.tile(index) ?? null;
  const { current: canvas } = still;
  if (tile === null || canvas === null) return;
  // As large as it is in the sheet: the screen makes it larger, once, where a canvas would do it in every picture.
  if (canvas.width !== tile.width || canvas.height !== tile.height) {
    canvas.width = tile.width;
    canvas.height = tile.height;
  }
  canvas
    .getContext('2d', { alpha: false })
    ?.drawImage(tile.bitmap, tile.left, tile.top, tile.width, tile.height, 0, 0, tile.width, tile.height);
  canvas.hidden = false;
  canvas.dataset.moment = String(at);
  canvas.dataset.exact = String(tile.exact);
}
