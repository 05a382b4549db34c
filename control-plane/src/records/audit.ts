import type { AuditEntry } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { AuditRecords } from '../ports-people.ts';
import type { Database } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { AuditTable } from './schema-people.ts';

/** The text of a value may be so long; a longer one is cut and says so. */
const LONGEST_VALUE = 16_000;

const read = (json: string | null): unknown => (json === null ? null : (JSON.parse(json) as unknown));

export function writeValue(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const json = JSON.stringify(value);
  return json.length <= LONGEST_VALUE ? json : JSON.stringify({ cut: json.slice(0, LONGEST_VALUE) });
}

const view = (row: Selectable<AuditTable>): AuditEntry => ({
  id: row.id,
  at: row.at,
  actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
  address: row.address,
  action: row.action,
  subject: row.subject,
  siteId: row.site_id,
  result: row.result,
  code: row.code,
  before: read(row.before),
  after: read(row.after),
});

/**
 * Who changed what. Promise: an entry is committed before the change that it tells of is begun, so that a change without an
 * entry cannot be; one whose end was never heard says so (`begun`).
 */
export function createAudit({ db, change }: Database): AuditRecords {
  return {
    auditBegin: ({ actor, address, action, subject, siteId }) =>
      change(async ({ tx, now }) => {
        const { id } = await tx
          .insertInto('audit')
          .values({
            at: now,
            actor_kind: actor.kind,
            actor_id: actor.id,
            actor_name: actor.name,
            address,
            action,
            subject,
            site_id: siteId,
            result: 'begun',
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        return id;
      }),

    async auditEnd(id, { result, code, before, after, subject }) {
      await db
        .updateTable('audit')
        .set({
          result,
          code,
          before: writeValue(before),
          after: writeValue(after),
          ...(subject !== undefined && { subject: sql<string | null>`coalesce(subject, ${subject})` }),
        })
        .where('id', '=', id)
        .where('result', '=', 'begun')
        .execute();
    },

    async auditEntries({ from, to, actor, actorKind, action, subject, siteId, after, limit }) {
      const key = readPageKey(after);
      let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc');
      if (from !== undefined) query = query.where('at', '>=', from);
      if (to !== undefined) query = query.where('at', '<', to);
      if (actorKind !== undefined) query = query.where('actor_kind', '=', actorKind);
      if (actor !== undefined) query = query.where('actor_id', '=', actor);
      if (action !== undefined)
        query = query.where(sql<boolean>`substr(action, 1, ${sql.lit(action.length)}) = ${action}`);
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (siteId !== undefined) query = query.where('site_id', '=', siteId);
      if (key !== null) query = query.where('id', '<', key.at);
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.id, id: 'entry' }), view });
    },

    async forgetAudit(before) {
      const { numDeletedRows } = await db.deleteFrom('audit').where('at', '<', before).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
