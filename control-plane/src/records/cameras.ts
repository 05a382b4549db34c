import type { CameraId, CameraView, FrameId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Kysely } from 'kysely';
import type { CameraWrite, PlaceRecords } from '../ports.ts';
import type { Database } from './database.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Flag, Tables } from './schema.ts';
import { lockAgent, MOST_CAMERAS, makeSettingsNewer } from './settings.ts';
import { agentsOfSites } from './site-of.ts';
import { nextDueOf } from './spans.ts';

type Cameras = Pick<PlaceRecords, 'cameras' | 'camera' | 'createCamera' | 'changeCamera' | 'deleteCamera'>;

/** Cameras with their newest picture and the timelapse that runs or is paused. */
const selectCameras = (db: Kysely<Tables>) =>
  db
    .selectFrom('cameras')
    .innerJoin('agents', 'agents.id', 'cameras.agent_id')
    .leftJoin('frames', 'frames.id', 'cameras.newest_frame_id')
    .leftJoin('timelapses', (join) =>
      join.onRef('timelapses.camera_id', '=', 'cameras.id').on('timelapses.state', 'in', ['running', 'paused']),
    )
    .selectAll('cameras')
    .select([
      'agents.site_id',
      'frames.at as newest_frame_at',
      'frames.thumbnail as newest_thumbnail',
      'timelapses.id as timelapse_id',
      'timelapses.state as timelapse_state',
    ])
    .where('cameras.deleted_at', 'is', null);
type Row = Awaited<ReturnType<ReturnType<typeof selectCameras>['execute']>>[number];

const newestOf = (id: FrameId | null, row: Row): CameraView['newest'] =>
  id === null || row.newest_frame_at === null
    ? null
    : { frameId: id, at: row.newest_frame_at, thumbnail: row.newest_thumbnail === 'ready' };

const view =
  (nextDue: Awaited<ReturnType<typeof nextDueOf>>) =>
  (row: Row): CameraView => ({
    id: row.id,
    agentId: row.agent_id,
    siteId: row.site_id,
    name: row.name,
    enabled: row.enabled === 1,
    source: JSON.parse(row.source) as CameraView['source'],
    username: row.username,
    hasPassword: row.sealed_password !== null,
    passwordStale: row.sealed_password !== null && row.password_stale === 1,
    shape: JSON.parse(row.shape) as CameraView['shape'],
    quality: row.quality,
    judging: JSON.parse(row.judging) as CameraView['judging'],
    health: row.health,
    healthCode: row.health_code,
    healthHint: row.health_hint,
    newest: newestOf(row.newest_frame_id, row),
    timelapseId: row.timelapse_id,
    timelapseState: row.timelapse_state,
    nextDueAt: row.timelapse_id === null ? null : (nextDue.get(row.timelapse_id) ?? null),
    createdAt: row.created_at,
  });

