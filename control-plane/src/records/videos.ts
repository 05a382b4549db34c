/**
 * Promise: a film shows the frames that were chosen when it was asked for, however often it has to be made; a growing one
 * those that there are when it is made.
 * Invariants: queued ⇄ rendering → ready | failed | cancelled; each step is one statement guarded by the state it leaves,
 * and moves the job along. A film that is made anew can be looked at as it was until the new one has taken its place.
 */
import {
  decideFilmSpeed,
  type TimelapseId,
  type VideoChange,
  type VideoId,
  type VideoInput,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { VideoRecords } from '../ports-films.ts';
import { wantAnimation } from './animations.ts';
import { countFrames, framesNow, rememberedFrames, timelapseOf } from './choose-frames.ts';
import type { Database } from './database.ts';
import { filmView, readInput } from './film-view.ts';
import { growVideos } from './grow-videos.ts';
import { FILM_RANK, makeVideo, settleFrames } from './make-video.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import { readLeftOut } from './segments.ts';
import { timelapsesOfSites } from './site-of.ts';
import { cancelVideo, failVideo, remakeVideo, UNFINISHED } from './video-steps.ts';

export function createVideos({ db, change, clock }: Database): VideoRecords {
  const view = (row: Parameters<typeof filmView>[0]) => filmView(row, clock.now());

  async function givenTimelapse(id: TimelapseId, on: typeof db = db) {
    const timelapse = await timelapseOf(on, id);
    if (timelapse === null) throw notFound('timelapse', id);
    return timelapse;
  }

  return {
    async videos({ after, limit, timelapseId, sites }) {
      const key = readPageKey(after);
      let query = db.selectFrom('videos').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (sites !== undefined) query = query.where('timelapse_id', 'in', timelapsesOfSites(db, sites));
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
      change(async (within) => {
        const timelapse = await givenTimelapse(input.timelapseId, within.tx);
        return view(await makeVideo(within, input, { timelapse, rank: FILM_RANK.manual }));
      }),

    async previewVideo(input) {
      const frames = await countFrames(db, input, await givenTimelapse(input.timelapseId));
      if (frames === 0) return { frames, fps: input.fps, durationMs: 0, reason: null };
      return { frames, ...decideFilmSpeed(frames, input) };
    },

    changeVideo: (id, { name, grows, ...speed }) =>
      change(async (within) => {
        const { tx } = within;
        const row = await tx.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirst();
        if (row === undefined) return null;
        const retimes = Object.values(speed).some((value) => value !== undefined);
        if (retimes && UNFINISHED.some((state) => state === row.state)) throw stillMade();
        const input = withSpeed(readInput(row), speed);
        if (row.grows === 1 && grows === false)
          await settleFrames(within, id, input, await givenTimelapse(row.timelapse_id, tx));
        await tx
          .updateTable('videos')
          .set({
            input: JSON.stringify(grows === undefined ? input : { ...input, grows }),
            ...(name === undefined ? {} : { name }),
            ...(grows === undefined ? {} : { grows: grows ? 1 : 0, frames_seen: 0, changed_at: null }),
          })
          .where('id', '=', id)
          .execute();
        if (retimes) await remakeVideo(within, id, FILM_RANK.manual);
        return view(await tx.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirstOrThrow());
      }),

    cancelVideo: (id) => change((within) => cancelVideo(within, id)),

    deleteVideo: (id) =>
      change(async (within) => {
        await cancelVideo(within, id);
        const { numDeletedRows } = await within.tx.deleteFrom('videos').where('id', '=', id).executeTakeFirst();
        return numDeletedRows > 0n;
      }),

    remakeVideo: (id) => change((within) => remakeVideo(within, id, FILM_RANK.manual)),

    async videoPlan(id) {
      const row = await db.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return null;
      const input = readInput(row);
      const timelapse = await timelapseOf(db, row.timelapse_id);
      if (timelapse === null && row.grows === 1) throw notFound('timelapse', row.timelapse_id);
      const frames =
        timelapse !== null && row.grows === 1 ? await framesNow(db, input, timelapse) : await rememberedFrames(db, id);
      const about = { name: timelapse?.name ?? row.name, timeZone: timelapse?.timeZone ?? 'UTC' };
      return { video: view(row), input, frames, about };
    },

    videoReady: (id, film) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        const before = await tx
          .selectFrom('videos')
          .select(['state', 'object_key', 'poster_key', 'animation_state'])
          .where('id', '=', id)
          .executeTakeFirst();
        const row = await tx
          .updateTable('videos')
          .set({
            state: 'ready',
            width_px: film.widthPx,
            height_px: film.heightPx,
            duration_ms: film.durationMs,
            size_bytes: film.sizeBytes,
            frames_total: film.framesTotal,
            frames_done: film.framesDone,
            frames_left_out: film.framesLeftOut,
            fps: film.fps,
            speed_reason: film.speedReason,
            object_key: film.key,
            poster_key: film.posterKey,
            ffmpeg: film.ffmpeg,
            encoder: film.encoder,
            encoder_reason: film.encoderReason,
            join_ms: film.joinMs,
            begun_at: null,
            reason: null,
            finished_at: now,
          })
          .where('id', '=', id)
          .where('state', 'in', UNFINISHED)
          .returning('timelapse_id')
          .executeTakeFirst();
        if (row !== undefined) {
          await tx.deleteFrom('shown_segments').where('video_id', '=', id).execute();
          await tx
            .insertInto('shown_segments')
            .columns(['video_id', 'position', 'address'])
            .expression((eb) =>
              eb.selectFrom('video_segments').select(['video_id', 'position', 'address']).where('video_id', '=', id),
            )
            .execute();
          tell({ type: 'video.completed', body: { videoId: id, timelapseId: row.timelapse_id } });
          if (before?.animation_state != null) await wantAnimation(within, id);
          const replaced = [before?.object_key, before?.poster_key].filter((key) => typeof key === 'string');
          return { wanted: true, replaced: replaced.filter((key) => key !== film.key && key !== film.posterKey) };
        }
        // Said twice, as after a crash between this and the end of the job: still wanted.
        return { wanted: before?.state === 'ready' && before.object_key === film.key, replaced: [] };
      }),

    videoFailed: (id, reason) => change((within) => failVideo(within, id, reason)),

    async videoObjects(id) {
      const row = await db
        .selectFrom('videos')
        .select(['object_key as key', 'poster_key as posterKey', 'gif_key as gifKey', 'webp_key as webpKey'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    async videoManifest(id) {
      const row = await db.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return null;
      const segments = await db
        .selectFrom('shown_segments')
        .innerJoin('segments', 'segments.address', 'shown_segments.address')
        .select(['segments.address', 'recipe', 'left_out'])
        .where('video_id', '=', id)
        .orderBy('position')
        .execute();
      return {
        video: view(row),
        input: readInput(row),
        ffmpeg: row.ffmpeg,
        segments: segments.map(({ address, recipe, left_out: leftOut }) => ({
          address,
          recipe,
          leftOut: readLeftOut(leftOut),
        })),
      };
    },

    growVideos: (pauseMs) => change((within) => growVideos(within, pauseMs)),
  };
}

/** Only what is given changes; a length and a fixed speed exclude each other, and the newer wish holds. */
function withSpeed(input: VideoInput, speed: Omit<VideoChange, 'name' | 'grows'>): VideoInput {
  const given = Object.fromEntries(Object.entries(speed).filter(([, value]) => value !== undefined));
  const fixed = speed.fps !== undefined && speed.length === undefined ? { length: null } : {};
  return { ...input, ...fixed, ...given };
}

const stillMade = () =>
  new Failure({
    code: 'video.not-finished',
    message: 'This video is still being made.',
    hint: 'Wait until it is ready, or cancel it, then change its speed.',
    retry: 'later',
  });
