/** A film's animated preview: asked for, being made, and its files. */
import type { VideoView } from '@slowlight/protocol';
import { sayBytes } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { useAction } from '../server/actions.ts';
import { placeActions } from '../server/place-actions.ts';
import { animationOf, placeKeys } from '../server/place-queries.ts';
import { keys } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

const text = words.film.animation;
const TYPES = { gif: 'GIF', webp: 'WebP' } as const;

export function FilmAnimation({ video }: { video: VideoView }) {
  const { animation } = video;
  if (!video.playable || animation === null) return null;
  return (
    <>
      {animation.state === 'wanted' && <p className="muted small">{text.making}</p>}
      {animation.reason !== null && <p className="film-reason">{animation.reason}</p>}
      <p className="small row">
        {(['gif', 'webp'] as const).map((type) => {
          const bytes = animation[`${type}Bytes`];
          return (
            bytes !== null && (
              <a key={type} href={`${animationOf(video.id, type)}?download=1`} download>
                {text.file(TYPES[type], sayBytes(bytes))}
              </a>
            )
          );
        })}
      </p>
    </>
  );
}

/** Asks for one where there is none yet, or where it did not work. */
export function AskForAnimation({ video }: { video: VideoView }) {
  const may = useMay('operate');
  const ask = useAction({
    run: placeActions.animateVideo,
    stale: [keys.videosOf(video.timelapseId), placeKeys.video(video.id)],
    done: text.asked,
  });
  if (!may || !video.playable || (video.animation !== null && video.animation.state !== 'failed')) return null;
  return (
    <Button kind="quiet" busy={ask.busy} title={text.help} onClick={() => ask.run(video.id)}>
      {text.ask}
    </Button>
  );
}
