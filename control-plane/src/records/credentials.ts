/**
 * With what agents come in. Promise: what is revoked is so for ever; at most two credentials of an agent are good at once,
 * the one it uses and the one it was handed.
 */
import type { CredentialView } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { AgentLogin } from '../ports.ts';
import type { EnrolmentRecords } from '../ports-enrolment.ts';
import type { Database } from './database.ts';
import { giveUpAgent } from './ledger.ts';
import { notFound } from './not-found.ts';
import { noteAboutAgent } from './own-changes.ts';
import type { AgentCredentialsTable } from './schema-enrolment.ts';
import { lockAgent } from './settings.ts';

type Credentials = Pick<
  EnrolmentRecords,
  | 'credentials'
  | 'addCredential'
  | 'agentsWithOldCredentials'
  | 'takeBackRotations'
  | 'revokeAgent'
  | 'shutOutAgents'
  | 'clearClone'
> & { agentLogins(): Promise<AgentLogin[]> };

const view = (row: Selectable<AgentCredentialsTable>): CredentialView => ({
  id: row.id,
  madeBy: row.made_by,
  madeAt: row.made_at,
  usedAt: row.used_at,
  revokedAt: row.revoked_at,
});

export function createCredentials({ db, change }: Database): Credentials {
  const good = () =>
    db
      .selectFrom('agent_credentials')
      .innerJoin('agents', 'agents.id', 'agent_credentials.agent_id')
      .where('agent_credentials.revoked_at', 'is', null)
      .where('agents.revoked_at', 'is', null)
      .where('agents.retired_at', 'is', null)
      .orderBy('agent_credentials.agent_id')
      .orderBy('agent_credentials.made_at');

  return {
    async agentLogins() {
      const rows = await good()
        .select(['agent_credentials.agent_id', 'agent_credentials.secret_hash', 'agent_credentials.broker_hash'])
        .execute();
      return rows.map((row) => ({
        agentId: row.agent_id,
        secretHash: row.secret_hash,
        ...(row.broker_hash !== null && { brokerHash: row.broker_hash }),
      }));
    },

    async credentials(agent) {
      const rows = await db
        .selectFrom('agent_credentials')
        .selectAll()
        .where('agent_id', '=', agent)
        .orderBy('made_at', 'desc')
        .orderBy('id')
        .limit(100)
        .execute();
      return rows.map(view);
    },

    addCredential: (agent, credential, { ofAge = false } = {}) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        await lockAgent(within, agent);
        const found = await tx
          .selectFrom('agents')
          .select('id')
          .where('id', '=', agent)
          .where('revoked_at', 'is', null)
          .where('retired_at', 'is', null)
          .executeTakeFirst();
        if (found === undefined) throw notFound('agent', agent);
        await tx
          .updateTable('agent_credentials')
          .set({ revoked_at: now })
          .where('agent_id', '=', agent)
          .where('made_by', '=', 'rotation')
          .where('used_at', 'is', null)
          .where('revoked_at', 'is', null)
          .execute();
        const row = await tx
          .insertInto('agent_credentials')
          .values({
            id: credential.id,
            agent_id: agent,
            secret_hash: credential.secretHash,
            broker_hash: credential.brokerHash,
            made_by: 'rotation',
            made_at: now,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        if (ofAge)
          await noteAboutAgent(within, agent, {
            by: 'system',
            action: 'agent: another credential is handed out, the one before has had its days',
            before: null,
            after: { credential: row.id },
          });
        tell({ type: 'agent.changed', body: { agentId: agent, change: 'changed' } });
        return view(row);
      }),

    async agentsWithOldCredentials(before) {
      const rows = await db
        .selectFrom('agents')
        .innerJoin('agent_credentials', 'agent_credentials.agent_id', 'agents.id')
        .select('agents.id')
        .where('agents.state', '=', 'online')
        .where('agents.revoked_at', 'is', null)
        .where('agent_credentials.revoked_at', 'is', null)
        .groupBy('agents.id')
        .having((eb) => eb(eb.fn.max('agent_credentials.made_at'), '<', before))
        .orderBy('agents.id')
        .execute();
      return rows.map((row) => row.id);
    },

    takeBackRotations: (before) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        const rows = await tx
          .updateTable('agent_credentials')
          .set({ revoked_at: now })
          .where('made_by', '=', 'rotation')
          .where('used_at', 'is', null)
          .where('revoked_at', 'is', null)
          .where('made_at', '<', before)
          .returning(['agent_id', 'id'])
          .execute();
        for (const row of rows)
          await noteAboutAgent(within, row.agent_id, {
            by: 'system',
            action: 'agent: a credential that it did not use is taken back',
            before: { credential: row.id },
            after: null,
          });
        for (const row of rows) tell({ type: 'agent.changed', body: { agentId: row.agent_id, change: 'changed' } });
        return rows.map((row) => row.agent_id);
      }),

    revokeAgent: (agent, { giveUpSlots }) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        await lockAgent(within, agent);
        const found = await tx
          .updateTable('agents')
          .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(now)) }))
          .where('id', '=', agent)
          .returning('id')
          .executeTakeFirst();
        if (found === undefined) return false;
        await tx
          .updateTable('agents')
          .set({ state: 'offline', state_since: now, session: null })
          .where('id', '=', agent)
          .where('state', '=', 'online')
          .execute();
        await tx
          .updateTable('agent_credentials')
          .set({ revoked_at: now })
          .where('agent_id', '=', agent)
          .where('revoked_at', 'is', null)
          .execute();
        // A replacement that was handed out and not used is void too.
        await tx
          .updateTable('enrolments')
          .set({ state: 'cancelled', answer: null })
          .where((eb) => eb.or([eb('replaces', '=', agent), eb('agent_id', '=', agent)]))
          .where('state', 'in', ['open', 'waiting', 'accepted', 'fetched'])
          .execute();
        if (giveUpSlots) await giveUpAgent(within, agent, 'agent-revoked');
        tell({ type: 'agent.revoked', body: { agentId: agent } });
        tell({ type: 'agent.changed', body: { agentId: agent, change: 'changed' } });
        return true;
      }),

    async shutOutAgents() {
      const rows = await db
        .selectFrom('agents')
        .select('id')
        .where((eb) => eb.or([eb('revoked_at', 'is not', null), eb('retired_at', 'is not', null)]))
        .execute();
      return rows.map((row) => row.id);
    },

    clearClone: (agent) =>
      change(async ({ tx, tell }) => {
        const { numUpdatedRows } = await tx
          .updateTable('agents')
          .set({ clone_suspected_at: null, clone_reason: null })
          .where('id', '=', agent)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        tell({ type: 'agent.changed', body: { agentId: agent, change: 'changed' } });
        return true;
      }),
  };
}
