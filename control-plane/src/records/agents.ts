import { type AgentId, type AgentView, credentialId, newAgentId, type SiteId } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { PlaceRecords } from '../ports.ts';
import type { Change, Database } from './database.ts';
import { giveUpAgent } from './ledger.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { AgentsTable } from './schema.ts';
import { lockAgent, makeSettingsNewer } from './settings.ts';
import { agentsOfSites } from './site-of.ts';

type Agents = Pick<PlaceRecords, 'agents' | 'agent' | 'createAgent' | 'changeAgent' | 'retireAgent' | 'agentPublicKey'>;

const view = (row: Selectable<AgentsTable>): AgentView => ({
  id: row.id,
  siteId: row.site_id,
  name: row.name,
  state: row.state,
  stateSince: row.state_since,
  version: row.version,
  settingsVersion: row.settings_version,
  settingsApplied: row.settings_applied,
  canSeal: row.public_key !== null,
  device: row.device === null ? null : (JSON.parse(row.device) as AgentView['device']),
  delivery: row.delivery === null ? null : (JSON.parse(row.delivery) as AgentView['delivery']),
  revokedAt: row.revoked_at,
  cloneSuspected:
    row.clone_suspected_at === null ? null : { at: row.clone_suspected_at, reason: row.clone_reason ?? 'conflict' },
  createdAt: row.created_at,
  retiredAt: row.retired_at,
});

/** The programs beside the cameras, oldest first. Their secrets are known by hash alone. */
export function createAgents({ db, change }: Database): Agents {
  return {
    async agents({ after, limit, sites }) {
      const key = readPageKey(after);
      let query = db.selectFrom('agents').selectAll().orderBy('created_at').orderBy('id');
      if (sites !== undefined) query = query.where('id', 'in', agentsOfSites(db, sites));
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '>', tuple(key.at, key.id as AgentId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view });
    },

    async agent(id) {
      const row = await db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : view(row);
    },

    createAgent: (input) =>
      change(async (within) => {
        const { tx, now } = within;
        const site = await tx.selectFrom('sites').select('id').where('id', '=', input.siteId).executeTakeFirst();
        if (site === undefined) throw notFound('site', input.siteId);
        const row = await insertAgent(within, input);
        await tx
          .insertInto('agent_credentials')
          .values({
            // Named after the agent, as the migration named those of the agents before it.
            id: credentialId.parse(row.id.replace('agt-', 'crd-')),
            agent_id: row.id,
            secret_hash: input.secretHash,
            broker_hash: input.brokerHash ?? null,
            made_by: 'creation',
            made_at: now,
          })
          .execute();
        return view(row);
      }),

    changeAgent: (id, { name, delivery }) =>
      change(async (within) => {
        const { tx, tell } = within;
        await lockAgent(within, id);
        const before = await tx.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
        if (before === undefined) return null;
        const limits = delivery === undefined || delivery === null ? delivery : JSON.stringify(delivery);
        const row = await tx
          .updateTable('agents')
          .set({ name: name ?? before.name, ...(limits !== undefined && { delivery: limits }) })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        tell({ type: 'agent.changed', body: { agentId: id, change: 'changed' } });
        if (row.delivery === before.delivery) return view(row);
        await makeSettingsNewer(within, id);
        return view({ ...row, settings_version: row.settings_version + 1 });
      }),

    retireAgent: (id) =>
      change(async (within) => {
        const { tx, tell, now } = within;
        await lockAgent(within, id);
        const row = await tx
          .updateTable('agents')
          .set({ retired_at: now, state: 'offline', state_since: now, session: null })
          .where('id', '=', id)
          .where('retired_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) {
          const known = await tx.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
          return known === undefined ? null : view(known);
        }
        await completeAll(within, id);
        await giveUpAgent(within, id);
        tell({ type: 'agent.changed', body: { agentId: id, change: 'changed' } });
        return view(row);
      }),

    async agentPublicKey(id) {
      const row = await db.selectFrom('agents').select('public_key').where('id', '=', id).executeTakeFirst();
      return row?.public_key ?? null;
    },
  };
}

/** A new agent; its credential is for whoever made it to add. */
export async function insertAgent(
  { tx, now, tell }: Change,
  { siteId, name, secretHash }: { siteId: SiteId; name: string; secretHash: string },
): Promise<Selectable<AgentsTable>> {
  const row = await tx
    .insertInto('agents')
    .values({
      id: newAgentId(),
      site_id: siteId,
      name,
      secret_hash: secretHash,
      state: 'never-seen',
      past_sessions: '[]',
      settings_version: 1,
      settings_applied: 0,
      device_seq: 0,
      recorded_up_to: 0,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  tell({ type: 'agent.changed', body: { agentId: row.id, change: 'created' } });
  tell({ type: 'settings.changed', body: { agentId: row.id, version: row.settings_version } });
  return row;
}

/** Completes what an agent still had to do. */
async function completeAll({ tx, now, tell }: Change, agent: AgentId): Promise<void> {
  const active = await tx
    .selectFrom('timelapses')
    .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
    .select(['timelapses.id', 'timelapses.camera_id'])
    .where('cameras.agent_id', '=', agent)
    .where('timelapses.state', '!=', 'completed')
    .execute();
  for (const { id, camera_id: cameraId } of active) {
    await tx.updateTable('timelapses').set({ state: 'completed', completed_at: now }).where('id', '=', id).execute();
    tell({ type: 'timelapse.completed', body: { timelapseId: id, cameraId } });
  }
}
