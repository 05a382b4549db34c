/** Plays a film: by days, at any speed, picture by picture; all of it by keys too. */
import type { FilmChapters, VideoView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { sayDay, sayLength, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { SelectField } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { placeActions } from '../server/place-actions.ts';
import { placeKeys, placeQueries, posterOf } from '../server/place-queries.ts';
import { keys } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { Chapters } from './chapters.tsx';
import { usePlayerKeys } from './player-keys.ts';
import { useStream } from './use-stream.ts';

const SPEEDS = ['0.25', '0.5', '1', '1.5', '2', '4'] as const;
const LEAST_FPS = 1;
const MOST_FPS = 120;

export function Player({ video }: { video: VideoView }) {
  const box = useRef<HTMLVideoElement>(null);
  const broken = useStream(box, video);
  const [rate, setRate] = useState<(typeof SPEEDS)[number]>('1');
  const [at, setAt] = useState(0);
  const chapters = useQuery(placeQueries.chapters(video)).data?.chapters ?? [];
  useEffect(() => {
    if (box.current !== null) box.current.playbackRate = Number(rate);
  }, [rate]);
  const here = chapterAt(chapters, at);
  const jump = (seconds: number) => {
    if (box.current !== null) box.current.currentTime = Math.max(0, seconds);
  };
  const toChapter = (index: number) => {
    const chapter = chapters[Math.min(chapters.length - 1, Math.max(0, index))];
    // A little behind its beginning, so that rounding does not show the picture before it.
    if (chapter !== undefined) jump(chapter.startMs / 1000 + 0.001);
  };
  const faster = (by: 1 | -1) => setRate((before) => SPEEDS[SPEEDS.indexOf(before) + by] ?? before);
  usePlayerKeys(box, { fps: video.fps, onFaster: faster, onChapter: (by) => toChapter(here + by) });
  if (broken) return <p className="film-reason">{words.film.cannotPlay(video.codec.toUpperCase())}</p>;
  return (
    <div className="player">
      <video
        ref={box}
        className="film"
        poster={posterOf(video)}
        controls
        autoPlay
        loop
        muted
        playsInline
        width={video.widthPx ?? undefined}
        height={video.heightPx ?? undefined}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => {
          event.currentTarget.playbackRate = Number(rate);
        }}
      />
      {chapters.length > 1 && (
        <Chapters chapters={chapters} here={here} durationMs={video.durationMs ?? 0} onPick={toChapter} />
      )}
      <div className="player-bar">
        <SelectField
          label={words.film.rate}
          value={rate}
          options={SPEEDS.map((speed) => [speed, words.film.times(sayNumber(Number(speed)))] as const)}
          onPick={setRate}
        />
        <Retime video={video} rate={Number(rate)} onKept={() => setRate('1')} />
        <p className="muted small player-keys">{words.film.playerKeys}</p>
      </div>
      {here >= 0 && chapters.length > 1 && (
        <p className="unseen" aria-live="polite">
          {sayDay(chapters[here]?.date ?? '', true)}
        </p>
      )}
    </div>
  );
}

/** Makes the speed that is tried the film's own. Nothing is encoded anew. */
function Retime({ video, rate, onKept }: { video: VideoView; rate: number; onKept: () => void }) {
  const may = useMay('operate');
  const keep = useAction({
    run: placeActions.changeVideo,
    stale: [keys.videosOf(video.timelapseId), placeKeys.video(video.id)],
    done: words.film.retimed,
    onDone: onKept,
  });
  if (!may || rate === 1 || video.state !== 'ready') return null;
  const fps = Math.min(MOST_FPS, Math.max(LEAST_FPS, Math.round(video.fps * rate * 1000) / 1000));
  const titleMs = (video.title?.seconds ?? 0) * 1000;
  const length = sayLength(titleMs + (((video.durationMs ?? 0) - titleMs) * video.fps) / fps);
  return (
    <Button
      busy={keep.busy}
      title={video.crossFade > 0 ? undefined : words.film.retimeHelp}
      onClick={() => keep.run({ id: video.id, change: { fps } })}
    >
      {words.film.retime(sayNumber(fps), length)}
    </Button>
  );
}

/** The chapter that plays, -1 before the first. */
function chapterAt(chapters: FilmChapters['chapters'], seconds: number): number {
  return chapters.findLastIndex(({ startMs }) => startMs <= seconds * 1000 + 1);
}
