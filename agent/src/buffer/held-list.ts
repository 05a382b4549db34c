/**
 * The list of what is on the card, to be compared with the records: for each stretch of announcements, the frames of it that
 * are still here, and so by their absence those that are not.
 */
import type { AgentEventContent, FrameId } from '@slowlight/protocol';
import type { Sqlite } from './open-database.ts';
import type { Outbox } from './outbox.ts';

type Held = Extract<AgentEventContent, { type: 'frames.held' }>['body']['frames'][number];

/** Small enough for one message. */
const FRAMES_AN_EVENT = 400;

export function createHeldList(db: Sqlite, outbox: Outbox) {
  const rows = db.prepare<[], Held & { seq: number }>(
    'SELECT frame_id AS frameId, sha256, state, seq FROM frames ORDER BY seq',
  );
  const note = db.prepare<[number]>(
    'INSERT INTO reconciled (id, at) VALUES (1, ?) ON CONFLICT DO UPDATE SET at = excluded.at',
  );
  const noted = db.prepare<[], { at: number }>('SELECT at FROM reconciled');
  const unrecord = db.prepare<[string], { seq: number }>(
    `UPDATE frames SET recorded = 0 WHERE frame_id = ? AND state <> 'leaving' RETURNING seq`,
  );

  return {
    /** Only inside a transaction. Says the whole list; gives how many frames it holds. One that still waits is enough. */
    say(at: number): number {
      const held = rows.all();
      const upTo = outbox.lastSeq();
      note.run(at);
      if (upTo === 0 || outbox.holds('frames.held')) return held.length;
      let firstSeq = 1;
      for (let from = 0; from === 0 || from < held.length; from += FRAMES_AN_EVENT) {
        const some = held.slice(from, from + FRAMES_AN_EVENT);
        const isLast = from + FRAMES_AN_EVENT >= held.length;
        const lastSeq = isLast ? upTo : (some.at(-1)?.seq ?? upTo);
        const frames = some.map(({ frameId, sha256, state }) => ({ frameId, sha256, state }));
        outbox.append({ type: 'frames.held', body: { at, firstSeq, lastSeq, frames } });
        firstSeq = lastSeq + 1;
      }
      return held.length;
    },
    /** When it was last said, or begun to be counted from; null: never. */
    saidAt: () => noted.get()?.at ?? null,
    note: (at: number) => note.run(at),
    /** The records do not have this frame: it is announced anew. Gives the number of the announcement; null: it is gone. */
    announceAnew(frame: FrameId): number | null {
      const seq = unrecord.get(frame)?.seq;
      if (seq === undefined) return null;
      outbox.sayAgain(seq);
      return seq;
    },
  };
}
export type HeldList = ReturnType<typeof createHeldList>;
