/**
 * Promise: a film shows the frames that were chosen when it was asked for, however often it has to be made.
 * Invariants: queued ⇄ rendering → ready | failed | cancelled; each step is one statement guarded by the state it leaves,
 * and moves the job along.
 */
import { newVideoId, type VideoId, type VideoInput, type VideoView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { VideoRecords } from '../ports.ts';
import type { Change, Database } from './database.ts';
import { localDate } from './day-number.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Tables } from './schema.ts';
import type { VideosTable } from './schema-work.ts';

const UNFINISHED = ['queued', 'rendering'] as const;
const LONGEST_NAME = 120;

const view = (row: Selectable<VideosTable>): VideoView => ({
  id: row.id,
  timelapseId: row.timelapse_id,
  name: row.name,
  state: row.state,
  fps: row.fps,
  heightPx: row.height_px,
  widthPx: row.width_px,
  framesTotal: row.frames_total,
  framesDone: row.frames_done,
  framesLeftOut: row.frames_left_out,
  durationMs: row.duration_ms,
  sizeBytes: row.size_bytes,
  reason: row.reason,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
});

export function createVideos({ db, change }: Database): VideoRecords {
  return {
    async videos({ after, limit, timelapseId }) {
      const key = readPageKey(after);
      let query = db.selectFrom('videos').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (timelapseId !== undefined) query = query.where('timelapse_id', '=', timelapseId);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(key.at, key.id as VideoId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view });
    },

    async video(id) {
      const row = await db.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : view(row);
    },

    createVideo: (input) =>
      change(async ({ tx, now, tell, plan }) => {
        const timelapse = await tx
          .selectFrom('timelapses')
          .select(['name', 'schedule'])
          .where('id', '=', input.timelapseId)
          .executeTakeFirst();
        if (timelapse === undefined) throw notFound('timelapse', input.timelapseId);
        const { timeZone } = JSON.parse(timelapse.schedule) as { timeZone: string };
        const id = newVideoId();
        await tx
          .insertInto('videos')
          .values({
            id,
            timelapse_id: input.timelapseId,
            name: input.name ?? `${timelapse.name.slice(0, LONGEST_NAME - 11)} ${localDate(now, timeZone)}`,
            state: 'queued',
            input: JSON.stringify(input),
            fps: input.fps,
            frames_total: 0,
            frames_done: 0,
            frames_left_out: 0,
            created_at: now,
          })
          .execute();
        const frames = await chooseFrames(tx, id, input);
        if (frames === 0) throw tooFew();
        const row = await tx
          .updateTable('videos')
          .set({ frames_total: frames })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        plan('video', id);
        tell({ type: 'video.queued', body: { videoId: id, timelapseId: input.timelapseId } });
        return view(row);
      }),

    cancelVideo: (id) => change(async (within) => (await end(within, id, 'cancelled')) !== null),

    deleteVideo: (id) =>
      change(async (within) => {
        await end(within, id, 'cancelled');
        const { numDeletedRows } = await within.tx.deleteFrom('videos').where('id', '=', id).executeTakeFirst();
        return numDeletedRows > 0n;
      }),

    async videoPlan(id) {
      const row = await db.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return null;
      const frames = await db
        .selectFrom('video_frames')
        .innerJoin('frames', 'frames.id', 'video_frames.frame_id')
        .select(PICTURE_COLUMNS)
        .where('video_frames.video_id', '=', id)
        .orderBy('video_frames.position')
        .execute();
      return { video: view(row), input: JSON.parse(row.input) as VideoInput, frames: frames.map(pictureOf) };
    },

    videoProgressed: (id, framesDone) =>
      change(async ({ tx, tell }) => {
        const row = await tx
          .updateTable('videos')
          .set({ state: 'rendering', frames_done: framesDone })
          .where('id', '=', id)
          .where('state', 'in', UNFINISHED)
          .where((eb) => eb.or([eb('state', '=', 'queued'), eb('frames_done', '!=', framesDone)]))
          .returning(['timelapse_id', 'frames_total'])
          .executeTakeFirst();
        if (row === undefined) return;
        const { timelapse_id: timelapseId, frames_total: framesTotal } = row;
        tell({ type: 'video.progressed', body: { videoId: id, timelapseId, framesDone, framesTotal } });
      }),

    videoReady: (id, film) =>
      change(async ({ tx, now, tell }) => {
        const row = await tx
          .updateTable('videos')
          .set({
            state: 'ready',
            width_px: film.widthPx,
            height_px: film.heightPx,
            duration_ms: film.durationMs,
            size_bytes: film.sizeBytes,
            frames_done: film.framesDone,
            frames_left_out: film.framesLeftOut,
            reason: null,
            finished_at: now,
          })
          .where('id', '=', id)
          .where('state', 'in', UNFINISHED)
          .returning('timelapse_id')
          .executeTakeFirst();
        if (row !== undefined) {
          tell({ type: 'video.completed', body: { videoId: id, timelapseId: row.timelapse_id } });
          return true;
        }
        // Said twice, as after a crash between this and the end of the job: still wanted.
        const before = await tx.selectFrom('videos').select('state').where('id', '=', id).executeTakeFirst();
        return before?.state === 'ready';
      }),

    videoFailed: (id, reason) => change(async (within) => void (await failVideo(within, id, reason))),
  };
}

