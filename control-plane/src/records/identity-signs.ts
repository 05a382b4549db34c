/**
 * What a connection says of who works under an agent's name: which credential it came in with, whether it is new hardware,
 * and whether two devices share one identity. Everything here happens in the transaction of the status that says it.
 */
import type { AgentId, BootId, CredentialId } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { Change } from './database.ts';
import { noteAboutAgent } from './own-changes.ts';
import type { AgentsTable } from './schema.ts';
import type { AgentCredentialsTable } from './schema-enrolment.ts';

const MOST_BOOTS = 20;

/**
 * A credential that is used for the first time lets those before it go. Where it is that of new hardware, what the old one
 * had not delivered will never come: counting goes on where the new one begins, and the old one's spans end.
 */
export async function noteCredential(
  within: Change,
  agent: AgentId,
  { credentialId, bootId }: { credentialId: CredentialId | undefined; bootId: BootId },
): Promise<void> {
  const { tx, now, tell } = within;
  let query = tx
    .updateTable('agent_credentials')
    .set({ used_at: now })
    .where('agent_id', '=', agent)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null);
  // An agent that does not know the name of its credential has the one that it was made with.
  query = credentialId === undefined ? query.where('made_by', '=', 'creation') : query.where('id', '=', credentialId);
  const used = await query.returningAll().executeTakeFirst();
  if (used === undefined) return;
  const gone = await tx
    .updateTable('agent_credentials')
    .set({ revoked_at: now })
    .where('agent_id', '=', agent)
    .where('id', '<>', used.id)
    .where('made_at', '<=', used.made_at)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute();
  await noteAboutAgent(within, agent, {
    action:
      used.made_by === 'replacement' ? 'agent: another device has taken its place' : 'agent: a credential is used',
    before: { credentials: gone.map(({ id }) => id) },
    after: { credentials: [used.id], madeBy: used.made_by },
  });
  if (used.made_by === 'replacement') await takePlace(within, used, bootId);
  const enrolment = await tx
    .updateTable('enrolments')
    .set({ state: 'done', answer: null })
    .where('credential_id', '=', used.id)
    .returning('id')
    .executeTakeFirst();
  if (enrolment !== undefined) tell({ type: 'enrolment.changed', body: { enrolmentId: enrolment.id, agentId: agent } });
  tell({ type: 'agent.changed', body: { agentId: agent, change: 'changed' } });
}

async function takePlace(
  { tx, now, touch }: Change,
  { agent_id: agent, first_seq: firstSeq }: Selectable<AgentCredentialsTable>,
  bootId: BootId,
): Promise<void> {
  await tx
    .updateTable('agents')
    .set({ boots: JSON.stringify([bootId]), clone_suspected_at: null, clone_reason: null })
    .where('id', '=', agent)
    .execute();
  await tx
    .updateTable('agents')
    .set({ recorded_up_to: (firstSeq ?? 1) - 1 })
    .where('id', '=', agent)
    .where('recorded_up_to', '<', (firstSeq ?? 1) - 1)
    .execute();
  const ended = await tx
    .updateTable('spans')
    .set({ until_at: now })
    .where('agent_id', '=', agent)
    .where((eb) => eb.or([eb('until_at', 'is', null), eb('until_at', '>', now)]))
    .returning('timelapse_id')
    .execute();
  for (const id of new Set(ended.map((row) => row.timelapse_id))) touch(id, now, Number.MAX_SAFE_INTEGER);
}

/** The passwords of its cameras were sealed to a key that is gone. */
export async function noteKey(within: Change, known: Selectable<AgentsTable>, publicKey: string): Promise<void> {
  const { tx, tell } = within;
  if (known.public_key === null || known.public_key === publicKey) return;
  const cameras = await tx
    .updateTable('cameras')
    .set({ password_stale: 1 })
    .where('agent_id', '=', known.id)
    .where('sealed_password', 'is not', null)
    .where('password_stale', '=', 0)
    .returning('id')
    .execute();
  await noteAboutAgent(within, known.id, {
    action: 'agent: it has another key',
    before: { publicKey: known.public_key },
    after: { publicKey, passwordsToTypeAgain: cameras.map(({ id }) => id) },
  });
  for (const { id } of cameras) tell({ type: 'camera.changed', body: { cameraId: id, change: 'changed' } });
}

/** Pure. A device that has started anew never comes back to an earlier start: whoever does is another device. */
export function nextBoots(
  boots: readonly BootId[],
  boot: BootId,
): { kind: 'known' } | { kind: 'new'; boots: BootId[] } | { kind: 'came-back'; after: BootId } {
  const [last] = boots;
  if (last === undefined) return { kind: 'new', boots: [boot] };
  if (boot === last) return { kind: 'known' };
  if (boots.includes(boot)) return { kind: 'came-back', after: last };
  return { kind: 'new', boots: [boot, ...boots].slice(0, MOST_BOOTS) };
}

/** To be called for each new connection. */
export async function noteBoot(within: Change, agent: AgentId, boot: BootId): Promise<void> {
  const row = await within.tx.selectFrom('agents').select('boots').where('id', '=', agent).executeTakeFirstOrThrow();
  const next = nextBoots(JSON.parse(row.boots) as BootId[], boot);
  if (next.kind === 'known') return;
  if (next.kind === 'new') {
    await within.tx
      .updateTable('agents')
      .set({ boots: JSON.stringify(next.boots) })
      .where('id', '=', agent)
      .execute();
    return;
  }
  await suspectClone(within, agent, 'two-boots');
  within.fault({
    agentId: agent,
    code: 'agent.clone-suspected',
    reason: `Two devices seem to work as ${agent}: a start that was over came back after a later one. Is a card copied?`,
    excerpt: null,
    key: `clone ${agent} ${[boot, next.after].sort().join(' ')}`,
  });
}

/** Said once, until somebody has looked at it. */
export async function suspectClone(within: Change, agent: AgentId, reason: 'two-boots' | 'conflict'): Promise<void> {
  const { tx, now, tell } = within;
  const { numUpdatedRows } = await tx
    .updateTable('agents')
    .set({ clone_suspected_at: now, clone_reason: reason })
    .where('id', '=', agent)
    .where('clone_suspected_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  const after = { cloneSuspected: { at: now, reason } };
  await noteAboutAgent(within, agent, {
    by: 'system',
    action: 'agent: a copied card is suspected',
    before: null,
    after,
  });
  tell({ type: 'agent.clone-suspected', body: { agentId: agent, reason } });
  tell({ type: 'agent.changed', body: { agentId: agent, change: 'changed' } });
}
