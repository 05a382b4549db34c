/**
 * Promise: a picture counts from the moment it is proven to be in the store, once.
 * Invariants: at-edge → claimed → stored, or evicted; each step is one statement guarded by the state that it leaves; the
 * counters of timelapse, camera and house move in the transaction of the step to `stored`, and in no other.
 */
import type { FeedEvent, FrameId } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { FramePicture } from '../frame.ts';
import type { IngestRecords, ThumbnailRecords } from '../ports.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { settleEvicted } from './record-frames.ts';
import type { FramesTable } from './schema.ts';

type Pictures = Pick<IngestRecords, 'awaitingUpload' | 'forgettable' | 'claimed' | 'pictureStored' | 'pictureRefused'> &
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
          .where('picture', '=', 'at-edge')
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
      }
      return found;
    },

    async claimed(limit) {
      const rows = await db
        .selectFrom('frames')
        .select(PICTURE_COLUMNS)
        .where('picture', '=', sql.lit('claimed'))
        .orderBy('claimed_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(pictureOf);
    },

    pictureStored: (id) =>
      change(async (within) => {
        const row = await within.tx
          .updateTable('frames')
          .set({ picture: 'stored', stored_at: within.now })
          .where('id', '=', id)
          .where('picture', '!=', 'stored')
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return false;
        if (row.evicted_reason !== null) await settleEvicted(within.tx, [id]);
        await count(within, row);
        within.plan('thumbnail', id);
        within.tell(storedEvent(row));
        return true;
      }),

    pictureRefused: (id, code, reason) =>
      change(async ({ tx, tell, fault }) => {
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
        if (row.evicted_reason !== null) await settleEvicted(tx, [id]);
        fault({ agentId: row.agent_id, code, reason: `${reason} (${id})`, excerpt: null, key: null });
        tell({ type: 'upload.refused', body: { frameId: id, cameraId: row.camera_id, code, reason } });
      }),

    thumbnailReady: (id) => change((within) => settleThumbnail(within, id, null)),
    thumbnailFailed: (id, reason) => change((within) => settleThumbnail(within, id, reason)),
  };
}

async function count({ tx }: Change, row: Selectable<FramesTable>): Promise<void> {
  const { at, size_bytes: bytes, flagged } = row;
  if (row.timelapse_id !== null)
    await tx
      .updateTable('timelapses')
      .set((eb) => ({
        frames: eb('frames', '+', 1),
        flagged: eb('flagged', '+', flagged),
        bytes: eb('bytes', '+', bytes),
        first_frame_at: sql<number>`case when first_frame_at <= ${at} then first_frame_at else ${at} end`,
        last_frame_at: sql<number>`case when last_frame_at >= ${at} then last_frame_at else ${at} end`,
      }))
      .where('id', '=', row.timelapse_id)
      .execute();
  await tx
    .updateTable('cameras')
    .set({ newest_frame_id: row.id, newest_at: at })
    .where('id', '=', row.camera_id)
    .where((eb) =>
      eb.or([
        eb('newest_at', 'is', null),
        eb('newest_at', '<', at),
        eb.and([eb('newest_at', '=', at), eb('newest_frame_id', '<', row.id)]),
      ]),
    )
    .execute();
  await tx
    .updateTable('totals')
    .set((eb) => ({ frames: eb('frames', '+', 1), bytes: eb('bytes', '+', bytes) }))
    .execute();
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

/**
 * A thumbnail that is ready stays ready, whatever a late attempt says.
 * @param failed why there is none; null: there is one
 */
export async function settleThumbnail({ tx, tell }: Change, id: FrameId, failed: string | null): Promise<void> {
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
