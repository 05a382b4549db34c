/**
 * Promise: an animated preview is made once it is asked for, and anew whenever its film is; until then it can be looked at as
 * it was.
 * Invariants: wanted → ready | failed, and back; each step is one statement that moves the job along. A film that is made
 * anew while its preview is being made has its preview made once more.
 */
import type { VideoId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { AnimationRecords } from '../ports-films.ts';
import type { Change, Database } from './database.ts';
import { filmView } from './film-view.ts';

/** Of these there is something to make, also where somebody asked once more in between. */
const OPEN = ['wanted', 'ready'] as const;

export function createAnimations({ db, change }: Database): AnimationRecords {
  return {
    animateVideo: (id) =>
      change(async (within) => {
        const { tx, now } = within;
        const before = await tx.selectFrom('videos').select('object_key').where('id', '=', id).executeTakeFirst();
        if (before === undefined) return null;
        if (before.object_key === null) throw notReady();
        await wantAnimation(within, id);
        return filmView(await tx.selectFrom('videos').selectAll().where('id', '=', id).executeTakeFirstOrThrow(), now);
      }),

    async animationPlan(id) {
      const row = await db
        .selectFrom('videos')
        .select(['width_px', 'height_px'])
        .where('id', '=', id)
        .where('object_key', 'is not', null)
        .where('animation_state', 'in', OPEN)
        .executeTakeFirst();
      if (row === undefined || row.width_px === null || row.height_px === null) return null;
      return { widthPx: row.width_px, heightPx: row.height_px };
    },

    animationReady: (id, { gif, webp }) =>
      change(async ({ tx, tell }) => {
        const before = await tx
          .selectFrom('videos')
          .select(['gif_key', 'webp_key'])
          .where('id', '=', id)
          .executeTakeFirst();
        const row = await tx
          .updateTable('videos')
          .set({
            animation_state: 'ready',
            animation_reason: null,
            gif_key: gif.key,
            gif_bytes: gif.sizeBytes,
            webp_key: webp.key,
            webp_bytes: webp.sizeBytes,
          })
          .where('id', '=', id)
          .where('animation_state', 'in', OPEN)
          .where('gif_key', 'is distinct from', gif.key)
          .returning('timelapse_id')
          .executeTakeFirst();
        // Said twice, as after a crash between this and the end of the job: still wanted.
        if (row === undefined) return { wanted: before?.gif_key === gif.key, replaced: [] };
        tell({ type: 'video.animated', body: { videoId: id, timelapseId: row.timelapse_id, reason: null } });
        return { wanted: true, replaced: [before?.gif_key, before?.webp_key].filter((key) => typeof key === 'string') };
      }),
  };
}

/** Asked for, or its film is another one: it is made, by a worker that begins from now on. */
export async function wantAnimation({ tx, plan }: Change, id: VideoId): Promise<void> {
  await tx
    .updateTable('videos')
    .set({ animation_state: 'wanted', animation_reason: null })
    .where('id', '=', id)
    .execute();
  // Whoever makes it now may show what the film was before.
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ again: 1 })
    .where('kind', '=', 'animation')
    .where('subject', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) plan('animation', id);
}

export async function failAnimation({ tx, tell }: Change, id: VideoId, reason: string): Promise<void> {
  const row = await tx
    .updateTable('videos')
    .set({ animation_state: 'failed', animation_reason: reason })
    .where('id', '=', id)
    .where('animation_state', '=', 'wanted')
    .returning('timelapse_id')
    .executeTakeFirst();
  if (row !== undefined) tell({ type: 'video.animated', body: { videoId: id, timelapseId: row.timelapse_id, reason } });
}

/** Somebody asks for another try; false when the film is not there any more, or has its preview. */
export async function reviveAnimation({ tx }: Change, id: VideoId): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('videos')
    .set({ animation_state: 'wanted', animation_reason: null })
    .where('id', '=', id)
    .where('animation_state', '=', 'failed')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

const notReady = () =>
  new Failure({
    code: 'video.not-finished',
    message: 'There is no film yet of which a preview could be made.',
    hint: 'Wait until the film is ready, then ask again.',
    retry: 'later',
  });
