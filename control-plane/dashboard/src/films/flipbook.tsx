/**
 * The pictures of a film that is not made yet, as it would show them: in its shape, at its speed, evened out. What is drawn
 * over them is asked of the server's renderer whenever the leafing stops.
 */
import type { FilmFit, FilmStrip, TimelapseOverlayView, VideoInput } from '@slowlight/protocol';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { sayMoment, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { useOverlayPicture } from '../pieces/overlay-picture.ts';
import { placeQueries } from '../server/place-queries.ts';
import { thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';
import { useSettledInput } from './use-settled-input.ts';

interface Props {
  input: VideoInput | null;
  fit: FilmFit;
  fps: number;
  zone: string;
  /** null: nothing is drawn over the pictures. */
  overlay: TimelapseOverlayView | null;
}
/** Neighbours that are leafed through at once. */
const PICTURES = 48;
const STEPS = 200;

export function Flipbook({ input, fit, fps, zone, overlay }: Props) {
  const settled = useSettledInput(input);
  const [at, setAt] = useState(0.5);
  const part = Math.round(at * STEPS) / STEPS;
  const strip = useQuery({
    ...placeQueries.strip({ ...(settled ?? NONE), at: part, count: PICTURES }),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  }).data;
  const { index, leafed, playing, setPlaying, stay } = useLeafing(strip, { fps, at: part });
  const frame = strip?.frames[index];
  const drawn = useOverlayPicture(
    overlay === null || playing || frame === undefined ? null : { of: overlay, frameId: frame.id, timeZone: zone },
  );
  if (strip === undefined || frame === undefined)
    return <div className={strip === undefined ? 'flipbook-box skeleton' : 'flipbook-box flipbook-empty'} />;
  const shape: CSSProperties = {
    aspectRatio: `${strip.widthPx ?? 16} / ${strip.heightPx ?? 9}`,
  };
  const src = drawn ?? thumbnailOf(frame.id, 'large');
  return (
    <div className="flipbook">
      <div className={`flipbook-box fit-${fit}`} style={shape}>
        {fit === 'blurred' && <img className="flipbook-around" src={thumbnailOf(frame.id, 'small')} alt="" />}
        <img
          className="flipbook-picture"
          src={src}
          alt={words.film.pictureAlt(sayMoment(frame.at, zone, 'date-time'))}
          style={frame.gain === 1 ? undefined : { filter: `brightness(${frame.gain})` }}
        />
      </div>
      <div className="flipbook-bar">
        <Button
          icon={playing ? 'pause' : 'play'}
          aria-label={playing ? words.film.stopLeafing : words.film.leaf}
          onClick={() => setPlaying(!playing)}
        />
        <input
          className="range"
          type="range"
          aria-label={words.film.where}
          min="0"
          max="1"
          step={1 / STEPS}
          value={leafed ? (frame.number - 1) / Math.max(1, strip.of - 1) : at}
          onChange={(event) => {
            setAt(Number(event.target.value));
            stay();
          }}
        />
      </div>
      <p className="muted small flipbook-words">
        <span>{words.film.number(sayNumber(frame.number), sayNumber(strip.of))}</span>
        <span>{sayMoment(frame.at, zone, 'date-time')}</span>
        {strip.widthPx !== null && strip.heightPx !== null && <span>{`${strip.widthPx} × ${strip.heightPx}`}</span>}
        {frame.gain !== 1 && <span>{words.film.gain(Math.round((frame.gain - 1) * 100))}</span>}
      </p>
    </div>
  );
}

const NONE = { timelapseId: '' } as unknown as VideoInput;

/**
 * Which picture is shown: that of the place that was chosen, and while it plays one after the other at the film's speed.
 * Pictures are loaded before they are shown.
 */
function useLeafing(strip: FilmStrip | undefined, { fps, at }: { fps: number; at: number }) {
  const [playing, setPlaying] = useState(false);
  /** null: the picture of the place that was chosen. */
  const [index, setIndex] = useState<number | null>(null);
  const loaded = useRef(new Set<string>());
  const count = strip?.frames.length ?? 0;
  useEffect(() => {
    for (const { id } of strip?.frames ?? []) {
      if (loaded.current.has(id)) continue;
      loaded.current.add(id);
      new Image().src = thumbnailOf(id, 'large');
    }
  }, [strip]);
  useEffect(() => {
    if (!playing || count < 2) return undefined;
    let first: number | null = null;
    let request = requestAnimationFrame(function draw(now) {
      first ??= now;
      setIndex(Math.floor(((now - first) / 1000) * fps) % count);
      request = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(request);
  }, [playing, count, fps]);
  // The neighbours are cut out so that they lie about their place as it lies in the film.
  const shown = index ?? Math.round(at * (count - 1));
  return {
    index: Math.max(0, Math.min(shown, count - 1)),
    leafed: index !== null,
    playing,
    setPlaying,
    stay: () => setIndex(null),
  };
}
