/**
 * What goes by age. A frame that goes leaves a line in `removed_frames`: first as the mark that it shall, then as the
 * knowledge that it was here, so that an agent that speaks of it once more is told to forget it.
 */
import { type FrameId, type RetentionSettings, retentionSettings, type Schedule } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { RetentionRecords } from '../ports-ledger.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import { uncountPictures } from './count-pictures.ts';
import type { Change, Database } from './database.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { insertRows } from './insert-rows.ts';

const PORTION = 5000;
/** Of the feed, however old. */
const FEED_KEPT = 10_000;
/** No frame has it: an empty list is no list to an engine. */
const NONE = '' as FrameId;

export function createRetention({ db, change }: Database): RetentionRecords {
  /** Rows of a growing table from its oldest on, up to the first that is young enough. */
  async function pruneGrowing(table: 'feed' | 'faults', before: number): Promise<number> {
    const key = table === 'feed' ? 'position' : 'id';
    const rows = await sql<{ key: number; at: number }>`
      select ${sql.ref(key)} as key, at from ${sql.table(table)} order by ${sql.ref(key)} limit ${sql.lit(PORTION)}`.execute(
      db,
    );
    const newest = await sql<{ key: number | null }>`
      select max(${sql.ref(key)}) as key from ${sql.table(table)}`.execute(db);
    const most = (newest.rows[0]?.key ?? 0) - (table === 'feed' ? FEED_KEPT : 0);
    const young = rows.rows.find((row) => row.at >= before || row.key > most);
    const upTo = young === undefined ? rows.rows.at(-1)?.key : young.key - 1;
    if (upTo === undefined || upTo < (rows.rows[0]?.key ?? Number.POSITIVE_INFINITY)) return 0;
    return change(async ({ tx }) => {
      const done = await sql`delete from ${sql.table(table)} where ${sql.ref(key)} <= ${upTo}`.execute(tx);
      return Number(done.numAffectedRows ?? 0);
    });
  }

  async function pruneJobs(before: number): Promise<number> {
    const old = await db
      .selectFrom('jobs')
      .select('id')
      .where('state', 'in', ['done', 'cancelled'])
      .where('created_at', '<', before)
      .limit(PORTION)
      .execute();
    const ids = old.map((row) => row.id);
    if (ids.length > 0)
      await change(async ({ tx }) => {
        await tx.deleteFrom('jobs').where('id', 'in', ids).where('state', 'in', ['done', 'cancelled']).execute();
      });
    return ids.length;
  }

  /** Thumbnails of completed timelapses, by the slot of their frames. */
  const oldThumbnails = (before: number) =>
    db
      .selectFrom('frames')
      .innerJoin('timelapses', 'timelapses.id', 'frames.timelapse_id')
      .where('timelapses.state', '=', 'completed')
      .where('frames.at', '<', before)
      .where('frames.thumbnail', '=', 'ready');

  const oldSidecars = (before: number) =>
    db
      .selectFrom('frames')
      .innerJoin('timelapses', 'timelapses.id', 'frames.timelapse_id')
      .innerJoin('frame_overlays', 'frame_overlays.frame_id', 'frames.id')
      .where('timelapses.state', '=', 'completed')
      .where('frames.at', '<', before)
      .where('frame_overlays.state', 'in', ['ready', 'fallback']);

  return {
    async retentionSettings() {
      const row = await db
        .selectFrom('house_settings')
        .select('content')
        .where('name', '=', 'retention')
        .executeTakeFirst();
      return retentionSettings.parse(row === undefined ? {} : JSON.parse(row.content));
    },

    setRetentionSettings: (settings: RetentionSettings) =>
      change(async (within) => {
        const row = { name: 'retention' as const, content: JSON.stringify(settings) };
        const ending = 'on conflict (name) do update set content = excluded.content';
        await insertRows(within, 'house_settings', [row], ending);
        return settings;
      }),

    async completedTimelapses() {
      const busy = db.selectFrom('videos').select('timelapse_id').where('state', 'in', ['queued', 'rendering']);
      const rows = await db
        .selectFrom('timelapses')
        .select(['id', 'schedule', 'frames'])
        .where('state', '=', 'completed')
        .where('id', 'not in', busy)
        .orderBy('started_at')
        .execute();
      return rows.map(({ id, schedule, frames }) => ({
        id,
        frames,
        timeZone: (JSON.parse(schedule) as Schedule).timeZone,
      }));
    },

    async agedFrames(id, { before, after, limit }) {
      let query = db
        .selectFrom('frames')
        .select(['id', 'at', 'flagged', 'size_bytes'])
        .where('timelapse_id', '=', id)
        .where('at', '<', before)
        .where('picture', '=', 'stored')
        .orderBy('at')
        .orderBy('id');
      if (after !== null)
        query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '>', tuple(after.at, after.id)));
      const rows = await query.limit(limit).execute();
      return rows.map((row) => ({ id: row.id, at: row.at, flagged: row.flagged === 1, sizeBytes: row.size_bytes }));
    },

    markFrames: (frames) =>
      change(async (within) => {
        // Of timelapses that are completed still: somebody may have looked at an old list.
        const rows = await within.tx
          .selectFrom('frames')
          .innerJoin('timelapses', 'timelapses.id', 'frames.timelapse_id')
          .select('frames.id')
          .where('frames.id', 'in', [...frames, NONE])
          .where('frames.picture', '=', 'stored')
          .where('timelapses.state', '=', 'completed')
          .execute();
        const marks = rows.map(({ id }) => ({ frame_id: id, marked_at: within.now, removed_at: null }));
        await insertRows(within, 'removed_frames', marks, 'on conflict do nothing');
      }),

    async markedFrames(limit) {
      const rows = await db
        .selectFrom('removed_frames')
        .innerJoin('frames', 'frames.id', 'removed_frames.frame_id')
        .select(PICTURE_COLUMNS)
        .where('removed_frames.removed_at', 'is', null)
        .orderBy('frames.id')
        .limit(limit)
        .execute();
      return rows.map(pictureOf);
    },

    framesRemoved: (frames) =>
      change(async (within) => {
        for (const ids of chunked(frames, MOST_IDS)) await dropFrames(within, ids);
      }),

    async oldThumbnails(before, limit) {
      const rows = await oldThumbnails(before).select('frames.id').orderBy('frames.id').limit(limit).execute();
      return rows.map((row) => row.id);
    },

    async countOldThumbnails(before) {
      const row = await oldThumbnails(before)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    thumbnailsRemoved: (frames) =>
      change(async ({ tx }) => {
        await tx
          .updateTable('frames')
          .set({ thumbnail: 'failed', thumbnail_reason: 'Removed as retention says; the whole picture is shown.' })
          .where('id', 'in', [...frames, NONE])
          .where('thumbnail', '=', 'ready')
          .execute();
      }),

    async oldSidecars(before, limit) {
      const rows = await oldSidecars(before).select('frames.id').orderBy('frames.id').limit(limit).execute();
      return rows.map((row) => row.id);
    },

    async countOldSidecars(before) {
      const row = await oldSidecars(before)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    sidecarsRemoved: (frames) =>
      change(async ({ tx }) => {
        await tx
          .updateTable('frame_overlays')
          .set({ state: 'failed', reason: 'Removed as retention says.' })
          .where('frame_id', 'in', [...frames, NONE])
          .execute();
      }),

    pruneRows: (what, before) => (what === 'jobs' ? pruneJobs(before) : pruneGrowing(what, before)),

    async pruneInbox(kept) {
      const agents = await db
        .selectFrom('agents')
        .select(['id', 'pruned_up_to', 'recorded_up_to'])
        .where(({ eb }) => eb(eb('recorded_up_to', '-', eb.ref('pruned_up_to')), '>', kept))
        .execute();
      let count = 0;
      for (const { id, pruned_up_to, recorded_up_to } of agents) {
        const upTo = Math.min(recorded_up_to - kept, pruned_up_to + PORTION);
        await change(async ({ tx }) => {
          // What was refused keeps its row: it is refused with the same words for ever.
          await tx
            .deleteFrom('inbox')
            .where('agent_id', '=', id)
            .where('seq', '>', pruned_up_to)
            .where('seq', '<=', upTo)
            .where('refused_code', 'is', null)
            .execute();
          await tx.updateTable('agents').set({ pruned_up_to: upTo }).where('id', '=', id).execute();
        });
        count += upTo - pruned_up_to;
      }
      return count;
    },
  };
}

/** The rows of frames whose objects are gone; what is counted follows. */
async function dropFrames(within: Change, ids: readonly FrameId[]): Promise<void> {
  const { tx, now } = within;
  const gone = await tx
    .deleteFrom('frames')
    .where('id', 'in', ids)
    .where('picture', '=', 'stored')
    .returning(['id', 'timelapse_id', 'camera_id', 'flagged', 'size_bytes'])
    .execute();
  await tx.updateTable('removed_frames').set({ removed_at: now }).where('frame_id', 'in', ids).execute();
  await tx.deleteFrom('frame_overlays').where('frame_id', 'in', ids).execute();
  await uncountPictures(within, gone);
}
