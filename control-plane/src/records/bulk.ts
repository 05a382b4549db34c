/**
 * Promise: work on many frames goes through them once, in portions, and goes on where a dead worker stopped.
 * Invariants: running → done | cancelled | failed; how far it is moves with what was done, in one commit; frames that come
 * while it runs may or may not be among them, because what is new is made by jobs of its own.
 * When it fails: a portion is done again; making a picture again changes nothing.
 */
import { type BulkId, type BulkView, type CameraId, type FrameId, newBulkId } from '@slowlight/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { BulkRecords } from '../ports-automation.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Tables } from './schema.ts';
import type { BulkJobsTable } from './schema-automation.ts';

type Row = Selectable<BulkJobsTable>;
interface Behind {
  camera: CameraId | null;
  at: number;
  id: FrameId;
}

const view = (row: Row): BulkView => ({
  id: row.id,
  what: row.what,
  which: row.which,
  timelapseId: row.timelapse_id,
  siteId: row.site_id,
  state: row.state,
  total: row.total,
  lookedAt: row.looked_at,
  made: row.made,
  failed: row.failed,
  reason: row.reason,
  createdAt: row.created_at,
  endedAt: row.ended_at,
});

export function createBulk({ db, change }: Database): BulkRecords {
  const find = (on: Kysely<Tables>, id: BulkId) =>
    on.selectFrom('bulk_jobs').selectAll().where('id', '=', id).executeTakeFirst();

  return {
    createBulk: (input) =>
      change(async ({ tx, now, plan }) => {
        const scope = { timelapse_id: input.timelapseId ?? null, site_id: input.siteId ?? null };
        await mustBeThere(tx, scope);
        const row = await tx
          .insertInto('bulk_jobs')
          .values({
            id: newBulkId(),
            what: input.what,
            which: input.which,
            ...scope,
            state: 'running',
            total: await countFrames(tx, scope),
            created_at: now,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        plan('bulk', row.id);
        return view(row);
      }),

    async bulks({ timelapseId, after, limit }) {
      const key = readPageKey(after);
      let query = db.selectFrom('bulk_jobs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (timelapseId !== undefined) query = query.where('timelapse_id', '=', timelapseId);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(key.at, key.id as BulkId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view });
    },

    async bulk(id) {
      const row = await find(db, id);
      return row === undefined ? null : view(row);
    },

    cancelBulk: (id) =>
      change(async (within) => {
        if (!(await endBulk(within, id, 'cancelled', null))) return false;
        await within.tx
          .updateTable('jobs')
          .set({ state: 'cancelled', lease_until: null })
          .where('kind', '=', 'bulk')
          .where('subject', '=', id)
          .where('state', 'in', ['waiting', 'running'])
          .execute();
        return true;
      }),

    async bulkPortion(id, limit) {
      const row = await find(db, id);
      if (row === undefined || row.state !== 'running') return null;
      const { what, which } = row;
      const frames = await framesBehind(db, row, limit);
      const last = frames.at(-1);
      const behind: Behind | null =
        last === undefined ? null : { camera: row.site_id === null ? null : last.camera_id, at: last.at, id: last.id };
      return {
        what,
        which,
        frames: frames.map((frame) => ({
          ...pictureOf(frame),
          thumbnail: frame.thumbnail,
          sidecar: frame.wanted === null ? null : frame.drawn === frame.wanted && frame.sidecar === 'ready',
        })),
        behind: behind === null ? (row.behind ?? 'null') : JSON.stringify(behind),
      };
    },

    bulkProgressed: (id, { behind, lookedAt, made, failed, redraw }) =>
      change(async ({ tx, tell }) => {
        const row = await tx
          .updateTable('bulk_jobs')
          .set((eb) => ({
            behind,
            looked_at: eb('looked_at', '+', lookedAt),
            made: eb('made', '+', made),
            failed: eb('failed', '+', failed),
          }))
          .where('id', '=', id)
          .where('state', '=', 'running')
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return false;
        for (const some of chunked(redraw, MOST_IDS))
          await tx.updateTable('frame_overlays').set({ revision: 0 }).where('frame_id', 'in', some).execute();
        tell(progress(row));
        return true;
      }),

    bulkDone: (id) =>
      change(async (within) => {
        const { tx, now, plan } = within;
        const row = await find(tx, id);
        if (row === undefined || !(await endBulk(within, id, 'done', null)) || row.what !== 'overlays') return;
        const timelapses = await tx
          .selectFrom('timelapse_overlays')
          .innerJoin('timelapses', 'timelapses.id', 'timelapse_overlays.timelapse_id')
          .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
          .innerJoin('agents', 'agents.id', 'cameras.agent_id')
          .select('timelapses.id')
          .where('sidecars', '=', 1)
          .where((eb) =>
            row.timelapse_id === null
              ? eb('agents.site_id', '=', row.site_id)
              : eb('timelapses.id', '=', row.timelapse_id),
          )
          .execute();
        for (const { id: timelapse } of timelapses) plan('overlay-remake', `${timelapse}.late${now}`);
      }),
  };
}

const progress = (row: Row) => ({
  type: 'bulk.progressed' as const,
  body: { bulkId: row.id, state: row.state, lookedAt: row.looked_at, total: row.total },
});

/** False when it had ended. */
export async function endBulk(
  { tx, now, tell }: Change,
  id: BulkId,
  state: 'done' | 'cancelled' | 'failed',
  reason: string | null,
): Promise<boolean> {
  const row = await tx
    .updateTable('bulk_jobs')
    .set({ state, reason, ended_at: now })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) tell(progress(row));
  return row !== undefined;
}

/** Somebody asks for another try; it goes on where it was. False when it had not failed. */
export async function reviveBulk({ tx }: Change, id: BulkId): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('bulk_jobs')
    .set({ state: 'running', reason: null, ended_at: null })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

type Scope = Pick<Row, 'timelapse_id' | 'site_id'>;

async function mustBeThere(on: Kysely<Tables>, { timelapse_id: timelapse, site_id: site }: Scope): Promise<void> {
  const found =
    timelapse === null
      ? await on.selectFrom('sites').select('id').where('id', '=', site).executeTakeFirst()
      : await on.selectFrom('timelapses').select('id').where('id', '=', timelapse).executeTakeFirst();
  if (found === undefined) throw timelapse === null ? notFound('site', site ?? '') : notFound('timelapse', timelapse);
}

const camerasOf = (on: Kysely<Tables>, site: Scope['site_id']) =>
  on
    .selectFrom('cameras')
    .innerJoin('agents', 'agents.id', 'cameras.agent_id')
    .select('cameras.id')
    .where('agents.site_id', '=', site)
    .orderBy('cameras.id');

async function countFrames(on: Kysely<Tables>, { timelapse_id: timelapse, site_id: site }: Scope): Promise<number> {
  const stored = on
    .selectFrom('frames')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('picture', '=', sql.lit('stored'));
  const { count } = await (timelapse === null
    ? stored.where('camera_id', 'in', camerasOf(on, site))
    : stored.where('timelapse_id', '=', timelapse)
  ).executeTakeFirstOrThrow();
  return Number(count);
}

/** A site is gone through camera by camera, so that an index gives each portion in its order. */
async function framesBehind(on: Kysely<Tables>, row: Row, limit: number) {
  const behind = row.behind === null ? null : (JSON.parse(row.behind) as Behind | null);
  if (row.timelapse_id !== null) return portion(on, { timelapse: row.timelapse_id }, behind, limit);
  for (const { id } of await camerasOf(on, row.site_id).execute()) {
    if (behind?.camera != null && id < behind.camera) continue;
    const frames = await portion(on, { camera: id }, behind?.camera === id ? behind : null, limit);
    if (frames.length > 0) return frames;
  }
  return [];
}

async function portion(
  on: Kysely<Tables>,
  of: { timelapse: NonNullable<Row['timelapse_id']> } | { camera: CameraId },
  behind: Behind | null,
  limit: number,
) {
  let query = on
    .selectFrom('frames')
    .leftJoin('timelapse_overlays as overlay', (join) =>
      join.onRef('overlay.timelapse_id', '=', 'frames.timelapse_id').on('overlay.sidecars', '=', 1),
    )
    .leftJoin('frame_overlays as drawn', 'drawn.frame_id', 'frames.id')
    .select([
      ...PICTURE_COLUMNS,
      'frames.at',
      'frames.thumbnail',
      'overlay.revision as wanted',
      'drawn.revision as drawn',
      'drawn.state as sidecar',
    ])
    .where('frames.picture', '=', 'stored')
    .orderBy('frames.at')
    .orderBy('frames.id')
    .limit(limit);
  query =
    'camera' in of
      ? query.where('frames.camera_id', '=', of.camera)
      : query.where('frames.timelapse_id', '=', of.timelapse);
  if (behind !== null)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('frames.at', 'frames.id'), '>', tuple(behind.at, behind.id)),
    );
  return query.execute();
}
