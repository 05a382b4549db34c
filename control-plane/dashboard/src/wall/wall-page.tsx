/** Every place at a glance: its newest picture, how it is, and when the next one comes. */
import type { CameraView } from '@slowlight/protocol';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { arrange, inTrouble, type Placed } from './arrange.ts';
import { Kiosk } from './kiosk.tsx';
import type { WallPlace } from './place.ts';
import { usePlaced } from './use-placed.ts';
import { WallRows } from './wall-rows.tsx';
import { WallTools } from './wall-tools.tsx';
import './wall.css';

// Forms are not needed to look: they come when somebody wants to add a camera.
const CameraDialog = lazy(async () => ({ default: (await import('../pieces/camera-dialog.tsx')).CameraDialog }));

export function WallPage() {
  useTitle(words.nav.cameras);
  const { cameras, placed } = usePlaced();
  const place = useSearch({ from: '/' });
  const navigate = useNavigate({ from: '/' });
  const go = (search: WallPlace) => void navigate({ search, replace: true, resetScroll: false });
  const [adding, setAdding] = useState(false);
  const mayAdd = useMay('administer');
  const add = () => setAdding(true);
  return (
    <div className="page wall-page">
      <h1 className="unseen">{words.nav.cameras}</h1>
      <Loaded query={cameras} waiting={<WallSkeleton />}>
        {(list) =>
          list.length === 0 ? (
            <Blank
              icon="camera"
              title={words.wall.emptyTitle}
              text={mayAdd ? words.wall.emptyText : words.wall.emptyViewer}
            >
              {mayAdd && (
                <>
                  <Link className="button button-strong" to="/new">
                    <Icon name="plus" />
                    {words.wizard.open}
                  </Link>
                  <Button onClick={add}>{words.wall.add}</Button>
                </>
              )}
            </Blank>
          ) : (
            <Wall list={list} placed={placed} place={place} go={go} onAdd={mayAdd ? add : null} />
          )
        }
      </Loaded>
      {mayAdd && adding && (
        <Suspense>
          <CameraDialog open onClose={() => setAdding(false)} camera={null} />
        </Suspense>
      )}
    </div>
  );
}

interface WallProps {
  list: readonly CameraView[];
  placed: readonly Placed[];
  place: WallPlace;
  go: (place: WallPlace) => void;
  onAdd: (() => void) | null;
}

function Wall({ list, placed, place, go, onAdd }: WallProps) {
  const groups = useMemo(() => arrange(placed, place, words.locale), [placed, place]);
  const shown = groups.flatMap(({ cameras }) => cameras);
  const { kiosk, ...quiet } = place;
  if (kiosk !== undefined) return <Kiosk cameras={shown} seconds={kiosk} onLeave={() => go(quiet)} />;
  const online = list.filter(({ health, enabled }) => enabled && health === 'online').length;
  const troubled = placed.filter(inTrouble).length;
  const summary = [
    words.wall.summary(online, list.length),
    ...(troubled > 0 ? [words.wall.arrange.troubled(troubled)] : []),
  ].join(' · ');
  return (
    <>
      <WallTools summary={summary} place={place} cameras={list.length} go={go} onAdd={onAdd} />
      {shown.length === 0 ? (
        <Blank icon="search" title={words.wall.arrange.nothing} text={words.wall.arrange.nothingText}>
          <Button onClick={() => go({})}>{words.wall.arrange.showAll}</Button>
        </Blank>
      ) : (
        <WallRows groups={groups} />
      )}
    </>
  );
}

function WallSkeleton() {
  return (
    <div className="wall-bones" role="status" aria-label={words.common.loading}>
      <div className="skeleton wall-bone" />
      <div className="skeleton wall-bone" />
      <div className="skeleton wall-bone" />
    </div>
  );
}
