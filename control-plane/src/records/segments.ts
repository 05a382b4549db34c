/**
 * Promise: a piece of a film is made once, for all films that want it, and a film is joined when all its pieces are there.
 * Invariants: wanted → ready, and back when its object is lost; the job of a film waits as long as it has rows in
 * `job_needs`, and a piece that becomes ready takes its rows away in the same transaction. On PostgreSQL planning and making
 * meet at the rows of the segments, which both lock, so that none misses the other.
 * When it fails: a piece that cannot be made fails its films (`video-steps.ts`); a job that waits for what nobody does any
 * more is released and plans anew.
 */
import type { VideoId } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { FilmSegment, PlannedSegment, SegmentRecords } from '../ports-films.ts';
import { chunked } from './chunked.ts';
import { type Change, type Database, priorityOf } from './database.ts';
import { insertRows } from './insert-rows.ts';
import type { SegmentUpkeep } from './segment-upkeep.ts';
import { leaveHardware, UNFINISHED } from './video-steps.ts';

const AT_ONCE = 500;

type Verbs = Omit<SegmentRecords, keyof SegmentUpkeep>;

export function createSegments({ db, change }: Database): Verbs {
  async function readSegments(table: 'video_segments' | 'shown_segments', video: VideoId): Promise<FilmSegment[]> {
    const rows = await db
      .selectFrom(`${table} as of_film`)
      .innerJoin('segments', 'segments.address', 'of_film.address')
      .select(['segments.address', 'frames', 'frames_shown', 'left_out', 'layout', 'object_key', 'size_bytes'])
      .where('of_film.video_id', '=', video)
      .where('segments.state', '=', 'ready')
      .orderBy('of_film.position')
      .execute();
    return rows.map((row) => ({
      address: row.address,
      frames: row.frames,
      framesShown: row.frames_shown ?? 0,
      leftOut: readLeftOut(row.left_out),
      object:
        row.object_key === null
          ? null
          : { key: row.object_key, sizeBytes: row.size_bytes ?? 0, layout: row.layout ?? '' },
    }));
  }

  return {
    planSegments: (job, video, segments) =>
      change(async (within) => {
        const { tx, now } = within;
        const rank = await rankIfHeld(within, job, video);
        if (rank === null) return 'lost';
        const wanted = new Map(segments.map((segment) => [segment.address, segment]));
        await wantSegments(within, [...wanted.values()]);
        const ready = await readyOf(within, [...wanted.keys()]);
        await tx.deleteFrom('video_segments').where('video_id', '=', video).execute();
        const links = segments.map(({ address }, position) => ({ video_id: video, position, address }));
        await insertRows(within, 'video_segments', links);
        const missing = [...wanted.values()].filter(({ address }) => !ready.has(address));
        await tellProgress(within, video, { beginsNow: true });
        if (missing.length === 0) return 'ready';
        const needed = missing.map(({ address }) => address);
        await planPieces(within, needed, rank);
        await tx.deleteFrom('job_needs').where('job_id', '=', job.id).execute();
        const needs = needed.map((subject) => ({ job_id: job.id, kind: 'segment' as const, subject }));
        await insertRows(within, 'job_needs', needs);
        await tx
          .updateTable('jobs')
          // As if it had not been leased: nothing has gone wrong.
          .set((eb) => ({
            state: 'waiting',
            lease_until: null,
            due_at: now,
            attempts: eb('attempts', '-', 1),
            needs: missing.length,
          }))
          .where('id', '=', job.id)
          .execute();
        return 'waits';
      }),

    async segmentRecipe(address) {
      const row = await db
        .selectFrom('segments')
        .select('recipe')
        .where('address', '=', address)
        .where('state', '=', 'wanted')
        .executeTakeFirst();
      return row?.recipe ?? null;
    },

    segmentProgressed: (address, framesDone) =>
      change(async (within) => {
        const { numUpdatedRows } = await within.tx
          .updateTable('segments')
          .set({ frames_done: framesDone })
          .where('address', '=', address)
          .where('state', '=', 'wanted')
          .executeTakeFirst();
        if (numUpdatedRows > 0n) await tellAll(within, address);
      }),

    segmentReady: (address, { framesShown, leftOut, object }) =>
      change(async (within) => {
        const { tx } = within;
        const { numUpdatedRows } = await tx
          .updateTable('segments')
          .set((eb) => ({
            state: 'ready',
            frames_done: eb.ref('frames'),
            frames_shown: framesShown,
            left_out: JSON.stringify(leftOut),
            layout: object?.layout ?? null,
            object_key: object?.key ?? null,
            size_bytes: object?.sizeBytes ?? null,
          }))
          .where('address', '=', address)
          .where('state', '=', 'wanted')
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await tellAll(within, address);
        await settleNeed(within, address);
        return true;
      }),

    encoderFailed: (address, reason) => change((within) => leaveHardware(within, address, reason)),
    segmentsOf: (video) => readSegments('video_segments', video),
    shownSegments: (video) => readSegments('shown_segments', video),

    async segmentLost(address) {
      await db
        .updateTable('segments')
        .set({ state: 'wanted', frames_done: 0, object_key: null, layout: null, size_bytes: null })
        .where('address', '=', address)
        .where('state', '=', 'ready')
        .execute();
    },

    async segment(address) {
      const row = await db
        .selectFrom('segments')
        .select(['object_key', 'layout'])
        .where('address', '=', address)
        .where('state', '=', 'ready')
        .executeTakeFirst();
      if (row === undefined || row.object_key === null || row.layout === null) return null;
      return { key: row.object_key, layout: row.layout };
    },
  };
}

export const readLeftOut = (json: string | null): FilmSegment['leftOut'] =>
  json === null ? [] : (JSON.parse(json) as FilmSegment['leftOut']);