/** Picture sources, oldest first. A deleted one is no longer shown; its frames and timelapses stay. */
export function createCameras({ db, clock, change }: Database): Cameras {
  async function viewsOf(within: Kysely<Tables>, rows: readonly Row[]): Promise<(row: Row) => CameraView> {
    const running = rows.flatMap((row) =>
      row.timelapse_id !== null && row.timelapse_state === 'running' ? [row.timelapse_id] : [],
    );
    return view(await nextDueOf(within, running, clock.now()));
  }

  async function cameraIn(within: Kysely<Tables>, id: CameraId): Promise<CameraView | null> {
    const row = await selectCameras(within).where('cameras.id', '=', id).executeTakeFirst();
    return row === undefined ? null : (await viewsOf(within, [row]))(row);
  }

  return {
    async cameras({ after, limit, siteId, agentId, sites }) {
      const key = readPageKey(after);
      let query = selectCameras(db).orderBy('cameras.created_at').orderBy('cameras.id');
      if (sites !== undefined) query = query.where('cameras.agent_id', 'in', agentsOfSites(db, sites));
      if (siteId !== undefined) query = query.where('agents.site_id', '=', siteId);
      if (agentId !== undefined) query = query.where('cameras.agent_id', '=', agentId);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('cameras.created_at', 'cameras.id'), '>', tuple(key.at, key.id as CameraId)),
        );
      const rows = await query.limit(limit + 1).execute();
      const keyOf = (row: Row) => ({ at: row.created_at, id: row.id });
      return pageOf(rows, { limit, keyOf, view: await viewsOf(db, rows.slice(0, limit)) });
    },

    camera: (id) => cameraIn(db, id),

    createCamera: (id, agentId, input) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        const agent = await tx.selectFrom('agents').select('id').where('id', '=', agentId).executeTakeFirst();
        if (agent === undefined) throw notFound('agent', agentId);
        await lockAgent(within, agentId);
        const { count } = await tx
          .selectFrom('cameras')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('agent_id', '=', agentId)
          .where('deleted_at', 'is', null)
          .executeTakeFirstOrThrow();
        if (count >= MOST_CAMERAS) throw tooMany();
        await tx
          .insertInto('cameras')
          .values({ id, agent_id: agentId, ...columnsOf(input), health: 'unknown', health_seq: 0, created_at: now })
          .execute();
        await makeSettingsNewer(within, agentId);
        tell({ type: 'camera.changed', body: { cameraId: id, change: 'created' } });
        return (await cameraIn(tx, id)) ?? Promise.reject(notFound('camera', id));
      }),

    changeCamera: (id, input) =>
      change(async (within) => {
        const { tx, tell } = within;
        const found = await tx
          .selectFrom('cameras')
          .select('agent_id')
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .executeTakeFirst();
        if (found === undefined) return null;
        const columns = columnsOf(input);
        if (Object.keys(columns).length > 0) {
          await makeSettingsNewer(within, found.agent_id);
          await tx.updateTable('cameras').set(columns).where('id', '=', id).execute();
          tell({ type: 'camera.changed', body: { cameraId: id, change: 'changed' } });
        }
        return cameraIn(tx, id);
      }),

    deleteCamera: (id) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        const find = () => selectCameras(tx).where('cameras.id', '=', id).executeTakeFirst();
        const agent = (await find())?.agent_id;
        if (agent !== undefined) await lockAgent(within, agent);
        const found = await find();
        if (found === undefined) return false;
        if (found.timelapse_id !== null) throw inUse();
        await makeSettingsNewer(within, found.agent_id);
        // The password goes at once: nobody will need it again.
        await tx.updateTable('cameras').set({ deleted_at: now, sealed_password: null }).where('id', '=', id).execute();
        tell({ type: 'camera.changed', body: { cameraId: id, change: 'deleted' } });
        return true;
      }),
  };
}

interface CameraColumns {
  name: string;
  enabled: Flag;
  source: string;
  username: string | null;
  sealed_password: string | null;
  password_stale: 0;
  shape: string;
  quality: number;
  judging: string;
}
/** The columns of what is given, and only of that. */
function columnsOf(write: CameraWrite): CameraColumns;
function columnsOf(write: Partial<CameraWrite>): Partial<CameraColumns>;
function columnsOf(write: Partial<CameraWrite>): Partial<CameraColumns> {
  return {
    ...(write.name === undefined ? {} : { name: write.name }),
    ...(write.enabled === undefined ? {} : { enabled: write.enabled ? 1 : 0 }),
    ...(write.source === undefined ? {} : { source: JSON.stringify(write.source) }),
    ...(write.username === undefined ? {} : { username: write.username }),
    ...(write.sealedPassword === undefined ? {} : { sealed_password: write.sealedPassword, password_stale: 0 }),
    ...(write.shape === undefined ? {} : { shape: JSON.stringify(write.shape) }),
    ...(write.quality === undefined ? {} : { quality: write.quality }),
    ...(write.judging === undefined ? {} : { judging: JSON.stringify(write.judging) }),
  };
}

const inUse = () =>
  new Failure({
    code: 'camera.in-use',
    message: 'This camera has a timelapse that runs or is paused.',
    hint: 'Complete its timelapse first; its frames stay in any case.',
    retry: 'never',
  });
const tooMany = () =>
  new Failure({
    code: 'agent.too-many-cameras',
    message: `This agent already has ${MOST_CAMERAS} cameras.`,
    hint: 'Delete a camera that is no longer needed, or set up a second agent.',
    retry: 'never',
  });
