/** What an agent should do, and how it hears that this has changed. */
import type {
  AgentId,
  AgentSettings,
  CameraSettings,
  DeliverySettings,
  Schedule,
  TimelapseSettings,
} from '@slowlight/protocol';
import type { IngestRecords } from '../ports.ts';
import type { Change, Database } from './database.ts';

/** A completed timelapse stays in the settings for this long, so that its agent closes the span. */
const COMPLETED_STAYS_MS = 7 * 86_400_000;
/** The language takes 500 timelapses; those that run or are paused are at most one for each of 200 cameras. */
const MOST_COMPLETED = 300;
/** The most cameras of one agent that its settings can hold. */
export const MOST_CAMERAS = 200;

/**
 * Every change of what an agent should do begins with this, so that what it then reads stays true until its commit: of two
 * changes of one agent, the second waits for the first. SQLite has one writer at a time anyway.
 */
export async function lockAgent({ tx, dialect }: Change, agent: AgentId): Promise<void> {
  if (dialect === 'postgres') await tx.selectFrom('agents').select('id').where('id', '=', agent).forUpdate().execute();
}

/** Every change that concerns an agent ends with this. */
export async function makeSettingsNewer({ tx, tell }: Change, agent: AgentId): Promise<void> {
  const row = await tx
    .updateTable('agents')
    .set((eb) => ({ settings_version: eb('settings_version', '+', 1) }))
    .where('id', '=', agent)
    .returning('settings_version')
    .executeTakeFirst();
  if (row === undefined) return;
  tell({ type: 'settings.changed', body: { agentId: agent, version: row.settings_version } });
}

export function createSettings({ db, clock }: Database): Pick<IngestRecords, 'settingsOf'> {
  async function camerasOf(agent: AgentId): Promise<CameraSettings[]> {
    const rows = await db
      .selectFrom('cameras')
      .selectAll()
      .where('agent_id', '=', agent)
      .where('deleted_at', 'is', null)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      enabled: row.enabled === 1,
      source: JSON.parse(row.source) as CameraSettings['source'],
      credentials:
        row.sealed_password === null ? null : { username: row.username ?? '', sealedPassword: row.sealed_password },
      shape: JSON.parse(row.shape) as CameraSettings['shape'],
      quality: row.quality,
      judging: JSON.parse(row.judging) as CameraSettings['judging'],
    }));
  }

  async function timelapsesOf(agent: AgentId): Promise<TimelapseSettings[]> {
    const all = db
      .selectFrom('timelapses')
      .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
      .select(['timelapses.id', 'timelapses.camera_id', 'timelapses.name', 'timelapses.state', 'timelapses.schedule'])
      .where('cameras.agent_id', '=', agent);
    const active = await all
      .where('timelapses.state', '!=', 'completed')
      .orderBy('timelapses.started_at')
      .orderBy('timelapses.id')
      .execute();
    const completed = await all
      .where('timelapses.state', '=', 'completed')
      .where('timelapses.completed_at', '>=', clock.now() - COMPLETED_STAYS_MS)
      .orderBy('timelapses.completed_at', 'desc')
      .orderBy('timelapses.id')
      .limit(MOST_COMPLETED)
      .execute();
    return [...active, ...completed].map((row) => ({
      id: row.id,
      cameraId: row.camera_id,
      name: row.name,
      state: row.state,
      schedule: JSON.parse(row.schedule) as Schedule,
      firstAtOnce: true,
    }));
  }

  return {
    async settingsOf(agent): Promise<AgentSettings | null> {
      // The version is read first: what comes between makes the settings newer than it says, and is said again.
      const row = await db
        .selectFrom('agents')
        .innerJoin('sites', 'sites.id', 'agents.site_id')
        .select(['agents.settings_version', 'sites.id as site_id', 'sites.name', 'sites.time_zone', 'agents.delivery'])
        .where('agents.id', '=', agent)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        v: 1,
        type: 'settings',
        agentId: agent,
        version: row.settings_version,
        siteId: row.site_id,
        siteName: row.name,
        timeZone: row.time_zone,
        cameras: await camerasOf(agent),
        timelapses: await timelapsesOf(agent),
        ...(row.delivery !== null && { delivery: JSON.parse(row.delivery) as DeliverySettings }),
      };
    },
  };
}
