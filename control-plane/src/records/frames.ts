import { type CameraId, type FrameId, type FrameView, frameKey, type TimelapseId } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { FramePicture } from '../frame.ts';
import type { FrameRecords } from '../ports.ts';
import type { Database } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import { readFacts } from './record-weather.ts';
import type { FramesTable } from './schema.ts';
import { agentsOfSites } from './site-of.ts';

type Row = Selectable<FramesTable>;

const view = (row: Row): FrameView => ({
  id: row.id,
  cameraId: row.camera_id,
  timelapseId: row.timelapse_id,
  dueAt: row.due_at,
  takenAt: row.taken_at,
  takenAtSaid: row.taken_at_said,
  clock: row.clock,
  clockSource: row.clock_source,
  ageAtSlotMs: row.age_at_slot_ms,
  widthPx: row.width_px,
  heightPx: row.height_px,
  sizeBytes: row.size_bytes,
  sha256: row.sha256,
  score: row.score,
  faults: JSON.parse(row.faults) as FrameView['faults'],
  measures: JSON.parse(row.measures) as FrameView['measures'],
  flagged: row.flagged === 1,
  excluded: row.excluded === 1,
  picture: row.picture,
  thumbnail: row.thumbnail,
  weather: readFacts(row.weather),
  recordedAt: row.recorded_at,
});

export const PICTURE_COLUMNS = [
  'frames.id',
  'frames.agent_id',
  'frames.camera_id',
  'frames.timelapse_id',
  'frames.type',
  'frames.size_bytes',
  'frames.sha256',
  'frames.width_px',
  'frames.height_px',
] as const;
export const pictureOf = (row: {
  id: FrameId;
  agent_id: Row['agent_id'];
  camera_id: CameraId;
  timelapse_id: TimelapseId | null;
  type: Row['type'];
  size_bytes: number;
  sha256: string;
  width_px: number;
  height_px: number;
}): FramePicture => ({
  frameId: row.id,
  agentId: row.agent_id,
  cameraId: row.camera_id,
  timelapseId: row.timelapse_id,
  key: frameKey(row.id, row.type),
  type: row.type,
  sizeBytes: row.size_bytes,
  sha256: row.sha256,
  widthPx: row.width_px,
  heightPx: row.height_px,
});

/** Frames by where they are filed: by slot, or by when they were taken by hand. */
export function createFrames({
  db,
}: Database): Pick<FrameRecords, 'frames' | 'frame' | 'framePicture' | 'recentFrameSize'> {
  return {
    async frames({ cameraId, timelapseId, from, to, flagged, excluded, sites, order, after, limit }) {
      const key = readPageKey(after);
      const direction = order === 'newest' ? 'desc' : 'asc';
      let query = db.selectFrom('frames').selectAll().orderBy('at', direction).orderBy('id', direction);
      if (sites !== undefined) query = query.where('agent_id', 'in', agentsOfSites(db, sites));
      if (cameraId !== undefined) query = query.where('camera_id', '=', cameraId);
      if (timelapseId !== undefined) query = query.where('timelapse_id', '=', timelapseId);
      if (from !== undefined) query = query.where('at', '>=', from);
      if (to !== undefined) query = query.where('at', '<', to);
      // Written out, so that an engine sees that the index of flagged frames fits.
      if (flagged !== undefined) query = query.where('flagged', '=', sql.lit(flagged === 'true' ? 1 : 0));
      if (excluded !== undefined) query = query.where('excluded', '=', sql.lit(excluded === 'true' ? 1 : 0));
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('at', 'id'), order === 'newest' ? '<' : '>', tuple(key.at, key.id as FrameId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.at, id: row.id }), view });
    },

    async frame(id) {
      const row = await db.selectFrom('frames').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : view(row);
    },

    async recentFrameSize(camera, most) {
      const recent = db
        .selectFrom('frames')
        .select('size_bytes')
        .where('camera_id', '=', camera)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(most)
        .as('recent');
      const row = await db
        .selectFrom(recent)
        .select((eb) => [eb.fn.countAll<number>().as('frames'), eb.fn.sum<number | null>('size_bytes').as('bytes')])
        .executeTakeFirst();
      const frames = Number(row?.frames ?? 0);
      return frames === 0 ? null : { frames, meanBytes: Math.round(Number(row?.bytes ?? 0) / frames) };
    },

    async framePicture(id) {
      const row = await db.selectFrom('frames').select(PICTURE_COLUMNS).where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : pictureOf(row);
    },
  };
}
