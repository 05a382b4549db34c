import { type CameraId, type FrameId, frameKey, MOMENT_MARKS, type Schedule, type WallItem } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { WatchingRecords } from '../ports-watching.ts';
import type { Database } from './database.ts';
import { agentsOfSites } from './site-of.ts';
import { nextDueOf } from './spans.ts';

const WEEK_MS = 7 * 86_400_000;

/** What the wall and the scrubber ask for: few columns of many rows. */
export function createWatching({ db, clock }: Database): WatchingRecords {
  const columns = () =>
    db
      .selectFrom('frames')
      .select(['id', 'at', 'score', 'measures', 'flagged', 'excluded', 'picture', 'thumbnail', 'due_at'])
      .select(['width_px', 'height_px']);

  /** The first frame of each of `most` equal pieces of the time: as many look-ups in the index, however many frames there are. */
  async function thin(camera: CameraId, from: number, to: number, most: number): Promise<FrameId[]> {
    const step = Math.max(1, Math.ceil((to - from) / most));
    const { rows } = await sql<{ id: FrameId | null }>`
      with recursive piece(at) as (select cast(${from} as bigint) union all select at + cast(${step} as bigint) from piece where at + cast(${step} as bigint) < ${to})
      select (select frames.id from frames where frames.camera_id = ${camera} and frames.at >= piece.at
        and frames.at < piece.at + cast(${step} as bigint) and frames.at < ${to} order by frames.at, frames.id limit 1) as id
      from piece`.execute(db);
    return rows.flatMap(({ id }) => id ?? []);
  }

  return {
    async wall(sites) {
      let cameras = db
        .selectFrom('cameras')
        .leftJoin('frames', 'frames.id', 'cameras.newest_frame_id')
        .leftJoin('timelapses', (join) =>
          join.onRef('timelapses.camera_id', '=', 'cameras.id').on('timelapses.state', 'in', ['running', 'paused']),
        )
        .select(['cameras.id', 'frames.score', 'frames.faults'])
        .select(['timelapses.id as timelapse_id', 'timelapses.name', 'timelapses.state', 'timelapses.schedule'])
        .where('cameras.deleted_at', 'is', null)
        .orderBy('cameras.created_at')
        .orderBy('cameras.id');
      if (sites !== undefined) cameras = cameras.where('cameras.agent_id', 'in', agentsOfSites(db, sites));
      const rows = await cameras.execute();
      const running = rows.flatMap(({ timelapse_id: id, state }) => (id !== null && state === 'running' ? [id] : []));
      const now = clock.now();
      const next = await nextDueOf(db, running, now);
      const told = new Set(await withSpans(running));
      const waiting = new Map(
        (
          await db
            .selectFrom('frames')
            .select(({ fn }) => [
              'camera_id',
              fn.countAll<number>().as('frames'),
              fn.sum<number>('size_bytes').as('bytes'),
            ])
            // Written out, so that an engine sees that the index of frames at the edge fits.
            .where('picture', '=', sql.lit('at-edge' as const))
            .groupBy('camera_id')
            .execute()
        ).map((row) => [row.camera_id, { frames: Number(row.frames), bytes: Number(row.bytes) }]),
      );
      return rows.map((row) => {
        const { timelapse_id: id, name, state } = row;
        const due = id === null ? undefined : next.get(id);
        const plansNothing =
          id !== null && state === 'running' && told.has(id) && (due === undefined || due > now + WEEK_MS);
        return {
          cameraId: row.id,
          verdict:
            row.score === null
              ? null
              : {
                  score: row.score,
                  faults: JSON.parse(row.faults ?? '[]') as NonNullable<WallItem['verdict']>['faults'],
                },
          waiting: waiting.get(row.id) ?? { frames: 0, bytes: 0 },
          timelapse:
            id === null || name === null || state === null || row.schedule === null
              ? null
              : { id, name, state, schedule: JSON.parse(row.schedule) as Schedule, nothingPlanned: plansNothing },
        };
      });
    },

    async moments(camera, { from, to, most }) {
      const within = () => columns().where('camera_id', '=', camera).where('at', '>=', from).where('at', '<', to);
      let rows = await within()
        .orderBy('at')
        .orderBy('id')
        .limit(most + 1)
        .execute();
      const thinned = rows.length > most;
      if (thinned) {
        const ids = await thin(camera, from, to, most);
        rows = await columns().where('id', 'in', ids).orderBy('at').orderBy('id').execute();
      }
      const newest = rows.at(-1);
      return {
        cameraId: camera,
        from,
        to,
        thinned,
        ratio: newest === undefined ? null : newest.width_px / newest.height_px,
        ids: rows.map(({ id }) => id),
        at: rows.map(({ at }) => at),
        scores: rows.map(({ score }) => score),
        brightness: rows.map(({ measures }) => (JSON.parse(measures) as Record<string, number>).brightness ?? null),
        marks: rows.map(
          (row) =>
            (row.flagged === 1 ? MOMENT_MARKS.flagged : 0) +
            (row.picture === 'stored' ? MOMENT_MARKS.stored : 0) +
            (row.thumbnail === 'ready' ? MOMENT_MARKS.thumbnail : 0) +
            (row.due_at === null ? MOMENT_MARKS.manual : 0) +
            (row.excluded === 1 ? MOMENT_MARKS.excluded : 0),
        ),
      };
    },

    async sheetFrames(camera, ids) {
      const rows = await db
        .selectFrom('frames')
        .select(['id', 'type', 'picture', 'thumbnail', 'width_px', 'height_px'])
        .where('id', 'in', [...ids])
        .where('camera_id', '=', camera)
        .execute();
      return new Map(
        rows.map((row) => [
          row.id,
          {
            id: row.id,
            key: row.picture === 'stored' ? frameKey(row.id, row.type) : null,
            thumbnail: row.thumbnail === 'ready',
            widthPx: row.width_px,
            heightPx: row.height_px,
          },
        ]),
      );
    },
  };

  async function withSpans(timelapses: readonly WallTimelapse[]): Promise<WallTimelapse[]> {
    if (timelapses.length === 0) return [];
    const rows = await db
      .selectFrom('spans')
      .select('timelapse_id')
      .distinct()
      .where('timelapse_id', 'in', [...timelapses])
      .execute();
    return rows.map(({ timelapse_id: id }) => id);
  }
}
type WallTimelapse = NonNullable<WallItem['timelapse']>['id'];
