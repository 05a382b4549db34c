import type { FeedEvent } from '@slowlight/protocol';
import type { FeedRecords } from '../ports.ts';
import type { Database } from './database.ts';
import { lastPosition, type Watch } from './watch.ts';

/** The ordered stream of what happened; only `database.ts` appends to it. */
export function createFeedRecords({ db, onAppended }: Database, watch: Watch): FeedRecords {
  return {
    async feedAfter(position, limit) {
      const rows = await db
        .selectFrom('feed')
        .selectAll()
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        position: row.position,
        at: row.at,
        event: JSON.parse(row.event) as FeedEvent,
      }));
    },

    lastPosition: () => lastPosition(db),

    async firstPosition() {
      const row = await db.selectFrom('feed').select('position').orderBy('position').limit(1).executeTakeFirst();
      return row?.position ?? 0;
    },

    onAppended: (listener) => watch.during(onAppended(listener)),
  };
}
