/** One frame as large as there is room: when it was due, what the judge says of it and by which measures. */
import type { FrameView } from '@slowlight/protocol';
import { useEffect, useRef } from 'react';
import { sayBytes, sayMoment, sayNumber } from '../moments/say.ts';
import { sayWeather } from '../moments/say-weather.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { momentOf } from '../server/place-frame.ts';
import { pictureOf } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  frame: FrameView | undefined;
  zone: string;
  onClose: () => void;
  /** null: there is none in that direction. */
  onStep: (by: 1 | -1) => (() => void) | null;
  onExclude?: (frame: FrameView) => void;
}

export function FrameLook({ frame, zone, onClose, onStep, onExclude }: Props) {
  useArrows(frame === undefined ? null : onStep);
  const title = frame === undefined ? '' : sayMoment(momentOf(frame), zone, 'date-time-exact');
  return (
    <Dialog title={title} width="film" open={frame !== undefined} onOpenChange={onClose}>
      {frame !== undefined && (
        <div className="look">
          <div className="look-picture">
            {frame.picture === 'stored' ? (
              <img src={pictureOf(frame.id)} alt={title} />
            ) : (
              <p className="muted">{words.frame.states[frame.picture]}</p>
            )}
          </div>
          <div className="look-words">
            {frame.flagged && (
              <p className="flag-line">
                <Icon name="flag" />
                {words.frames.flaggedFor(
                  frame.faults.map((fault) => words.faults[fault]).join(', ') || words.frame.flagged,
                )}
              </p>
            )}
            <Facts facts={factsOf(frame)} />
            <Measures of={frame.measures} />
          </div>
          <div className="dialog-foot">
            {onExclude !== undefined && (
              <Button className="aside" aria-pressed={frame.excluded} onClick={() => onExclude(frame)}>
                {frame.excluded ? words.frames.include : words.frames.exclude}
              </Button>
            )}
            <Step icon="left" label={words.camera.older} onStep={onStep(-1)} />
            <Step icon="right" label={words.camera.newer} onStep={onStep(1)} />
            <a className="button" href={pictureOf(frame.id)} download={`${frame.id}.jpg`}>
              <Icon name="download" />
              {words.camera.original}
            </a>
          </div>
        </div>
      )}
    </Dialog>
  );
}

/** Silent while a field has the focus. */
function useArrows(onStep: Props['onStep'] | null): void {
  const current = useRef(onStep);
  useEffect(() => {
    current.current = onStep;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.target instanceof Element && event.target.closest('input, select, textarea') !== null) return;
      const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : null;
      if (step !== null) current.current?.(step)?.();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}

function Step({ icon, label, onStep }: { icon: 'left' | 'right'; label: string; onStep: (() => void) | null }) {
  return <Button icon={icon} aria-label={label} disabled={onStep === null} onClick={() => onStep?.()} />;
}

function factsOf(frame: FrameView): Record<string, string | undefined> {
  return {
    [words.frame.score]: sayNumber(frame.score),
    [words.frame.size]: `${frame.widthPx} × ${frame.heightPx}, ${sayBytes(frame.sizeBytes)}`,
    [words.frames.inFilms]: frame.excluded ? words.frames.excluded : undefined,
    [words.weather.title]: frame.weather === null ? undefined : sayWeather(frame.weather),
  };
}

function Measures({ of }: { of: FrameView['measures'] }) {
  const all = Object.entries(of);
  if (all.length === 0) return null;
  return (
    <details className="small">
      <summary>{words.frames.measures}</summary>
      <ul className="measures">
        {all.map(([name, value]) => (
          <li key={name}>
            <code>{name}</code> {sayNumber(Math.round(value * 1000) / 1000)}
          </li>
        ))}
      </ul>
    </details>
  );
}
