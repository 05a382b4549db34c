/**
 * For a screen that hangs on a wall: nothing but pictures, as many as can be seen well, and after a while the next ones. The
 * screen stays on. Esc, or a touch and the button that it brings, leads back.
 */
import { type CSSProperties, useEffect, useMemo, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { StateDot } from '../parts/state-dot.tsx';
import { sayHealth } from '../pieces/health.ts';
import { later } from '../server/clock.ts';
import { words } from '../words.ts';
import type { Placed } from './arrange.ts';
import { CardPicture } from './camera-card.tsx';
import { kioskGrid } from './fit-wall.ts';
import { useAwake } from './use-awake.ts';

const BUTTON_MS = 3000;

export function Kiosk({
  cameras,
  seconds,
  onLeave,
}: {
  cameras: readonly Placed[];
  seconds: number;
  onLeave: () => void;
}) {
  const size = useWindowSize();
  const grid = kioskGrid(cameras.length, size);
  const pages = Math.max(1, Math.ceil(cameras.length / (grid.columns * grid.rows)));
  const [page, setPage] = useState(0);
  const [paused, setPaused] = useState(false);
  const now = page % pages;
  const turn = (by: 1 | -1) => setPage((now + by + pages) % pages);
  useAwake();
  useEffect(() => {
    document.documentElement.dataset.kiosk = '';
    return () => {
      delete document.documentElement.dataset.kiosk;
    };
  }, []);
  useEffect(() => {
    if (paused || pages < 2) return undefined;
    // From this page, each of which has its time.
    return later(seconds * 1000, () => setPage(page + 1));
  }, [page, pages, seconds, paused]);
  const leave = () => {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    onLeave();
  };
  useShortcuts({
    escape: leave,
    k: leave,
    arrowright: () => turn(1),
    arrowleft: () => turn(-1),
    ' ': () => setPaused(!paused),
    f: () => void document.documentElement.requestFullscreen?.(),
  });
  const touched = useTouched();
  const shown = useMemo(
    () => cameras.slice(now * grid.columns * grid.rows, (now + 1) * grid.columns * grid.rows),
    [cameras, now, grid.columns, grid.rows],
  );
  const style = { '--columns': grid.columns, '--rows': Math.ceil(shown.length / grid.columns) } as CSSProperties;
  return (
    <section className="kiosk" aria-label={words.wall.arrange.kiosk}>
      <h1 className="unseen">{words.nav.cameras}</h1>
      <ul key={now} className="kiosk-grid" style={style}>
        {shown.map((placed) => (
          <li key={placed.camera.id} className="kiosk-card">
            <CardPicture placed={placed} sizes={`${Math.ceil(100 / grid.columns)}vw`} />
            <KioskName placed={placed} />
          </li>
        ))}
      </ul>
      {pages > 1 && (
        <p className="kiosk-pages chip" aria-live="off">
          {paused ? words.wall.arrange.paused : words.wall.arrange.page(now + 1, pages)}
        </p>
      )}
      <Button className={touched ? 'kiosk-leave is-shown' : 'kiosk-leave'} icon="close" onClick={leave}>
        {words.wall.arrange.leaveKiosk}
      </Button>
    </section>
  );
}

function KioskName({ placed: { camera, agent } }: { placed: Placed }) {
  const health = sayHealth(camera, agent);
  return (
    <h2 className="kiosk-name chip">
      {health.tone === 'good' ? (
        camera.name
      ) : (
        <StateDot tone={health.tone}>{`${camera.name}: ${health.text}`}</StateDot>
      )}
    </h2>
  );
}

const readSize = () => ({ width: window.innerWidth, height: window.innerHeight });

function useWindowSize(): { width: number; height: number } {
  const [size, setSize] = useState(readSize);
  useEffect(() => {
    const changed = () => setSize(readSize());
    window.addEventListener('resize', changed);
    return () => window.removeEventListener('resize', changed);
  }, []);
  return size;
}

/** True for a moment after the pointer moved: nobody wants to see a button all day. */
function useTouched(): boolean {
  const [touched, setTouched] = useState(true);
  useEffect(() => {
    let callOff = later(BUTTON_MS, () => setTouched(false));
    const moved = () => {
      callOff();
      setTouched(true);
      callOff = later(BUTTON_MS, () => setTouched(false));
    };
    window.addEventListener('pointermove', moved);
    window.addEventListener('pointerdown', moved);
    return () => {
      callOff();
      window.removeEventListener('pointermove', moved);
      window.removeEventListener('pointerdown', moved);
    };
  }, []);
  return touched;
}
