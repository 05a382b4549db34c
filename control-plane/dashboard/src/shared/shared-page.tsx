/** What a link shows to strangers: a page of its own, or only the player for other people's pages. No login, no menu. */
import type { SharedFrame, SharedView } from '@slowlight/protocol';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { useTitle } from '../parts/title.ts';
import { peopleQueries } from '../server/people.ts';
import { mayPass } from '../server/request.ts';
import { words } from '../words.ts';
import './shared.css';

const client = new QueryClient({
  defaultOptions: { queries: { networkMode: 'always', retry: (count, error) => count < 5 && mayPass(error) } },
});
const FIRST_FRAMES = 24;
const MOST_FRAMES = 200;

export function SharedPage({ token, bare }: { token: string; bare: boolean }) {
  return (
    <QueryClientProvider client={client}>
      {bare ? <Player token={token} /> : <Page token={token} />}
    </QueryClientProvider>
  );
}

/** Only the film, or the newest picture where there is no film yet. */
function Player({ token }: { token: string }) {
  const { data, isError } = useQuery(peopleQueries.shared(token));
  useTitle(data?.name);
  if (isError) return <p className="shared-note">{words.shared.gone}</p>;
  if (data === undefined) return <div aria-busy="true" />;
  return (
    <main className="shared-player">
      <Film token={token} view={data} />
    </main>
  );
}

function Page({ token }: { token: string }) {
  const { data, isError } = useQuery(peopleQueries.shared(token));
  useTitle(data?.name);
  if (isError)
    return (
      <main className="shared">
        <h1>{words.shared.gone}</h1>
        <p>{words.shared.goneHint}</p>
      </main>
    );
  if (data === undefined) return <main className="shared" aria-busy="true" />;
  return (
    <main className="shared">
      <h1>{data.name}</h1>
      <Film token={token} view={data} />
      {data.delayMs > 0 && <p className="muted small">{words.shared.delayed}</p>}
      {data.pictures && <Pictures token={token} view={data} />}
    </main>
  );
}

function Film({ token, view }: { token: string; view: SharedView }) {
  const [chosen, setChosen] = useState(0);
  const film = view.videos[chosen] ?? view.videos[0];
  if (film !== undefined)
    return (
      <figure>
        {/* biome-ignore lint/a11y/useMediaCaption: a film of pictures has no sound and nothing is said in it */}
        <video
          key={film.id}
          controls
          playsInline
          preload="metadata"
          poster={`/api/share/${token}/videos/${film.id}/poster`}
          src={`/api/share/${token}/videos/${film.id}/file`}
          aria-label={film.name}
        />
        {film.animated && (
          <figcaption className="muted small">
            <a href={`/api/share/${token}/videos/${film.id}/animation/webp?download=1`} download>
              {words.shared.animation}
            </a>
          </figcaption>
        )}
        {view.videos.length > 1 && (
          <nav aria-label={words.shared.films}>
            {view.videos.map((one, index) => (
              <Button key={one.id} kind={one.id === film.id ? 'strong' : 'quiet'} onClick={() => setChosen(index)}>
                {one.name}
              </Button>
            ))}
          </nav>
        )}
      </figure>
    );
  if (view.newest !== null) return <Picture token={token} view={view} frame={view.newest} size="large" />;
  return <p className="shared-note">{words.shared.nothing}</p>;
}

function Pictures({ token, view }: { token: string; view: SharedView }) {
  const [limit, setLimit] = useState(FIRST_FRAMES);
  const { data } = useQuery(peopleQueries.sharedFrames(token, limit));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section>
      <h2>{words.shared.pictures}</h2>
      <div className="shared-pictures">
        {data.items.map((frame) => (
          <a key={frame.id} href={`/api/share/${token}/frames/${frame.id}/picture`}>
            <Picture token={token} view={view} frame={frame} size="small" />
          </a>
        ))}
      </div>
      {data.next !== null && limit < MOST_FRAMES && (
        <Button onClick={() => setLimit(MOST_FRAMES)}>{words.shared.older}</Button>
      )}
    </section>
  );
}

interface PictureProps {
  token: string;
  view: SharedView;
  frame: SharedFrame;
  size: 'small' | 'large';
}
function Picture({ token, view, frame, size }: PictureProps) {
  const at = new Intl.DateTimeFormat(words.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: view.timeZone,
  }).format(frame.at);
  return (
    <figure>
      <img
        src={`/api/share/${token}/frames/${frame.id}/thumbnail?size=${size}`}
        alt={`${view.name}, ${at}`}
        width={frame.widthPx}
        height={frame.heightPx}
        loading={size === 'small' ? 'lazy' : 'eager'}
      />
      <figcaption className="muted small">{at}</figcaption>
    </figure>
  );
}
