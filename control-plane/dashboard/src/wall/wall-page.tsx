/** Every place at a glance: its newest picture, how it is, and when the next one comes. */
import type { CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { CameraDialog } from '../pieces/camera-dialog.tsx';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { CameraCard } from './camera-card.tsx';
import { useColumns } from './use-columns.ts';
import './wall.css';

export function WallPage() {
  useTitle(words.nav.cameras);
  const cameras = useQuery(queries.cameras);
  const [adding, setAdding] = useState(false);
  const mayAdd = useMay('administer');
  return (
    <div className="page wall-page">
      <Loaded query={cameras} waiting={<WallSkeleton />}>
        {(list) =>
          list.length === 0 ? (
            <Blank
              icon="camera"
              title={words.wall.emptyTitle}
              text={mayAdd ? words.wall.emptyText : words.wall.emptyViewer}
            >
              {mayAdd && (
                <Button kind="strong" icon="plus" onClick={() => setAdding(true)}>
                  {words.wall.add}
                </Button>
              )}
            </Blank>
          ) : (
            <>
              <div className="wall-head">
                <h1 className="unseen">{words.nav.cameras}</h1>
                <p className="muted">{words.wall.summary(countOnline(list), list.length)}</p>
                {mayAdd && (
                  <Button icon="plus" onClick={() => setAdding(true)}>
                    {words.wall.add}
                  </Button>
                )}
              </div>
              <Wall cameras={list} />
            </>
          )
        }
      </Loaded>
      {mayAdd && <CameraDialog open={adding} onClose={() => setAdding(false)} camera={null} />}
    </div>
  );
}

function Wall({ cameras }: { cameras: readonly CameraView[] }) {
  const wall = useRef<HTMLUListElement>(null);
  const columns = useColumns(wall, cameras.length);
  const style = { '--columns': columns } as CSSProperties;
  return (
    <ul ref={wall} className={cameras.length === 1 ? 'wall wall-1' : 'wall'} style={style}>
      {cameras.map((camera) => (
        <CameraCard key={camera.id} camera={camera} columns={columns} />
      ))}
    </ul>
  );
}

const countOnline = (cameras: readonly CameraView[]) =>
  cameras.filter(({ health, enabled }) => enabled && health === 'online').length;

function WallSkeleton() {
  return (
    <div className="wall wall-bones" aria-busy="true">
      <div className="skeleton wall-bone" />
      <div className="skeleton wall-bone" />
      <div className="skeleton wall-bone" />
    </div>
  );
}
