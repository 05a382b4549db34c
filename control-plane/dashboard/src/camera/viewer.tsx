import type { CameraView, FrameView } from '@slowlight/protocol';
import { type CSSProperties, type ReactNode, type Ref, type RefObject, useState } from 'react';
import { sayMoment } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { LivePicture, type Picture } from '../parts/live-picture.tsx';
import { Blank } from '../parts/loaded.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { useNewestPicture } from '../pieces/newest-picture.ts';
import { pictureOf, thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';
import type { UseZoom } from './use-zoom.ts';

interface ViewerProps {
  ref: Ref<HTMLElement>;
  /** Scrubbing draws here. */
  still: RefObject<HTMLCanvasElement | null>;
  zoom: UseZoom;
  box: RefObject<HTMLDivElement | null>;
  layer: RefObject<HTMLDivElement | null>;
  /** Shown instead of the picture; null: nothing is compared. */
  compared: ReactNode;
  /** null: there is nothing to compare, or it is compared already. */
  onCompare: (() => void) | null;
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

export function Viewer(props: ViewerProps) {
  const { ref, camera, zone, frame, live, waiting, onLive, onOlder, onNewer, still, zoom, box, layer, compared } =
    props;
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const newest = useNewestPicture(camera.newest);
  const picture = live ? newest : frame?.picture === 'stored' ? wholePicture(frame) : null;
  const at = live ? camera.newest?.at : frame && (frame.dueAt ?? frame.takenAt);
  const shape = frame === undefined ? size : { width: frame.widthPx, height: frame.heightPx };
  const ratio = shape === null ? 16 / 9 : shape.width / shape.height;
  const arrived = (next: { width: number; height: number }) => {
    setSize(next);
    if (still.current?.dataset.resting === 'true') still.current.hidden = true;
  };
  return (
    <figure ref={ref} className="viewer" style={{ '--ratio': String(ratio) } as CSSProperties}>
      <div ref={box} className={zoom.zoomed ? 'viewer-picture is-close' : 'viewer-picture'}>
        <div ref={layer} className="viewer-layer">
          {compared ??
            (picture !== null && at !== undefined ? (
              <LivePicture
                picture={picture}
                sizes={zoom.zoomed ? '400vw' : '(min-width: 1100px) 75vw, 100vw'}
                alt={words.frame.alt(camera.name, sayMoment(at, zone, 'date-time-exact'))}
                onSize={arrived}
              />
            ) : (
              <Nothing live={live} frame={frame} waiting={waiting} />
            ))}
          <canvas ref={still} className="viewer-still" hidden />
        </div>
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
          <Button
            kind="quiet"
            icon={zoom.zoomed ? 'minus' : 'search'}
            aria-label={zoom.zoomed ? words.camera.whole : words.camera.closer}
            title={zoom.zoomed ? words.camera.whole : words.camera.closer}
            onClick={() => (zoom.zoomed ? zoom.reset() : zoom.by(2.5))}
          />
          {props.onCompare !== null && (
            <Button
              kind="quiet"
              icon="compare"
              aria-label={words.camera.compare.start}
              title={words.camera.compare.start}
              onClick={props.onCompare}
            />
          )}
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
