/**
 * Follows the server's feed and applies what it says. Promise: what is on the page follows the server without a reload, also
 * over the server's restarts. Whenever a gap is possible, everything on the page is asked for again.
 */
import type { FeedEventType } from '@slowlight/protocol';
import { notifyManager, type QueryClient } from '@tanstack/react-query';
import { catchUp } from './catch-up.ts';
import { serverNow } from './clock.ts';
import { createDirty } from './dirty.ts';
import { createFeedEffects } from './feed-effects.ts';
import { createBatches } from './in-batches.ts';
import { openLine } from './line.ts';
import { keys } from './queries.ts';
import type { StreamMessage } from './stream.ts';

/** What comes within so long of what was drawn last is drawn together with it. */
const PAUSE_MS = 50;

export type FeedState = { kind: 'connecting' } | { kind: 'open' } | { kind: 'broken'; since: number };

export interface Feed {
  state(): FeedState;
  subscribe(listener: () => void): () => void;
  /** Follows the feed until the answer is called. */
  follow(): () => void;
}

/** @param line how the page hears the server */
export function createFeed(client: QueryClient, line: typeof openLine = openLine): Feed {
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
    const everything = () => void client.invalidateQueries();
    const entries = createBatches<string>((batch) => {
      notifyManager.batch(() => {
        for (const text of batch) {
          const entry = read(text);
          // The stream gives the types of the effects, so type and body belong together.
          if (entry !== null) (effects[entry.type] as (body: unknown) => void)(entry.body);
        }
      });
    }, PAUSE_MS);
    const hear = (message: StreamMessage) => {
      if (message.kind === 'entry') return entries.add(message.data);
      entries.flush();
      switch (message.kind) {
        case 'reset':
          return everything();
        case 'open':
          if (state.kind === 'broken') everything();
          else caughtUp ??= catchUp(client);
          return become({ kind: 'open' });
        case 'broken':
          become({ kind: 'broken', since: serverNow() });
          // The stream cannot tell a lost login from a lost server: the session query can.
          if (message.refused) void client.invalidateQueries({ queryKey: keys.session });
      }
    };
    let caughtUp: (() => void) | null = null;
    const leave = line({ types: Object.keys(effects), after: null, hear });
    return () => {
      leave();
      caughtUp?.();
      entries.close();
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
