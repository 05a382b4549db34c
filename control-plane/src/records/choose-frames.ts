/** The frames of films: which ones, and what a film needs to know of them. */
import type { Place, TimelapseId, VideoId, VideoInput } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { type Kysely, sql } from 'kysely';
import type { FilmFrame } from '../ports-films.ts';
import type { Change } from './database.ts';
import { chooseOf, choosesMore } from './film-choice.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { insertRows } from './insert-rows.ts';
import type { Tables } from './schema.ts';
import { placeOf } from './sun-schedules.ts';

type Connection = Kysely<Tables>;

/** The engine stands still while it reads: so many frames at once. */
const PORTION = 2000;

/** In the order of their slots, before the finer choice. */
export function inQuestion(db: Connection, input: VideoInput) {
  let query = db
    .selectFrom('frames')
    .where('frames.timelapse_id', '=', input.timelapseId)
    .where('frames.picture', '=', 'stored')
    .where('frames.excluded', '=', 0);
  if (!input.flagged) query = query.where('frames.flagged', '=', 0);
  if (input.from !== null) query = query.where('frames.at', '>=', input.from);
  if (input.to !== null) query = query.where('frames.at', '<', input.to);
  return query;
}

export const brightnessOf = (measures: string): number | null => {
  const { brightness } = JSON.parse(measures) as { brightness?: unknown };
  return typeof brightness === 'number' ? brightness : null;
};

export async function candidates(db: Connection, input: VideoInput) {
  const rows = await inQuestion(db, input)
    .select(['frames.id', 'frames.at', 'frames.measures'])
    .orderBy('frames.at')
    .orderBy('frames.id')
    .execute();
  return rows.map(({ id, at, measures }) => ({ id, at, brightness: brightnessOf(measures) }));
}

/**
 * How many frames such a film would have now.
 * @throws Failure `request.place-needed`
 */
export async function countFrames(db: Connection, input: VideoInput, of: GivenTimelapse): Promise<number> {
  if (choosesMore(input)) return chooseOf(await candidates(db, input), input, placeOrZone(input, of)).length;
  const { count } = await inQuestion(db, input)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Remembers which frames the film shows, in the order of their slots; gives how many. @throws Failure `request.place-needed` */
export async function rememberFrames(
  { tx, dialect }: Pick<Change, 'tx' | 'dialect'>,
  id: VideoId,
  input: VideoInput,
  of: GivenTimelapse,
): Promise<number> {
  if (choosesMore(input)) {
    const chosen = chooseOf(await candidates(tx, input), input, placeOrZone(input, of));
    const rows = chosen.map((frame, position) => ({ video_id: id, position, frame_id: frame.id }));
    await insertRows({ tx, dialect }, 'video_frames', rows);
    return rows.length;
  }
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('video_frames')
    .columns(['video_id', 'position', 'frame_id'])
    .expression(
      inQuestion(tx, input).select([
        sql<VideoId>`cast(${id} as text)`.as('video_id'),
        sql<number>`row_number() over (order by frames.at, frames.id) - 1`.as('position'),
        'frames.id as frame_id',
      ]),
    )
    .executeTakeFirst();
  return Number(numInsertedOrUpdatedRows ?? 0n);
}

const FILM_COLUMNS = [...PICTURE_COLUMNS, 'frames.at', 'frames.measures'] as const;
const filmFrameOf = (row: Parameters<typeof pictureOf>[0] & { at: number; measures: string }): FilmFrame => ({
  ...pictureOf(row),
  at: row.at,
  brightness: brightnessOf(row.measures),
});

/** The frames that were remembered. */
export async function rememberedFrames(db: Connection, id: VideoId): Promise<FilmFrame[]> {
  const frames: FilmFrame[] = [];
  for (let position = 0; ; position += PORTION) {
    const rows = await db
      .selectFrom('video_frames')
      .innerJoin('frames', 'frames.id', 'video_frames.frame_id')
      .select(FILM_COLUMNS)
      .where('video_frames.video_id', '=', id)
      .where('video_frames.position', '>=', position)
      .where('video_frames.position', '<', position + PORTION)
      .orderBy('video_frames.position')
      .execute();
    frames.push(...rows.map(filmFrameOf));
    // Frames that are gone leave a portion short: only one without any row may be behind the end.
    if (rows.length === 0 && !(await hasFrameFrom(db, id, position))) return frames;
  }
}

async function hasFrameFrom(db: Connection, id: VideoId, position: number): Promise<boolean> {
  const row = await db
    .selectFrom('video_frames')
    .select('position')
    .where('video_id', '=', id)
    .where('position', '>=', position)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The frames that such a film has now. */
export async function framesNow(db: Connection, input: VideoInput, of: GivenTimelapse): Promise<FilmFrame[]> {
  const frames: FilmFrame[] = [];
  for (;;) {
    const last = frames.at(-1);
    let query = inQuestion(db, input).select(FILM_COLUMNS).orderBy('frames.at').orderBy('frames.id').limit(PORTION);
    if (last !== undefined)
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('frames.at', 'frames.id'), '>', tuple(last.at, last.frameId)),
      );
    const rows = await query.execute();
    frames.push(...rows.map(filmFrameOf));
    if (rows.length < PORTION) return [...chooseOf(frames, input, placeOrZone(input, of))];
  }
}

/** What a film needs to know of its timelapse. */
export interface GivenTimelapse {
  name: string;
  /** Of its schedule: windows, days and hours of a choice are read in it. */
  timeZone: string;
  /** Of its site. */
  siteZone: string;
  place: Place | null;
  /** In the store. */
  frames: number;
}

/** null: there is none such. */
export async function timelapseOf(db: Connection, id: TimelapseId): Promise<GivenTimelapse | null> {
  const row = await db
    .selectFrom('timelapses')
    .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
    .innerJoin('agents', 'agents.id', 'cameras.agent_id')
    .innerJoin('sites', 'sites.id', 'agents.site_id')
    .select(['timelapses.name', 'schedule', 'frames', 'sites.time_zone', 'sites.latitude', 'sites.longitude'])
    .where('timelapses.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { timeZone } = JSON.parse(row.schedule) as { timeZone: string };
  return { name: row.name, timeZone, siteZone: row.time_zone, place: placeOf(row) ?? null, frames: row.frames };
}

/** @throws Failure `request.place-needed` where daylight is asked for and nobody has said where the site lies */
export function placeOrZone(input: VideoInput, { timeZone, place }: GivenTimelapse) {
  if (input.daylight !== true || place !== null) return { timeZone, place };
  throw new Failure({
    code: 'request.place-needed',
    message: 'This film shows only daylight, and nobody has said where its site lies.',
    hint: 'Give the site its latitude and longitude, then try again.',
    retry: 'never',
  });
}
