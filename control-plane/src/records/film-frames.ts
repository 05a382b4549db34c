/** The frames of films, one by one: those that are left out by hand, and those that a film would show. */
import type { FrameId, VideoInput } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { FilmFrameRecords, StripFrame } from '../ports-film-frames.ts';
import {
  brightnessOf,
  candidates,
  countFrames,
  type GivenTimelapse,
  inQuestion,
  placeOrZone,
  timelapseOf,
} from './choose-frames.ts';
import { chunked } from './chunked.ts';
import type { Database } from './database.ts';
import { chooseOf, choosesMore } from './film-choice.ts';
import { notFound } from './not-found.ts';

const PORTION = 500;

export function createFilmFrames({ db, change }: Database): FilmFrameRecords {
  /** Without a finer choice the engine counts and cuts; with one, all frames in question must be looked at. */
  async function strip(
    input: VideoInput,
    timelapse: GivenTimelapse,
    part: (of: number) => { from: number; to: number },
  ) {
    if (choosesMore(input)) {
      const chosen: readonly StripFrame[] = chooseOf(await candidates(db, input), input, placeOrZone(input, timelapse));
      const { from, to } = part(chosen.length);
      return { of: chosen.length, first: Math.max(0, from), frames: chosen.slice(Math.max(0, from), to) };
    }
    const of = await countFrames(db, input, timelapse);
    const asked = part(of);
    const [from, to] = [Math.max(0, asked.from), Math.min(of, asked.to)];
    const rows = await inQuestion(db, input)
      .select(['frames.id', 'frames.at', 'frames.measures'])
      .orderBy('frames.at')
      .orderBy('frames.id')
      .offset(from)
      .limit(Math.max(0, to - from))
      .execute();
    const frames = rows.map(({ id, at, measures }) => ({ id, at, brightness: brightnessOf(measures) }));
    return { of, first: from, frames };
  }

  return {
    excludeFrames: (id, { excluded, frameIds, from, to }) =>
      change(async ({ tx, tell }) => {
        if ((await timelapseOf(tx, id)) === null) throw notFound('timelapse', id);
        const value = excluded ? 1 : 0;
        const others = () =>
          tx
            .updateTable('frames')
            .set({ excluded: value })
            .where('timelapse_id', '=', id)
            .where('excluded', '=', sql.lit(excluded ? 0 : 1));
        let frames = 0;
        if (frameIds === undefined) {
          const { numUpdatedRows } = await others()
            .where('at', '>=', from ?? 0)
            .where('at', '<', to ?? 0)
            .executeTakeFirst();
          frames = Number(numUpdatedRows);
        } else
          for (const some of chunked(frameIds, PORTION)) {
            const { numUpdatedRows } = await others()
              .where('id', 'in', [...some])
              .executeTakeFirst();
            frames += Number(numUpdatedRows);
          }
        if (frames === 0) return 0;
        // Another number than there are frames: growing films look again.
        await tx
          .updateTable('videos')
          .set({ frames_seen: -1 })
          .where('timelapse_id', '=', id)
          .where('grows', '=', 1)
          .execute();
        tell({ type: 'frames.excluded', body: { timelapseId: id, excluded, frames } });
        return frames;
      }),

    async filmFrames(input, part) {
      const timelapse = await timelapseOf(db, input.timelapseId);
      if (timelapse === null) throw notFound('timelapse', input.timelapseId);
      const cut = await strip(input, timelapse, part);
      const some = cut.frames[0]?.id;
      const row =
        some === undefined
          ? undefined
          : await db.selectFrom('frames').select(['width_px', 'height_px']).where('id', '=', some).executeTakeFirst();
      return { ...cut, size: row === undefined ? null : { widthPx: row.width_px, heightPx: row.height_px } };
    },

    async momentsOf(frames) {
      const moments = new Map<FrameId, number>();
      for (const some of chunked(frames, PORTION)) {
        const rows = await db
          .selectFrom('frames')
          .select(['id', 'at'])
          .where('id', 'in', [...some])
          .execute();
        for (const { id, at } of rows) moments.set(id, at);
      }
      return moments;
    },
  };
}
