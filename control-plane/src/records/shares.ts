import { newShareId, type ShareId, type ShareView } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { ShareRecords } from '../ports-people.ts';
import type { Database } from './database.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { SharesTable } from './schema-people.ts';
import { timelapsesOfSites } from './site-of.ts';

type Row = Selectable<SharesTable>;

const view = (row: Row): ShareView => ({
  id: row.id,
  name: row.name,
  shows:
    row.video_id === null
      ? { kind: 'timelapse', timelapseId: row.timelapse_id }
      : { kind: 'video', videoId: row.video_id, timelapseId: row.timelapse_id },
  delayMs: row.delay_ms,
  pictures: row.pictures === 1,
  embeddedBy: row.embedded_by === null ? null : (JSON.parse(row.embedded_by) as string[]),
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  views: row.views,
  lastViewedAt: row.last_viewed_at,
});

/** Links for strangers, known by the hashes of their secrets alone. */
export function createShares({ db, clock, change }: Database): ShareRecords {
  return {
    async shares({ after, limit, timelapseId, videoId, sites }) {
      const key = readPageKey(after);
      let query = db.selectFrom('shares').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (timelapseId !== undefined) query = query.where('timelapse_id', '=', timelapseId);
      if (videoId !== undefined) query = query.where('video_id', '=', videoId);
      if (sites !== undefined) query = query.where('timelapse_id', 'in', timelapsesOfSites(db, sites));
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(key.at, key.id as ShareId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view });
    },

    async share(id) {
      const row = await db.selectFrom('shares').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : view(row);
    },

    createShare: ({ name, timelapseId, videoId, delayMs, pictures, embeddedBy, expiresAt, secretHash, createdBy }) =>
      change(async ({ tx, now }) => {
        const shown =
          videoId === undefined
            ? await tx
                .selectFrom('timelapses')
                .select('id as timelapse_id')
                .where('id', '=', timelapseId ?? ('' as never))
                .executeTakeFirst()
            : await tx.selectFrom('videos').select('timelapse_id').where('id', '=', videoId).executeTakeFirst();
        if (shown === undefined)
          throw videoId === undefined ? notFound('timelapse', timelapseId ?? '') : notFound('video', videoId);
        const row = await tx
          .insertInto('shares')
          .values({
            id: newShareId(),
            secret_hash: secretHash,
            name,
            timelapse_id: shown.timelapse_id,
            video_id: videoId ?? null,
            delay_ms: delayMs,
            pictures: pictures ? 1 : 0,
            embedded_by: embeddedBy === null ? null : JSON.stringify(embeddedBy),
            created_at: now,
            created_by: createdBy,
            expires_at: expiresAt,
            views: 0,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return view(row);
      }),

    changeShare: (id, { name, delayMs, pictures, embeddedBy, expiresAt }) =>
      change(async ({ tx }) => {
        const before = await tx.selectFrom('shares').selectAll().where('id', '=', id).executeTakeFirst();
        if (before === undefined) return null;
        const row = await tx
          .updateTable('shares')
          .set({
            name: name ?? before.name,
            delay_ms: delayMs ?? before.delay_ms,
            pictures: (pictures ?? before.pictures === 1) ? 1 : 0,
            ...(embeddedBy !== undefined && { embedded_by: embeddedBy === null ? null : JSON.stringify(embeddedBy) }),
            ...(expiresAt !== undefined && { expires_at: expiresAt }),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return view(row);
      }),

    revokeShare: (id) =>
      change(async ({ tx, now }) => {
        const row = await tx
          .updateTable('shares')
          .set({ revoked_at: sql<number>`coalesce(revoked_at, ${now})` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? null : view(row);
      }),

    async shareBySecret(secretHash) {
      const row = await db
        .selectFrom('shares')
        .selectAll()
        .where('secret_hash', '=', secretHash)
        .where('revoked_at', 'is', null)
        .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', clock.now())]))
        .executeTakeFirst();
      return row === undefined ? null : view(row);
    },

    async shareViewed(id) {
      await db
        .updateTable('shares')
        .set((eb) => ({ views: eb('views', '+', 1), last_viewed_at: clock.now() }))
        .where('id', '=', id)
        .execute();
    },

    async filmNewestAt(id) {
      const row = await db
        .selectFrom('video_frames')
        .innerJoin('frames', 'frames.id', 'video_frames.frame_id')
        .select(({ fn }) => fn.max<number | null>('frames.at').as('at'))
        .where('video_frames.video_id', '=', id)
        .executeTakeFirst();
      return row?.at ?? null;
    },
  };
}
