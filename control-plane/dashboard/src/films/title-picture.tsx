/** The title of a film that is being composed, as the server draws it. */
import type { VideoInput } from '@slowlight/protocol';
import { useEffect, useState } from 'react';
import { drawTitle } from '../server/place-actions.ts';
import { words } from '../words.ts';
import { useSettledInput } from './use-settled-input.ts';

export function TitlePicture({ input }: { input: VideoInput | null }) {
  const settled = useSettledInput(input?.title ? input : null);
  const key = settled === null ? null : JSON.stringify(settled);
  const [src, setSrc] = useState<string | null>(null);
  useEffect(() => {
    if (key === null) return undefined;
    const stopped = new AbortController();
    drawTitle(JSON.parse(key) as VideoInput, stopped.signal).then(
      (picture) => setSrc(URL.createObjectURL(picture)),
      // The film's own preview says what is wrong with it.
      () => {},
    );
    return () => stopped.abort();
  }, [key]);
  useEffect(() => () => URL.revokeObjectURL(src ?? ''), [src]);
  if (!input?.title || src === null) return null;
  return <img className="title-picture" src={src} alt={words.film.title.alt} />;
}
