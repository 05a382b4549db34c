/** The form of server-sent events (WHATWG HTML, 9.2). Pure. */
import type { FeedEntry, FeedEventType } from '@slowlight/protocol';

/** How long a browser waits before it connects again, ms. */
export const RECONNECT_MS = 2000;

/** One event: the position is its id, the type its name, `{position, at, event}` its data. */
export function entryText(entry: FeedEntry): string {
  return `id: ${entry.position}\nevent: ${entry.event.type}\ndata: ${JSON.stringify(entry)}\n\n`;
}

/** Said first: how soon to come back, and the position to ask for then. No event; it only sets the last event id. */
export const greetingText = (position: number): string => `retry: ${RECONNECT_MS}\nid: ${position}\n\n`;

/** Keeps the connection alive, and the position up to date for a viewer who asked for few topics. */
export const heartbeatText = (position: number): string => `: heartbeat\nid: ${position}\n\n`;

/** What was asked for cannot be replayed: load everything anew; the feed goes on from `position`. */
export const resetText = (position: number): string =>
  `id: ${position}\nevent: reset\ndata: ${JSON.stringify({ position })}\n\n`;

/**
 * Where a viewer starts.
 * @param asked the position after which the viewer wants to hear; null: from now on
 */
export function startOf(
  asked: number | null,
  kept: { first: number; last: number },
): { after: number; reset: boolean } {
  if (asked === null) return { after: kept.last, reset: false };
  // Entries up to `first - 1` are gone: whoever has heard all of them has missed nothing.
  const gone = kept.first > 0 && asked < kept.first - 1;
  return gone || asked > kept.last ? { after: kept.last, reset: true } : { after: asked, reset: false };
}

/** Reads `?topics=frame,video`: each is a type or the first word of types. Empty: everything. */
export function readTopics(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
}

export function isOfTopics(type: FeedEventType, topics: readonly string[]): boolean {
  return topics.length === 0 || topics.some((topic) => type === topic || type.startsWith(`${topic}.`));
}

/** Joins texts to pieces that are no longer than `most` characters; a text that is longer stands alone. */
export function* piecesOf(texts: readonly string[], most: number): Generator<string, void> {
  let piece = '';
  for (const text of texts) {
    if (piece !== '' && piece.length + text.length > most) {
      yield piece;
      piece = '';
    }
    piece += text;
  }
  if (piece !== '') yield piece;
}
