/** How many bytes were put on the line, by day of the site's calendar; kept for two months, so that a month can be summed. */
import type { Sqlite } from './open-database.ts';

export interface SentBytes {
  /** Such as `2026-06-01`. */
  day: string;
  newBytes: number;
  backlogBytes: number;
}

const MOST_DAYS = 62;

export function createUsageRows(db: Sqlite) {
  const add = db.prepare<[string, number, number]>(
    `INSERT INTO usage (day, new_bytes, backlog_bytes) VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET
     new_bytes = new_bytes + excluded.new_bytes, backlog_bytes = backlog_bytes + excluded.backlog_bytes`,
  );
  const drop = db.prepare<[number]>(
    'DELETE FROM usage WHERE day NOT IN (SELECT day FROM usage ORDER BY day DESC LIMIT ?)',
  );
  const all = db.prepare<[], SentBytes>(
    'SELECT day, new_bytes AS newBytes, backlog_bytes AS backlogBytes FROM usage ORDER BY day',
  );
  return {
    /** Only inside a transaction. */
    add({ day, newBytes, backlogBytes }: SentBytes): void {
      if (newBytes + backlogBytes === 0) return;
      add.run(day, newBytes, backlogBytes);
      drop.run(MOST_DAYS);
    },
    all: () => all.all(),
  };
}
