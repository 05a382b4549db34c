/**
 * The outbox: what this agent has to say. Every number comes from one counter row, in the transaction that also writes the
 * event, so that numbers have no gaps and are never used twice. A row goes only when it is recorded, and the rows of a frame
 * only when the frame has gone too.
 */
import type { AgentEventContent, AgentEventType, BootId, FrameId, Receipt } from '@slowlight/protocol';
import type { Sqlite } from './open-database.ts';

/** An event as it is sent; `body` is JSON text, kept byte for byte as it was first written. */
export interface OutboxEvent {
  seq: number;
  type: AgentEventType;
  body: string;
}
type RefusedEvent = Extract<Receipt['body']['refused'][number], { what: 'event' }>;

export function createOutbox(db: Sqlite) {
  const next = db.prepare<[], { seq: number }>('UPDATE counter SET seq = seq + 1 WHERE id = 1 RETURNING seq');
  const last = db.prepare<[], { seq: number }>('SELECT seq FROM counter');
  const raise = db.prepare<[number, number]>('UPDATE counter SET seq = ? WHERE id = 1 AND seq < ?');
  const insert = db.prepare<[number, string, string, string | null]>(
    'INSERT INTO outbox (seq, type, body, frame_id) VALUES (?, ?, ?, ?)',
  );
  const unrecorded = db.prepare<[number, number, number], OutboxEvent>(
    `SELECT seq, type, body FROM outbox WHERE recorded = 0 AND refused_code IS NULL AND seq > ? AND seq <= ?
     ORDER BY seq LIMIT ?`,
  );
  const one = db.prepare<[number], OutboxEvent>('SELECT seq, type, body FROM outbox WHERE seq = ?');
  const holds = db.prepare<[string], { found: number }>(
    'SELECT EXISTS (SELECT 1 FROM outbox WHERE type = ? AND recorded = 0 AND refused_code IS NULL) AS found',
  );
  const untrusted = db.prepare<[string], { found: number }>(
    `SELECT EXISTS (SELECT 1 FROM outbox WHERE recorded = 0 AND frame_id IS NOT NULL
       AND body ->> '$.frame.bootId' = ? AND body ->> '$.frame.clock' = 'untrusted') AS found`,
  );
  // Two statements each instead of an OR, which would read the whole of a long backlog.
  const open = 'recorded = 0 AND refused_code IS NULL';
  const which = ['seq <= ?', 'seq IN (SELECT value FROM json_each(?))'] as const;
  const drop = which.map((these) =>
    db.prepare<[number | string]>(`DELETE FROM outbox WHERE ${open} AND frame_id IS NULL AND ${these}`),
  );
  const keep = which.map((these) =>
    db.prepare<[number | string]>(`UPDATE outbox SET recorded = 1 WHERE ${open} AND ${these}`),
  );
  const refuse = db.prepare<[string, string, number]>(
    'UPDATE outbox SET refused_code = ?, refused_reason = ? WHERE seq = ? AND refused_code IS NULL',
  );
  const release = db.prepare<[string]>('DELETE FROM outbox WHERE frame_id = ? AND recorded = 1');
  const orphan = db.prepare<[string]>('UPDATE outbox SET frame_id = NULL WHERE frame_id = ?');
  const again = db.prepare<[number]>('UPDATE outbox SET recorded = 0 WHERE seq = ? AND refused_code IS NULL');

  return {
    /** Only inside a transaction. The body may be made from the number that it gets. */
    append(make: AgentEventContent | ((seq: number) => AgentEventContent), frame: FrameId | null = null): number {
      const seq = next.get()?.seq;
      if (seq === undefined) throw new Error('the counter row is missing');
      const event = typeof make === 'function' ? make(seq) : make;
      insert.run(seq, event.type, JSON.stringify(event.body), frame);
      return seq;
    },
    lastSeq: () => last.get()?.seq ?? 0,
    /** Never lower than what the control plane has already recorded under this agent's name. */
    raiseCounter: (to: number) => raise.run(to, to).changes === 1,
    unrecorded: (after: number, upTo: number, limit: number) => unrecorded.all(after, upTo, limit),
    event: (seq: number) => one.get(seq) ?? null,
    /** Whether a frame of that boot whose time could not be trusted is still to be recorded. */
    holdsUntrusted: (boot: BootId) => untrusted.get(boot)?.found === 1,
    holds: (type: AgentEventType) => holds.get(type)?.found === 1,
    recorded(upTo: number, also: readonly number[]): void {
      for (const [index, value] of [upTo, JSON.stringify(also)].entries()) {
        drop[index]?.run(value);
        keep[index]?.run(value);
      }
    },
    /** Also what counted as recorded: under this number the control plane then knows something else, from another card. */
    refused: (event: RefusedEvent) => refuse.run(event.code, event.reason, event.seq).changes === 1,
    /** To be said, and receipted, once more. */
    sayAgain: (seq: number) => again.run(seq).changes === 1,
    /** The frame has gone: its recorded events go with it, the others as soon as they are recorded. */
    releaseFrame(frame: FrameId): void {
      release.run(frame);
      orphan.run(frame);
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
