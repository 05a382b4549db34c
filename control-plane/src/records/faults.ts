import { withoutCredentials } from '@slowlight/protocol/kit';
import type { FrameRecords, IngestRecords } from '../ports.ts';
import type { Database } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import { agentsOfSites } from './site-of.ts';

const MOST_EXCERPT = 500;

/** What was refused and why, newest first. */
export function createFaults({
  db,
  change,
}: Database): Pick<IngestRecords, 'keepFault'> & Pick<FrameRecords, 'faults'> {
  return {
    keepFault: ({ agentId, code, reason, excerpt }) =>
      change(async ({ fault }) =>
        fault({
          agentId,
          code,
          reason: withoutCredentials(reason),
          excerpt: excerpt === null ? null : withoutCredentials(excerpt).slice(0, MOST_EXCERPT),
          key: null,
        }),
      ),

    async faults({ after, limit, sites }) {
      const key = readPageKey(after);
      let query = db.selectFrom('faults').selectAll().orderBy('id', 'desc');
      if (sites !== undefined) query = query.where('agent_id', 'in', agentsOfSites(db, sites));
      if (key !== null) query = query.where('id', '<', key.at);
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, {
        limit,
        keyOf: (row) => ({ at: row.id, id: 'fault' }),
        view: (row) => ({
          id: row.id,
          at: row.at,
          agentId: row.agent_id,
          code: row.code,
          reason: row.reason,
          excerpt: row.excerpt,
        }),
      });
    },
  };
}
