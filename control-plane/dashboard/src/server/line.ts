/** How a page hears the feed: over the stream that all tabs share, or its own where a browser knows no shared workers. */
import type { FromPage } from './shared-stream.worker.ts';
import { openStream, type StreamMessage, type StreamOptions } from './stream.ts';

/** Follows until the answer is called. */
export function openLine(options: StreamOptions): () => void {
  if (typeof SharedWorker === 'undefined') return openStream(options);
  const worker = new SharedWorker(new URL('./shared-stream.worker.ts', import.meta.url), {
    type: 'module',
    name: 'slowlight-feed',
  });
  const say = (message: FromPage) => worker.port.postMessage(message);
  worker.port.addEventListener('message', ({ data }: MessageEvent<StreamMessage>) => options.hear(data));
  // A worker that cannot be loaded (the server is away, or an old browser does not know modules in it) is done without.
  let own: (() => void) | null = null;
  worker.addEventListener('error', () => {
    own ??= openStream(options);
  });
  worker.port.start();
  const follow = () => say({ kind: 'follow', types: options.types, after: options.after });
  const leave = () => say({ kind: 'leave' });
  follow();
  // A page that is put away and taken out again (the back button) has left meanwhile.
  const shown = (event: PageTransitionEvent) => {
    if (event.persisted) follow();
  };
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', shown);
  return () => {
    window.removeEventListener('pagehide', leave);
    window.removeEventListener('pageshow', shown);
    leave();
    own?.();
    worker.port.close();
  };
}
