/**
 * Keeps one stream of the server's feed for the whole page and applies what it says. Promise: what is on the page follows the
 * server without a reload, also over the server's restarts. The browser repeats a broken stream itself; when it gives up
 * (the server answered with an error) this file does, with back-off, from the last position. Whenever a gap is possible,
 * everything on the page is asked for again.
 */
import type { FeedEventType } from '@slowlight/protocol';
import type { QueryClient } from '@tanstack/react-query';
import { backOffMs, later, serverNow } from './clock.ts';
import { createDirty } from './dirty.ts';
import { createFeedEffects } from './feed-effects.ts';
import { keys } from './queries.ts';
import { withQuery } from './request.ts';

export type FeedState = { kind: 'connecting' } | { kind: 'open' } | { kind: 'broken'; since: number };

export interface Feed {
  state(): FeedState;
  subscribe(listener: () => void): () => void;
  /** Follows the feed until the answer is called. */
  follow(): () => void;
}

export function createFeed(client: QueryClient): Feed {
  const listeners = new Set<() => void>();
  let state: FeedState = { kind: 'connecting' };
  const become = (next: FeedState) => {
    if (next.kind === state.kind) return;
    state = next;
    for (const listener of listeners) listener();
  };

  const follow = () => {
    const dirty = createDirty(client);
    const effects = createFeedEffects(client, dirty);
    let source: EventSource | null = null;
    let callOff: (() => void) | null = null;
    let lastPosition: string | null = null;
    let attempt = 0;

    const heard = (event: MessageEvent<string>) => {
      if (event.lastEventId !== '') lastPosition = event.lastEventId;
      const entry = read(event.data);
      if (entry === null) return;
      // The listener was added under the event's own type, so type and body belong together.
      (effects[entry.type] as (body: unknown) => void)(entry.body);
    };
    const everything = () => void client.invalidateQueries();

    const open = () => {
      const stream = new EventSource(withQuery('/api/feed', { after: lastPosition }));
      source = stream;
      for (const type of Object.keys(effects)) stream.addEventListener(type, heard);
      stream.addEventListener('reset', (event) => {
        lastPosition = event.lastEventId === '' ? null : event.lastEventId;
        everything();
      });
      stream.addEventListener('open', () => {
        attempt = 0;
        if (state.kind === 'broken') everything();
        become({ kind: 'open' });
      });
      stream.addEventListener('error', () => {
        become({ kind: 'broken', since: serverNow() });
        if (stream.readyState !== EventSource.CLOSED) return;
        stream.close();
        // The stream cannot tell a lost login from a lost server: the session query can.
        void client.invalidateQueries({ queryKey: keys.session });
        callOff = later(backOffMs(attempt), open);
        attempt += 1;
      });
    };
    open();

    return () => {
      callOff?.();
      source?.close();
      dirty.close();
      become({ kind: 'connecting' });
    };
  };

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow,
  };
}

function read(text: string): { type: FeedEventType; body: unknown } | null {
  try {
    const entry = JSON.parse(text) as { event?: { type: FeedEventType; body: unknown } };
    return entry.event ?? null;
  } catch {
    return null;
  }
}
