/**
 * Promise: a picture counts from the moment it is proven to be in the store, once.
 * Invariants: at-edge → claimed → stored, or evicted; each step is one statement guarded by the state that it leaves; the
 * counters of timelapse, camera and house move in the transaction of the step to `stored`, and in no other.
 */
import type { FeedEvent, FrameId } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { FramePicture } from '../frame.ts';
import type { IngestRecords, ThumbnailRecords, ThumbnailResult } from '../ports.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import { countPictures } from './count-pictures.ts';
import type { Change, Database } from './database.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { settleEvicted } from './record-frames.ts';
import type { FramesTable } from './schema.ts';
import { planSidecars } from './sidecars.ts';

type Pictures = Pick<
  IngestRecords,
  'awaitingUpload' | 'forgettable' | 'claimed' | 'pictureStored' | 'picturesStored' | 'pictureRefused'
> &
  ThumbnailRecords;

export function createPictures({ db, change }: Database): Pictures {
  return {
    async awaitingUpload(frames) {
      const found: FramePicture[] = [];
      for (const ids of chunked(frames, MOST_IDS)) {
        const rows = await db
          .selectFrom('frames')
          .select(PICTURE_COLUMNS)
          .where('id', 'in', ids)
          .where('picture', 'in', ['at-edge', 'missing'])
          .execute();
        found.push(...rows.map(pictureOf));
      }
      return found;
    },

    async forgettable(frames) {
      const found: FrameId[] = [];
      for (const ids of chunked(frames, MOST_IDS)) {
        const rows = await db
          .selectFrom('frames')
          .select('id')
          .where('id', 'in', ids)
          .where('picture', 'in', ['stored', 'evicted'])
          .execute();
        found.push(...rows.map((row) => row.id));
        const gone = await db.selectFrom('removed_frames').select('frame_id').where('frame_id', 'in', ids).execute();
        found.push(...gone.map((row) => row.frame_id));
      }
      return found;
    },

    async claimed(limit, except = []) {
      let query = db.selectFrom('frames').select(PICTURE_COLUMNS).where('picture', '=', sql.lit('claimed'));
      if (except.length > 0) query = query.where('id', 'not in', except.slice(0, MOST_IDS));
      const rows = await query.orderBy('claimed_at').orderBy('id').limit(limit).execute();
      return rows.map(pictureOf);
    },

    pictureStored: (id) => change(async (within) => (await storePictures(within, [id])) > 0),
    picturesStored: (ids) =>
      change(async (within) => {
        for (const some of chunked(ids, MOST_IDS)) await storePictures(within, some);
      }),

    pictureRefused: (id, code, reason) =>
      change(async (within) => {
        const { tx, tell, fault } = within;
        const row = await tx
          .updateTable('frames')
          .set({
            claimed_at: null,
            picture: sql`case when evicted_reason is null then 'at-edge' else 'evicted' end`,
          })
          .where('id', '=', id)
          .where('picture', '=', 'claimed')
          .returning(['agent_id', 'camera_id', 'evicted_reason'])
          .executeTakeFirst();
        if (row === undefined) return;
        if (row.evicted_reason !== null) await settleEvicted(within, [id]);
        fault({ agentId: row.agent_id, code, reason: `${reason} (${id})`, excerpt: null, key: null });
        tell({ type: 'upload.refused', body: { frameId: id, cameraId: row.camera_id, code, reason } });
      }),

    thumbnailsDrawn: (results) =>
      change(async (within) => {
        for (const result of results) await settleThumbnail(within, result);
      }),
  };
}

/** A picture that was taken longer ago than this comes from a backlog: its thumbnail can wait, ms. */
const OF_A_BACKLOG_MS = 15_000;

/** Gives how many were not stored before. They are told in the order in which they were given. */
async function storePictures(within: Change, ids: readonly FrameId[]): Promise<number> {
  const updated = await within.tx
    .updateTable('frames')
    .set({ picture: 'stored', stored_at: within.now })
    .where('id', 'in', ids)
    .where('picture', '!=', 'stored')
    .returningAll()
    .execute();
  const byId = new Map(updated.map((row) => [row.id, row]));
  const rows = [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
  const evicted = rows.filter((row) => row.evicted_reason !== null).map((row) => row.id);
  if (evicted.length > 0) await settleEvicted(within, evicted);
  await countPictures(within, rows);
  for (const row of rows) within.plan('thumbnail', row.id, { canWait: within.now - row.taken_at > OF_A_BACKLOG_MS });
  await planSidecars(within, rows);
  for (const row of rows) within.tell(storedEvent(row));
  return rows.length;
}

function storedEvent(row: Selectable<FramesTable>): FeedEvent {
  const body = {
    frameId: row.id,
    cameraId: row.camera_id,
    timelapseId: row.timelapse_id,
    at: row.at,
    score: row.score,
    faults: JSON.parse(row.faults) as string[],
  };
  return row.flagged === 1 ? { type: 'frame.flagged', body } : { type: 'frame.captured', body };
}

/** A thumbnail that is ready stays ready, whatever a late attempt says. */
export async function settleThumbnail({ tx, tell }: Change, { frameId: id, failed }: ThumbnailResult): Promise<void> {
  const row = await tx
    .updateTable('frames')
    .set({ thumbnail: failed === null ? 'ready' : 'failed', thumbnail_reason: failed })
    .where('id', '=', id)
    .where('thumbnail', 'in', failed === null ? ['pending', 'failed'] : ['pending'])
    .returning('camera_id')
    .executeTakeFirst();
  if (row === undefined) return;
  const { camera_id: cameraId } = row;
  if (failed === null) tell({ type: 'thumbnail.ready', body: { frameId: id, cameraId } });
  else tell({ type: 'thumbnail.failed', body: { frameId: id, cameraId, reason: failed } });
}
