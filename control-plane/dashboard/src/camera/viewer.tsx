import type { CameraView, FrameView } from '@slowlight/protocol';
import { type CSSProperties, type Ref, useState } from 'react';
import { sayMoment } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { LivePicture, type Picture } from '../parts/live-picture.tsx';
import { Blank } from '../parts/loaded.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { useNewestPicture } from '../pieces/newest-picture.ts';
import { pictureOf, thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';

interface ViewerProps {
  ref: Ref<HTMLElement>;
  camera: CameraView;
  zone: string;
  frame: FrameView | undefined;
  live: boolean;
  waiting: boolean;
  onLive: () => void;
  /** null: there is none. */
  onOlder: (() => void) | null;
  onNewer: (() => void) | null;
}

export function Viewer({ ref, camera, zone, frame, live, waiting, onLive, onOlder, onNewer }: ViewerProps) {
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const newest = useNewestPicture(camera.newest);
  const picture = live ? newest : frame?.picture === 'stored' ? wholePicture(frame) : null;
  const at = live ? camera.newest?.at : frame && (frame.dueAt ?? frame.takenAt);
  const shape = frame === undefined ? size : { width: frame.widthPx, height: frame.heightPx };
  const ratio = shape === null ? 16 / 9 : shape.width / shape.height;
  return (
    <figure ref={ref} className="viewer" style={{ '--ratio': String(ratio) } as CSSProperties}>
      <div className="viewer-picture">
        {picture !== null && at !== undefined ? (
          <LivePicture
            picture={picture}
            sizes="(min-width: 1100px) 75vw, 100vw"
            alt={words.frame.alt(camera.name, sayMoment(at, zone, 'date-time-exact'))}
            onSize={setSize}
          />
        ) : (
          <Nothing live={live} frame={frame} waiting={waiting} />
        )}
        {onOlder !== null && (
          <Button className="viewer-step viewer-older" icon="left" aria-label={words.camera.older} onClick={onOlder} />
        )}
        {onNewer !== null && (
          <Button className="viewer-step viewer-newer" icon="right" aria-label={words.camera.newer} onClick={onNewer} />
        )}
      </div>
      <figcaption>
        {live ? (
          <span className="live-mark">{words.camera.newest}</span>
        ) : (
          <Button className="live-back" onClick={onLive}>
            {words.camera.backToLive}
          </Button>
        )}
        {at !== undefined && (
          <span className="viewer-time">
            <Moment at={at} zone={zone} style={live ? 'time-exact' : 'date-time-exact'} />
            <span className="muted">
              <Ago at={at} />
            </span>
          </span>
        )}
        {frame?.flagged === true && (
          <span className="flag-chip">
            <Icon name="flag" />
            {frame.faults.length === 0
              ? words.frame.flagged
              : frame.faults.map((fault) => words.faults[fault]).join(', ')}
          </span>
        )}
        <span className="viewer-tools">
          {frame?.picture === 'stored' && (
            <a
              className="button button-quiet button-bare"
              href={pictureOf(frame.id)}
              download={`${frame.id}.jpg`}
              aria-label={words.camera.original}
              title={words.camera.original}
            >
              <Icon name="download" />
            </a>
          )}
          <Button
            kind="quiet"
            icon="expand"
            aria-label={words.camera.large}
            onClick={(event) => void event.currentTarget.closest('figure')?.requestFullscreen?.()}
          />
        </span>
      </figcaption>
    </figure>
  );
}

function wholePicture(frame: FrameView): Picture {
  const whole = pictureOf(frame.id);
  return frame.thumbnail === 'ready'
    ? { key: frame.id, src: whole, srcSet: `${thumbnailOf(frame.id, 'large')} 800w, ${whole} ${frame.widthPx}w` }
    : { key: frame.id, src: whole };
}

function Nothing({ live, frame, waiting }: { live: boolean; frame: FrameView | undefined; waiting: boolean }) {
  if (waiting && frame === undefined) return <div className="viewer-nothing" aria-busy="true" />;
  return (
    <div className="viewer-nothing">
      {live ? (
        <Blank icon="camera" title={words.camera.noNewest} text={words.camera.noNewestHint} />
      ) : (
        <Blank
          icon="camera"
          title={
            frame === undefined
              ? words.camera.noFrames
              : frame.picture === 'evicted'
                ? words.camera.gone
                : words.camera.atEdge
          }
        />
      )}
    </div>
  );
}
