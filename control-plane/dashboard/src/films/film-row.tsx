import type { VideoView } from '@slowlight/protocol';
import { useState } from 'react';
import { sayBytes, sayLength, sayNumber, saySpan } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Icon } from '../parts/icon.tsx';
import { Moment } from '../parts/moment.tsx';
import { Progress } from '../parts/progress.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { ShareDialog } from '../pieces/share-dialog.tsx';
import { actions, useAction } from '../server/actions.ts';
import { manifestOf, posterOf } from '../server/place-queries.ts';
import { filmOf, keys } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AskForAnimation, FilmAnimation } from './animation.tsx';

const TONES: Record<VideoView['state'], Tone> = {
  queued: 'calm',
  rendering: 'accent',
  ready: 'good',
  failed: 'bad',
  cancelled: 'calm',
};

export function FilmRow({ video, zone, onPlay }: { video: VideoView; zone: string; onPlay: () => void }) {
  const { state } = video;
  return (
    <li className="panel film-row">
      {video.playable ? (
        <button type="button" className="film-still" onClick={onPlay} aria-label={`${words.video.play}: ${video.name}`}>
          <img src={posterOf(video)} alt="" loading="lazy" decoding="async" />
          <Icon name="play" />
        </button>
      ) : (
        <div className="film-still film-blank">
          <Icon name="film" />
        </div>
      )}
      <div className="film-words">
        <div className="row">
          <h3>{video.name}</h3>
          {video.grows && <span className="chip">{words.film.growing}</span>}
          {state !== 'ready' && <StateDot tone={TONES[state]}>{words.video.states[state]}</StateDot>}
        </div>
        <p className="muted small">{sayFilm(video)}</p>
        <p className="muted small">
          <Moment at={video.finishedAt ?? video.createdAt} zone={zone} />
        </p>
        {state === 'rendering' && <Rendering video={video} />}
        {video.reason !== null && <p className="film-reason">{video.reason}</p>}
        {video.speedReason !== null && <p className="muted small">{video.speedReason}</p>}
        {video.encoderReason !== null && (
          <p className="muted small">{words.film.softwareInstead(video.encoderReason)}</p>
        )}
        {video.framesLeftOut > 0 && <p className="small warn-text">{words.video.leftOut(video.framesLeftOut)}</p>}
        <FilmAnimation video={video} />
        <FilmActions video={video} onPlay={onPlay} />
      </div>
    </li>
  );
}

function sayFilm({ durationMs, fps, widthPx, heightPx, sizeBytes, framesTotal, encoder }: VideoView): string {
  const parts = [
    durationMs === null ? null : sayLength(durationMs),
    words.video.frames(framesTotal),
    words.video.rate(sayNumber(fps)),
    widthPx === null || heightPx === null ? null : `${widthPx} × ${heightPx}`,
    sizeBytes === null ? null : sayBytes(sizeBytes),
    encoder === null || encoder === 'software' ? null : words.film.encoders[encoder],
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function Rendering({ video: { framesDone, framesTotal, timeLeftMs } }: { video: VideoView }) {
  return (
    <div className="film-progress">
      <Progress part={framesTotal > 0 ? framesDone / framesTotal : null} label={words.video.states.rendering} />
      <p className="muted small">
        {words.video.progress(sayNumber(framesDone), sayNumber(framesTotal))}
        {timeLeftMs !== null && ` · ${words.video.left(saySpan(timeLeftMs + 999))}`}
      </p>
    </div>
  );
}

function FilmActions({ video, onPlay }: { video: VideoView; onPlay: () => void }) {
  const [asked, setAsked] = useState(false);
  const [sharing, setSharing] = useState(false);
  const mayMake = useMay('operate');
  const stale = [keys.videosOf(video.timelapseId)];
  const cancel = useAction({ run: actions.cancelVideo, stale, done: words.video.cancelled });
  const remove = useAction({ run: actions.deleteVideo, stale, done: words.video.removed });
  const going = video.state === 'queued' || video.state === 'rendering';
  return (
    <div className="actions film-actions">
      {video.playable && (
        <>
          <Button icon="play" onClick={onPlay}>
            {words.video.play}
          </Button>
          <a className="button" href={`${filmOf(video.id)}?download=1`} download>
            <Icon name="download" />
            {words.video.download}
          </a>
          <a className="button button-quiet" href={manifestOf(video.id)} download>
            {words.film.manifest}
          </a>
        </>
      )}
      <AskForAnimation video={video} />
      {mayMake && video.playable && (
        <Button kind="quiet" onClick={() => setSharing(true)}>
          {words.share.open}
        </Button>
      )}
      <ShareDialog shown={{ videoId: video.id }} name={video.name} open={sharing} onClose={() => setSharing(false)} />
      {mayMake && going && (
        <Button icon="close" busy={cancel.busy} onClick={() => cancel.run(video.id)}>
          {words.video.cancel}
        </Button>
      )}
      {mayMake && !going && (
        <Button
          kind="quiet"
          icon="trash"
          aria-label={`${words.video.remove}: ${video.name}`}
          busy={remove.busy}
          onClick={() => setAsked(true)}
        />
      )}
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={words.video.removeTitle}
        action={words.video.remove}
        danger
        onConfirm={() => remove.run(video.id)}
      >
        <p>{words.video.removeText}</p>
      </Confirm>
    </div>
  );
}
