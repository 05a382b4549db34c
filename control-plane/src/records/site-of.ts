import type {
  AgentId,
  AlarmId,
  CameraId,
  CommandId,
  EnrolmentId,
  FrameId,
  ShareId,
  SiteId,
  TimelapseId,
  VideoId,
} from '@slowlight/protocol';
import type { Kysely } from 'kysely';
import type { WhereRecords } from '../ports-people.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

/** To which site a thing belongs: over its timelapse, its camera, its agent. */
export function createSiteOf({ db }: Database): WhereRecords {
  const agents = () => db.selectFrom('agents').select('agents.site_id');
  const cameras = () => agents().innerJoin('cameras', 'cameras.agent_id', 'agents.id');
  const timelapses = () => cameras().innerJoin('timelapses', 'timelapses.camera_id', 'cameras.id');
  const find = {
    site: (id: string) =>
      db
        .selectFrom('sites')
        .select('sites.id as site_id')
        .where('id', '=', id as SiteId),
    agent: (id: string) => agents().where('agents.id', '=', id as AgentId),
    camera: (id: string) => cameras().where('cameras.id', '=', id as CameraId),
    timelapse: (id: string) => timelapses().where('timelapses.id', '=', id as TimelapseId),
    frame: (id: string) =>
      agents()
        .innerJoin('frames', 'frames.agent_id', 'agents.id')
        .where('frames.id', '=', id as FrameId),
    video: (id: string) =>
      timelapses()
        .innerJoin('videos', 'videos.timelapse_id', 'timelapses.id')
        .where('videos.id', '=', id as VideoId),
    command: (id: string) =>
      agents()
        .innerJoin('commands', 'commands.agent_id', 'agents.id')
        .where('commands.id', '=', id as CommandId),
    share: (id: string) =>
      timelapses()
        .innerJoin('shares', 'shares.timelapse_id', 'timelapses.id')
        .where('shares.id', '=', id as ShareId),
    enrolment: (id: string) =>
      db
        .selectFrom('enrolments')
        .select('enrolments.site_id')
        .where('enrolments.id', '=', id as EnrolmentId),
    alarm: (id: string) =>
      db
        .selectFrom('alarms')
        .select('alarms.site_id')
        .where('alarms.id', '=', id as AlarmId),
  };
  return {
    siteOf: async (kind, id) => (await find[kind](id).executeTakeFirst())?.site_id ?? null,
  };
}

/** The agents of these sites, for lists that show only them. No site at all: no agent. */
export const agentsOfSites = (db: Kysely<Tables>, sites: readonly SiteId[]) =>
  db
    .selectFrom('agents as seen')
    .select('seen.id')
    .where('seen.site_id', 'in', sites.length === 0 ? ['' as SiteId] : [...sites]);

export const timelapsesOfSites = (db: Kysely<Tables>, sites: readonly SiteId[]) =>
  db
    .selectFrom('timelapses as placed')
    .innerJoin('cameras as watching', 'watching.id', 'placed.camera_id')
    .select('placed.id')
    .where('watching.agent_id', 'in', agentsOfSites(db, sites));