/** Remembers which frames the film shows, in the order of their slots; gives how many. */
async function chooseFrames(tx: Transaction<Tables>, id: VideoId, input: VideoInput): Promise<number> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('video_frames')
    .columns(['video_id', 'position', 'frame_id'])
    .expression((eb) => {
      let query = eb
        .selectFrom('frames')
        .select([
          sql<VideoId>`cast(${id} as text)`.as('video_id'),
          sql<number>`row_number() over (order by frames.at, frames.id) - 1`.as('position'),
          'frames.id as frame_id',
        ])
        .where('frames.timelapse_id', '=', input.timelapseId)
        .where('frames.picture', '=', 'stored');
      if (!input.flagged) query = query.where('frames.flagged', '=', 0);
      if (input.from !== null) query = query.where('frames.at', '>=', input.from);
      if (input.to !== null) query = query.where('frames.at', '<', input.to);
      return query;
    })
    .executeTakeFirst();
  return Number(numInsertedOrUpdatedRows ?? 0n);
}

/** Ends a film that is not finished, and its job with it; gives null where there was none to end. */
async function end({ tx, now, tell }: Change, id: VideoId, state: 'cancelled'): Promise<VideoId | null> {
  const row = await tx
    .updateTable('videos')
    .set({ state, finished_at: now })
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return null;
  await tx
    .updateTable('jobs')
    .set({ state, lease_until: null })
    .where('kind', '=', 'video')
    .where('subject', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .execute();
  tell({ type: 'video.cancelled', body: { videoId: id, timelapseId: row.timelapse_id } });
  return id;
}

export async function failVideo({ tx, now, tell }: Change, id: VideoId, reason: string): Promise<void> {
  const row = await tx
    .updateTable('videos')
    .set({ state: 'failed', reason, finished_at: now })
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return;
  tell({ type: 'video.failed', body: { videoId: id, timelapseId: row.timelapse_id, reason } });
}

/** The job will be tried later: the film waits again. */
export async function requeueVideo({ tx }: Change, id: VideoId): Promise<void> {
  await tx
    .updateTable('videos')
    .set({ state: 'queued' })
    .where('id', '=', id)
    .where('state', '=', 'rendering')
    .execute();
}

/** Somebody asks for another try at a film that had failed; false when it is not there any more. */
export async function reviveVideo({ tx, tell }: Change, id: VideoId): Promise<boolean> {
  const row = await tx
    .updateTable('videos')
    .set({ state: 'queued', reason: null, finished_at: null, frames_done: 0 })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  tell({ type: 'video.queued', body: { videoId: id, timelapseId: row.timelapse_id } });
  return true;
}

const tooFew = () =>
  new Failure({
    code: 'video.too-few-frames',
    message: 'There is no frame to film in this choice.',
    hint: 'Wait for the first pictures to arrive, choose a longer time, or include flagged frames.',
    retry: 'later',
  });
