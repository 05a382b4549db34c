/** The films of a timelapse: made, being made, and those that did not work. */
import type { TimelapseView, VideoId, VideoView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { FilmRow } from './film-row.tsx';
import { MakeFilmDialog } from './make-film-dialog.tsx';
import { Player } from './player.tsx';

export function Films({ timelapse }: { timelapse: TimelapseView }) {
  const videos = useQuery(queries.videosOf(timelapse.id));
  const { film, make: making } = useSearch({ from: '/timelapses/$timelapseId' });
  const navigate = useNavigate({ from: '/timelapses/$timelapseId' });
  const mayMake = useMay('operate');
  const play = (id: VideoId | null) =>
    void navigate({ search: id === null ? {} : { film: id }, replace: id === null, resetScroll: false });
  const playing = videos.data?.find(({ id, playable }) => id === film && playable);
  const make = mayMake && (
    <Button
      kind="strong"
      icon="film"
      onClick={() => void navigate({ search: { make: true }, resetScroll: false })}
      disabled={timelapse.frames < 2}
      title={timelapse.frames < 2 ? words.video.tooFew : undefined}
    >
      {words.video.make}
    </Button>
  );
  return (
    <section>
      <div className="section-head">
        <h2>{words.video.title}</h2>
        <div className="actions">{videos.data !== undefined && videos.data.length > 0 && make}</div>
      </div>
      <Loaded query={videos} waiting={<div className="skeleton film-bone" />}>
        {(list) =>
          list.length === 0 ? (
            <div className="panel">
              <Blank
                icon="film"
                title={words.video.none}
                text={timelapse.frames < 2 ? words.video.tooFew : words.video.noneText}
              >
                {make}
              </Blank>
            </div>
          ) : (
            <ul className="films">
              {newestFirst(list).map((video) => (
                <FilmRow
                  key={video.id}
                  video={video}
                  zone={timelapse.schedule.timeZone}
                  onPlay={() => play(video.id)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Dialog title={playing?.name ?? ''} width="film" open={playing !== undefined} onOpenChange={() => play(null)}>
        {playing !== undefined && <Player key={playing.id} video={playing} />}
      </Dialog>
      <MakeFilmDialog open={making === true} onClose={() => play(null)} timelapse={timelapse} />
    </section>
  );
}

const newestFirst = (videos: readonly VideoView[]) => videos.toSorted((a, b) => b.createdAt - a.createdAt);
