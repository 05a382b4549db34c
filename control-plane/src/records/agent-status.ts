/**
 * Promise: an agent is shown as its newest connection says. Sessions have no order of their own, so the ones that came
 * before are remembered, and what an old one says (its will, mostly) changes nothing.
 */
import type { AgentStatus, SessionId } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { IngestRecords } from '../ports.ts';
import type { Change, Database } from './database.ts';
import { noteBoot, noteCredential, noteKey } from './identity-signs.ts';
import type { AgentsTable } from './schema.ts';

const MOST_PAST_SESSIONS = 20;

type Known = Pick<Selectable<AgentsTable>, 'state' | 'session' | 'session_sent_at' | 'past_sessions'>;

/** Whether a status speaks for the newest session that the records know of, or for a newer one. */
export function isNews(known: Known, status: AgentStatus): boolean {
  const past = JSON.parse(known.past_sessions) as SessionId[];
  if (past.includes(status.session)) return false;
  if (status.body.status === 'online') return true;
  if (status.session === known.session) return !(status.body.status === 'offline' && known.state === 'stopped');
  // A session that was never seen online ended: an old one that outlived its end, unless the agent's clock says otherwise.
  return known.state !== 'online' || status.sentAt >= (known.session_sent_at ?? 0);
}

type Status = Pick<IngestRecords, 'recordStatus' | 'onlineAgents' | 'agentGone'>;

export function createAgentStatus({ db, change, dialect }: Database): Status {
  return {
    onlineAgents: () =>
      db
        .selectFrom('agents')
        .select(['id as agentId', 'session'])
        .where('state', '=', 'online')
        .orderBy('id')
        .execute(),

    agentGone: (agent, session) =>
      change(async ({ tx, now, tell }) => {
        const { numUpdatedRows } = await tx
          .updateTable('agents')
          .set({ state: 'offline', state_since: now })
          .where('id', '=', agent)
          .where('state', '=', 'online')
          .where('session', session === null ? 'is' : '=', session)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) tell({ type: 'agent.offline', body: { agentId: agent } });
      }),

    recordStatus: (agent, status) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        let query = tx.selectFrom('agents').selectAll().where('id', '=', agent);
        if (dialect === 'postgres') query = query.forUpdate();
        const known = await query.executeTakeFirst();
        if (known === undefined || !isNews(known, status)) return;
        const isNewSession = status.session !== known.session;
        const state = status.body.status;
        await tx
          .updateTable('agents')
          .set({
            state,
            ...(state === known.state ? {} : { state_since: now }),
            ...(isNewSession
              ? {
                  session: status.session,
                  session_sent_at: status.sentAt,
                  past_sessions: JSON.stringify(pastOf(known)),
                }
              : {}),
          })
          .where('id', '=', agent)
          .execute();
        if (status.body.status === 'online') await learn(within, known, status.body, isNewSession);
        if (state === known.state) return;
        if (state === 'online') tell({ type: 'agent.online', body: { agentId: agent } });
        else if (state === 'offline') tell({ type: 'agent.offline', body: { agentId: agent } });
        else tell({ type: 'agent.stopped', body: { agentId: agent } });
      }),
  };
}

function pastOf(known: Known): SessionId[] {
  const past = JSON.parse(known.past_sessions) as SessionId[];
  return known.session === null ? past : [known.session, ...past].slice(0, MOST_PAST_SESSIONS);
}

type Online = Extract<AgentStatus['body'], { status: 'online' }>;

/** What an agent says of itself when it connects. */
async function learn(
  within: Change,
  known: Selectable<AgentsTable>,
  { version, publicKey, settingsVersion, credentialId, bootId }: Online,
  isNewSession: boolean,
): Promise<void> {
  const { tx, tell } = within;
  await noteCredential(within, known.id, { credentialId, bootId });
  await noteKey(within, known, publicKey);
  if (isNewSession) await noteBoot(within, known.id, bootId);
  // Within a session the copy that is kept by the broker may be older than what the agent has reported since.
  const applied = isNewSession ? settingsVersion : Math.max(settingsVersion, known.settings_applied);
  const agentId = known.id;
  await tx
    .updateTable('agents')
    .set({ version, public_key: publicKey, settings_applied: applied })
    .where('id', '=', agentId)
    .execute();
  if (version !== known.version || publicKey !== known.public_key)
    tell({ type: 'agent.changed', body: { agentId, change: 'changed' } });
  if (applied !== known.settings_applied) tell({ type: 'settings.applied', body: { agentId, version: applied } });
}
