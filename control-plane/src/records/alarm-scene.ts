import type { AgentView } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { AlarmRecords, FreeSpace } from '../ports-alarms.ts';
import type { Database } from './database.ts';

type Scene = Pick<
  AlarmRecords,
  'alarmScene' | 'newestVerdicts' | 'flaggedShare' | 'bestFrame' | 'noteFreeSpace' | 'freeSpaces'
>;

/** Work that failed longer ago is no news. */
const RECENT_MS = 7 * 86_400_000;
/** So far back free space is remembered. */
const KEEP_SPACES_MS = 7 * 86_400_000;

/** What alarms are told from. */
export function createAlarmScene({ db, clock, change }: Database): Scene {
  const agents = () =>
    db
      .selectFrom('agents')
      .select(['id', 'site_id', 'name', 'state', 'state_since', 'clone_suspected_at', 'clone_reason', 'device'])
      .where('retired_at', 'is', null)
      .where('revoked_at', 'is', null)
      .execute();
  const cameras = () =>
    db
      .selectFrom('cameras')
      .innerJoin('agents', 'agents.id', 'cameras.agent_id')
      .innerJoin('timelapses', 'timelapses.camera_id', 'cameras.id')
      .select(['cameras.id', 'agents.site_id', 'cameras.agent_id', 'cameras.name'])
      .select(['cameras.health', 'cameras.health_code', 'cameras.health_hint'])
      .where('cameras.deleted_at', 'is', null)
      .where('cameras.enabled', '=', 1)
      .where('timelapses.state', '=', 'running')
      .where('agents.retired_at', 'is', null)
      .execute();
  const failedFilms = (since: number) =>
    db
      .selectFrom('videos')
      .innerJoin('timelapses', 'timelapses.id', 'videos.timelapse_id')
      .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
      .innerJoin('agents', 'agents.id', 'cameras.agent_id')
      .select(['videos.timelapse_id', 'agents.site_id', 'timelapses.name'])
      .select(({ fn }) => [fn.countAll<number>().as('films'), fn.max('videos.reason').as('reason')])
      .where('videos.state', '=', 'failed')
      .where('videos.created_at', '>=', since)
      .groupBy(['videos.timelapse_id', 'agents.site_id', 'timelapses.name'])
      .execute();

  return {
    async alarmScene() {
      const since = clock.now() - RECENT_MS;
      const dead = await db
        .selectFrom('jobs')
        .select(({ fn }) => fn.countAll<number>().as('jobs'))
        .where('state', '=', 'dead')
        .where('created_at', '>=', since)
        .executeTakeFirstOrThrow();
      const paused = await db
        .selectFrom('webhooks')
        .select(['id', 'name', 'paused_reason'])
        .where('paused_at', 'is not', null)
        .execute();
      return {
        agents: (await agents()).map((row) => ({
          id: row.id,
          siteId: row.site_id,
          name: row.name,
          state: row.state,
          stateSince: row.state_since,
          clone: row.clone_suspected_at === null ? null : (row.clone_reason ?? 'conflict'),
          device: row.device === null ? null : (JSON.parse(row.device) as AgentView['device']),
        })),
        cameras: (await cameras()).map((row) => ({
          id: row.id,
          siteId: row.site_id,
          agentId: row.agent_id,
          name: row.name,
          health: row.health,
          code: row.health_code,
          hint: row.health_hint,
        })),
        failedFilms: (await failedFilms(since)).map((row) => ({
          timelapseId: row.timelapse_id,
          siteId: row.site_id,
          name: row.name,
          films: Number(row.films),
          reason: row.reason,
        })),
        deadJobs: Number(dead.jobs),
        pausedWebhooks: paused.map((row) => ({ id: row.id, name: row.name, reason: row.paused_reason })),
      };
    },

    async newestVerdicts(camera, most, since) {
      const rows = await db
        .selectFrom('frames')
        .select(['flagged', 'faults'])
        .where('camera_id', '=', camera)
        .where('at', '>=', since)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(most)
        .execute();
      return rows.map((row) => ({ flagged: row.flagged === 1, faults: JSON.parse(row.faults) as string[] }));
    },

    async flaggedShare(camera, from) {
      const row = await db
        .selectFrom('frames')
        .select(({ fn }) => [fn.countAll<number>().as('frames'), fn.sum<number>('flagged').as('flagged')])
        .where('camera_id', '=', camera)
        .where('at', '>=', from)
        .executeTakeFirstOrThrow();
      return { frames: Number(row.frames), flagged: Number(row.flagged ?? 0) };
    },

    async bestFrame(timelapse, from, to) {
      const row = await db
        .selectFrom('frames')
        .select(['id', 'at'])
        .where('timelapse_id', '=', timelapse)
        .where('at', '>=', from)
        .where('at', '<', to)
        .where('picture', '=', 'stored')
        .where('thumbnail', '=', 'ready')
        .orderBy('flagged')
        .orderBy('score', 'desc')
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ?? null;
    },

    noteFreeSpace: (subject, { at, freeBytes }) =>
      change(async ({ tx }) => {
        await tx
          .insertInto('free_spaces')
          .values({ subject, at, free_bytes: Math.round(freeBytes) })
          .onConflict((conflict) => conflict.columns(['subject', 'at']).doNothing())
          .execute();
        await tx
          .deleteFrom('free_spaces')
          .where('at', '<', at - KEEP_SPACES_MS)
          .execute();
      }),

    async freeSpaces() {
      const rows = await db.selectFrom('free_spaces').selectAll().orderBy(sql`at`).execute();
      const found = new Map<string, FreeSpace[]>();
      for (const { subject, at, free_bytes: freeBytes } of rows)
        found.set(subject, [...(found.get(subject) ?? []), { at, freeBytes }]);
      return found;
    },
  };
}
