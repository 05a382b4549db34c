/**
 * One connection to the server's feed. The browser repeats a broken one itself; when it gives up (the server answered with
 * an error) this file does, with back-off, from the last position. Used by a page, or by the worker that all tabs share: it
 * imports nothing that needs a document.
 */
import { backOffMs, later } from './timer.ts';

export type StreamMessage =
  | { kind: 'open' }
  /** `refused`: the server answered, with an error: perhaps the login is gone. */
  | { kind: 'broken'; refused: boolean }
  /** What was asked for is older than what the server keeps: everything may have changed. */
  | { kind: 'reset'; position: string | null }
  | { kind: 'entry'; position: string | null; data: string };

export interface StreamOptions {
  /** Entries of these types. */
  types: readonly string[];
  /** Where to go on; null: from now. */
  after: string | null;
  hear: (message: StreamMessage) => void;
}

/** Follows the feed until the answer is called. */
export function openStream({ types, after, hear }: StreamOptions): () => void {
  let position = after;
  let attempt = 0;
  let source: EventSource | null = null;
  let callOff: (() => void) | null = null;

  const open = () => {
    const stream = new EventSource(position === null ? '/api/feed' : `/api/feed?after=${encodeURIComponent(position)}`);
    source = stream;
    const heard = (event: MessageEvent<string>) => {
      if (event.lastEventId !== '') position = event.lastEventId;
      hear({ kind: 'entry', position, data: event.data });
    };
    for (const type of types) stream.addEventListener(type, heard);
    stream.addEventListener('reset', (event) => {
      position = event.lastEventId === '' ? null : event.lastEventId;
      hear({ kind: 'reset', position });
    });
    stream.addEventListener('open', () => {
      attempt = 0;
      hear({ kind: 'open' });
    });
    stream.addEventListener('error', () => {
      const refused = stream.readyState === EventSource.CLOSED;
      hear({ kind: 'broken', refused });
      if (!refused) return;
      stream.close();
      callOff = later(backOffMs(attempt), open);
      attempt += 1;
    });
  };
  open();
  return () => {
    callOff?.();
    source?.close();
  };
}
