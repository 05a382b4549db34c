/**
 * The one stream of all tabs: a browser allows six connections to a server that speaks HTTP/1.1, and a tab each would leave
 * none for pictures. It lives as long as a tab does; a tab that comes later hears from then on.
 */
import { openStream, type StreamMessage } from './stream.ts';

export type FromPage = { kind: 'follow'; types: readonly string[]; after: string | null } | { kind: 'leave' };

const pages = new Set<MessagePort>();
let close: (() => void) | null = null;
/** What a page is told that comes later. */
let state: StreamMessage | null = null;

function hear(message: StreamMessage): void {
  if (message.kind === 'open' || message.kind === 'broken') state = message;
  for (const page of pages) page.postMessage(message);
}

globalThis.addEventListener('connect', (event) => {
  const [page] = (event as MessageEvent).ports;
  if (page === undefined) return;
  page.addEventListener('message', ({ data }: MessageEvent<FromPage>) => {
    if (data.kind === 'leave') {
      pages.delete(page);
      if (pages.size > 0) return;
      close?.();
      close = null;
      state = null;
      return;
    }
    pages.add(page);
    if (close === null) close = openStream({ types: data.types, after: data.after, hear });
    else if (state !== null) page.postMessage(state);
  });
  page.start();
});
