/**
 * Gives a video element its film: as a stream where the browser or a library can play one, so that a long film starts at
 * once and can be jumped about in; else the file. The library is loaded only when a film is opened.
 */
import type { VideoView } from '@slowlight/protocol';
import { type RefObject, useEffect, useState } from 'react';
import { streamOf } from '../server/place-queries.ts';
import { filmOf } from '../server/queries.ts';

const PLAYLIST = 'application/vnd.apple.mpegurl';

/** Whether the film cannot be played here at all. */
export function useStream(box: RefObject<HTMLVideoElement | null>, video: VideoView): boolean {
  const [broken, setBroken] = useState<string | null>(null);
  const { id, finishedAt } = video;
  const key = `${id} ${finishedAt}`;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let wanted = true;
    let close: (() => void) | null = null;
    const asFile = () => {
      if (!wanted) return;
      close?.();
      close = null;
      element.src = `${filmOf(id)}?at=${finishedAt ?? 0}`;
    };
    const failed = () => {
      if (element.src.includes(filmOf(id))) setBroken(key);
      else asFile();
    };
    element.addEventListener('error', failed);
    if (element.canPlayType(PLAYLIST) !== '') element.src = streamOf(id);
    else
      import('hls.js/light').then(({ default: Hls }) => {
        if (!wanted) return;
        if (!Hls.isSupported()) {
          asFile();
          return;
        }
        // Its worker would be a script from a blob, which the CSP forbids.
        const player = new Hls({ enableWorker: false, maxBufferLength: 60 });
        player.on(Hls.Events.ERROR, (_event, { fatal }) => {
          if (fatal) asFile();
        });
        player.loadSource(streamOf(id));
        player.attachMedia(element);
        close = () => player.destroy();
      }, asFile);
    return () => {
      wanted = false;
      element.removeEventListener('error', failed);
      close?.();
      element.removeAttribute('src');
      element.load();
    };
  }, [box, id, finishedAt, key]);
  return broken === key;
}