/** What is planned already for a film that can wait goes as early as the film that wants it first. */
async function planPieces(within: Change, addresses: readonly string[], rank: number): Promise<void> {
  const priority = priorityOf('segment', rank);
  for (const some of chunked(addresses, AT_ONCE))
    await within.tx
      .updateTable('jobs')
      .set({ priority })
      .where('kind', '=', 'segment')
      .where('state', '=', 'waiting')
      .where('subject', 'in', some)
      .where('priority', '>', priority)
      .execute();
  for (const address of addresses) within.plan('segment', address, { rank });
}

/**
 * The rank of the film where the job is still its holder's, and the film still wanted; else null. Nobody takes either away
 * before the commit.
 */
async function rankIfHeld(
  { tx, dialect }: Change,
  job: Parameters<SegmentRecords['planSegments']>[0],
  video: VideoId,
): Promise<number | null> {
  let held = tx.selectFrom('jobs').select('id').where('id', '=', job.id).where('fence', '=', job.fence);
  let film = tx.selectFrom('videos').select('rank').where('id', '=', video).where('state', 'in', UNFINISHED);
  if (dialect === 'postgres') [held, film] = [held.forUpdate(), film.forUpdate()];
  const found = await held.where('state', '=', 'running').executeTakeFirst();
  return found === undefined ? null : ((await film.executeTakeFirst())?.rank ?? null);
}

/** In the order of their addresses, so that two planners never wait for each other. */
async function wantSegments(within: Change, segments: readonly PlannedSegment[]): Promise<void> {
  const { tx, now } = within;
  const known = new Set<string>();
  const addresses = segments.map(({ address }) => address).sort();
  for (const some of chunked(addresses, AT_ONCE)) {
    const rows = await tx
      .updateTable('segments')
      .set({ used_at: now })
      .where('address', 'in', some)
      .where('state', '=', 'ready')
      .returning('address')
      .execute();
    for (const { address } of rows) known.add(address);
  }
  const rows = segments
    .filter(({ address }) => !known.has(address))
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map(({ address, recipe, frames }) => ({
      address,
      state: 'wanted' as const,
      recipe,
      frames,
      frames_done: 0,
      created_at: now,
      used_at: now,
    }));
  // One that is going is wanted again; its object may be gone already.
  const again = `on conflict (address) do update set used_at = excluded.used_at, recipe = excluded.recipe,
    object_key = case when segments.state = 'going' then null else segments.object_key end,
    state = case when segments.state = 'going' then 'wanted' else segments.state end`;
  await insertRows(within, 'segments', rows, again);
}

/** Which of these are there; on PostgreSQL none of them becomes ready before this transaction has ended. */
async function readyOf({ tx, dialect }: Change, addresses: readonly string[]): Promise<Set<string>> {
  const ready = new Set<string>();
  for (const some of chunked([...addresses].sort(), AT_ONCE)) {
    let query = tx.selectFrom('segments').select(['address', 'state']).where('address', 'in', some).orderBy('address');
    if (dialect === 'postgres') query = query.forUpdate();
    for (const row of await query.execute()) if (row.state === 'ready') ready.add(row.address);
  }
  return ready;
}

/** What waited for a segment waits for one thing less. */
async function settleNeed(within: Change, address: string): Promise<void> {
  const { tx } = within;
  const settled = await tx
    .deleteFrom('job_needs')
    .where('kind', '=', 'segment')
    .where('subject', '=', address)
    .returning('job_id')
    .execute();
  for (const id of settled.map((row) => row.job_id).sort()) {
    const job = await tx
      .updateTable('jobs')
      .set((eb) => ({ needs: eb('needs', '-', 1) }))
      .where('id', '=', id)
      .where('needs', '>', 0)
      .returning('needs')
      .executeTakeFirst();
    if (job?.needs === 0) within.ring('planned');
  }
}

/** Says the progress of all films that wait for a segment. */
async function tellAll(within: Change, address: string): Promise<void> {
  const films = await within.tx
    .selectFrom('video_segments')
    .innerJoin('videos', 'videos.id', 'video_segments.video_id')
    .select('videos.id')
    .distinct()
    .where('video_segments.address', '=', address)
    .where('videos.state', 'in', UNFINISHED)
    .execute();
  for (const { id } of films) await tellProgress(within, id, { beginsNow: false });
}

async function tellProgress(
  { tx, now, tell }: Change,
  id: VideoId,
  { beginsNow }: { beginsNow: boolean },
): Promise<void> {
  const done = await tx
    .selectFrom('video_segments')
    .innerJoin('segments', 'segments.address', 'video_segments.address')
    .select([
      sql<number>`cast(coalesce(sum(frames_done), 0) as bigint)`.as('done'),
      sql<number>`cast(coalesce(sum(frames), 0) as bigint)`.as('total'),
    ])
    .where('video_id', '=', id)
    .executeTakeFirstOrThrow();
  const [framesDone, framesTotal] = [Number(done.done), Number(done.total)];
  const row = await tx
    .updateTable('videos')
    .set((eb) => ({
      state: 'rendering',
      frames_done: framesDone,
      frames_total: framesTotal,
      // A film that plans once more goes on where it was.
      ...(beginsNow
        ? {
            frames_reused: eb.case().when('begun_at', 'is', null).then(framesDone).else(eb.ref('frames_reused')).end(),
            begun_at: eb.fn.coalesce('begun_at', eb.val(now)),
          }
        : {}),
    }))
    .where('id', '=', id)
    .where('state', 'in', UNFINISHED)
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row === undefined) return;
  const { timelapse_id: timelapseId } = row;
  tell({ type: 'video.progressed', body: { videoId: id, timelapseId, framesDone, framesTotal } });
}
