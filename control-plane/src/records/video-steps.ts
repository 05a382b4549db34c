/** The steps of a film that jobs and people take: each is guarded by the state it leaves, and moves the jobs along. */
import type { JobId, VideoId } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { Change } from './database.ts';

export const UNFINISHED = ['queued', 'rendering'] as const;

/** A film that was being made anew goes back to what it was; any other one ends in `state`. */
const endsAs = (state: 'cancelled' | 'failed') =>
  sql<'ready' | 'cancelled' | 'failed'>`case when object_key is null then ${sql.lit(state)} else 'ready' end`;

/** Ends a film that is not finished, and its jobs with it; false where there was none to end. */
export async function cancelVideo(within: Change, id: VideoId): Promise<boolean> {
  const { tx, now, tell } = within;
  const row = await tx
    .updateTable('videos')
    .set((eb) => ({
      state: endsAs('cancelled'),
      finished_at: eb.fn.coalesce('finished_at', eb.val(now)),
      begun_at: null,
    }))
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  const jobs = await tx
    .updateTable('jobs')
    .set({ state: 'cancelled', lease_until: null, needs: 0 })
    .where('kind', '=', 'video')
    .where('subject', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .returning('id')
    .execute();
  await forgetNeeds(
    within,
    jobs.map((job) => job.id),
  );
  await cancelSegments(within, id);
  tell({ type: 'video.cancelled', body: { videoId: id, timelapseId: row.timelapse_id } });
  return true;
}

/**
 * Films that wait for this piece are software's from now on, and are planned anew. A piece that only they wanted is not
 * made any more, and neither are their other ones.
 */
export async function leaveHardware(within: Change, address: string, reason: string): Promise<void> {
  const { tx } = within;
  const films = await tx
    .updateTable('videos')
    .set({ encoder: 'software', encoder_reason: reason })
    .where('state', 'in', UNFINISHED)
    .where('id', 'in', (eb) => eb.selectFrom('video_segments').select('video_id').where('address', '=', address))
    .returning('id')
    .execute();
  for (const { id } of films) {
    await cancelSegments(within, id);
    await tx.deleteFrom('video_segments').where('video_id', '=', id).execute();
    const jobs = await tx
      .updateTable('jobs')
      .set({ needs: 0 })
      .where('kind', '=', 'video')
      .where('subject', '=', id)
      .where('state', '=', 'waiting')
      .returning('id')
      .execute();
    await forgetNeeds(
      within,
      jobs.map((job) => job.id),
    );
  }
  if (films.length > 0) within.ring('planned');
}

/** Segments that only this film wants are not made any more. */
async function cancelSegments({ tx, dialect }: Change, id: VideoId): Promise<void> {
  const own = tx.selectFrom('video_segments').select('address').where('video_id', '=', id);
  // Another film that asks for them at this moment waits, and plans their jobs anew.
  if (dialect === 'postgres')
    await tx
      .selectFrom('segments')
      .select('address')
      .where('address', 'in', own)
      .orderBy('address')
      .forUpdate()
      .execute();
  await tx
    .updateTable('jobs')
    .set({ state: 'cancelled', lease_until: null })
    .where('kind', '=', 'segment')
    .where('state', 'in', ['waiting', 'running'])
    .where('subject', 'in', own)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('video_segments')
            .innerJoin('videos', 'videos.id', 'video_segments.video_id')
            .select('videos.id')
            .whereRef('video_segments.address', '=', 'jobs.subject')
            .where('videos.id', '!=', id)
            .where('videos.state', 'in', UNFINISHED),
        ),
      ),
    )
    .execute();
}

async function forgetNeeds({ tx }: Change, jobs: readonly JobId[]): Promise<void> {
  if (jobs.length > 0) await tx.deleteFrom('job_needs').where('job_id', 'in', jobs).execute();
}

export async function failVideo({ tx, now, tell }: Change, id: VideoId, reason: string): Promise<void> {
  const row = await tx
    .updateTable('videos')
    .set({ state: endsAs('failed'), reason, finished_at: now, begun_at: null })
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
    .set({ state: 'queued', reason: null, frames_done: 0, begun_at: null })
    .set((eb) => ({
      finished_at: eb.case().when('object_key', 'is', null).then(null).else(eb.ref('finished_at')).end(),
    }))
    .where('id', '=', id)
    .where((eb) =>
      eb.or([eb('state', '=', 'failed'), eb.and([eb('state', '=', 'ready'), eb('reason', 'is not', null)])]),
    )
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  tell({ type: 'video.queued', body: { videoId: id, timelapseId: row.timelapse_id } });
  return true;
}

/**
 * A film that is finished, one way or another, is made anew; what it is now can be looked at until then.
 * @param rank which films go before it: `FILM_RANK`
 */
export async function remakeVideo({ tx, tell, plan }: Change, id: VideoId, rank: number): Promise<boolean> {
  const row = await tx
    .updateTable('videos')
    .set({ state: 'queued', reason: null, frames_done: 0, begun_at: null, changed_at: null, rank })
    .where('id', '=', id)
    .where('state', 'not in', UNFINISHED)
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  // Its worker may not have ended its job yet; then the same work cannot be planned beside it.
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ again: 1 })
    .where('kind', '=', 'video')
    .where('subject', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirst();
  if (numUpdatedRows === 0n) plan('video', id, { rank });
  tell({ type: 'video.queued', body: { videoId: id, timelapseId: row.timelapse_id } });
  return true;
}

/** A segment that cannot be made fails the films that wait for it. */
export async function failSegment(within: Change, address: string, message: string): Promise<void> {
  const { tx } = within;
  const films = await tx
    .selectFrom('video_segments')
    .innerJoin('videos', 'videos.id', 'video_segments.video_id')
    .select('videos.id')
    .distinct()
    .where('video_segments.address', '=', address)
    .where('videos.state', 'in', UNFINISHED)
    .execute();
  for (const { id } of films) {
    await failVideo(within, id, message);
    const jobs = await tx
      .updateTable('jobs')
      .set({ state: 'dead', lease_until: null, needs: 0, last_error: message })
      .where('kind', '=', 'video')
      .where('subject', '=', id)
      .where('state', 'in', ['waiting', 'running'])
      .returning('id')
      .execute();
    await forgetNeeds(
      within,
      jobs.map((job) => job.id),
    );
  }
}
