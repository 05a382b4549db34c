import { get, type IncomingMessage } from 'node:http';
import type { FeedEntry } from '@slowlight/protocol';
import { onTestFinished } from 'vitest';

export interface SseViewer {
  entries: FeedEntry[];
  resets: unknown[];
  comments: string[];
  lastEventId(): string;
  ended(): boolean;
  /** Breaks the connection off, as a closed laptop does. */
  kill(): void;
}

/** Somebody who looks at the feed, as a browser would; resolves when the server has greeted. Goes with the test. */
export async function openViewer(
  address: string,
  { cookie, lastEventId, query = '' }: { cookie: string; lastEventId?: string; query?: string },
): Promise<SseViewer> {
  const headers = { cookie, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  const viewer = { entries: [] as FeedEntry[], resets: [] as unknown[], comments: [] as string[] };
  let id = '';
  let ended = false;
  let killed = false;
  const greeted = Promise.withResolvers<void>();
  const asked = get(`${address}/api/feed${query}`, { headers }, (response: IncomingMessage) => {
    if (response.statusCode !== 200) greeted.reject(new Error(`the feed answered ${response.statusCode}`));
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      if (killed) return;
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        read(text.slice(0, end));
        text = text.slice(end + 2);
        greeted.resolve();
      }
    });
    const over = () => {
      ended = true;
    };
    response.on('end', over).on('error', over).on('close', over);
  });
  asked.on('error', (cause) => greeted.reject(cause));
  onTestFinished(() => {
    asked.destroy();
  });

  function read(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      if (colon === 0) viewer.comments.push(line.slice(1).trim());
      else fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    id = fields.get('id') ?? id;
    const data = fields.get('data');
    if (data === undefined) return;
    if (fields.get('event') === 'reset') viewer.resets.push(JSON.parse(data));
    else viewer.entries.push(JSON.parse(data) as FeedEntry);
  }

  await greeted.promise;
  return {
    ...viewer,
    lastEventId: () => id,
    ended: () => ended,
    kill() {
      killed = true;
      asked.destroy();
    },
  };
}
