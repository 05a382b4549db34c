/**
 * Promise: every event of an agent is answered once and for all.
 * Invariants: one row for each (agent, seq), with the digest of its content; refused events have a row too, so that the
 * same answer is given again and the receipt can pass them. `recorded_up_to` is the end of the gapless run from 1. An event
 * that nobody could read has a row without a digest; once it can be read, it takes the row over as if it were new.
 */
import type { AgentId } from '@slowlight/protocol';
import { withoutCredentials } from '@slowlight/protocol/kit';
import type { Transaction } from 'kysely';
import type { IngestRecords, RefusedEvent } from '../ports.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { type Heard, keyOf, type Refusal } from './heard.ts';
import { insertRows } from './insert-rows.ts';
import type { Tables } from './schema.ts';
import { lockAgent } from './settings.ts';

/** Instead of the digest of an event that could not be read. */
const UNREAD = '';
const TAKE_OVER_UNREAD = `on conflict (agent_id, seq) do update set digest = excluded.digest,
  refused_code = excluded.refused_code, refused_reason = excluded.refused_reason
  where inbox.digest = '${UNREAD}' returning agent_id, seq`;
/** A receipt takes this many seqs above the gapless run. */
const MOST_ALSO = 1000;
const MOST_EXCERPT = 500;

export type Verdict = { kind: 'new' } | { kind: 'duplicate'; refusal: Refusal | null } | { kind: 'conflict' };

/** Puts events into the inbox and says of each what it is. Copies within the list count as copies. */
export async function receive(
  change: Change,
  heard: readonly Heard[],
  { refusals, pruned }: { refusals: ReadonlyMap<Heard, Refusal>; pruned: ReadonlyMap<AgentId, number> },
): Promise<Verdict[]> {
  const first = new Map<string, Heard>();
  for (const one of heard) if (!first.has(keyOf(one))) first.set(keyOf(one), one);
  const isPruned = ({ agentId, event }: Heard) => event.seq <= (pruned.get(agentId) ?? 0);
  const fresh = await insert(
    change,
    [...first.values()].filter((one) => !isPruned(one)),
    refusals,
  );
  const known = await readKnown(
    change.tx,
    [...first].filter(([key]) => !fresh.has(key)).map(([, one]) => one),
  );
  return heard.map((one): Verdict => {
    const key = keyOf(one);
    const mine = first.get(key) ?? one;
    if (fresh.has(key)) {
      if (mine === one) return { kind: 'new' };
      return mine.digest === one.digest
        ? { kind: 'duplicate', refusal: refusals.get(mine) ?? null }
        : { kind: 'conflict' };
    }
    const before = known.get(key);
    // Its content is forgotten; that it is recorded is not.
    if (before === undefined && isPruned(one)) return { kind: 'duplicate', refusal: null };
    return before?.digest === one.digest ? { kind: 'duplicate', refusal: before.refusal } : { kind: 'conflict' };
  });
}

async function insert(
  change: Change,
  heard: readonly Heard[],
  refusals: ReadonlyMap<Heard, Refusal>,
): Promise<Set<string>> {
  const given = heard.map((one) => ({
    agent_id: one.agentId,
    seq: one.event.seq,
    digest: one.digest,
    refused_code: refusals.get(one)?.code ?? null,
    refused_reason: refusals.get(one)?.reason ?? null,
  }));
  const rows = await insertRows<'inbox', { agent_id: AgentId; seq: number }>(change, 'inbox', given, TAKE_OVER_UNREAD);
  return new Set(rows.map((row) => `${row.agent_id} ${row.seq}`));
}

async function readKnown(
  tx: Transaction<Tables>,
  heard: readonly Heard[],
): Promise<Map<string, { digest: string; refusal: Refusal | null }>> {
  const known = new Map<string, { digest: string; refusal: Refusal | null }>();
  for (const [agent, ofAgent] of Map.groupBy(heard, (one) => one.agentId)) {
    for (const some of chunked(ofAgent, MOST_IDS)) {
      const seqs = some.map((one) => one.event.seq);
      const rows = await tx
        .selectFrom('inbox')
        .select(['seq', 'digest', 'refused_code', 'refused_reason'])
        .where('agent_id', '=', agent)
        .where('seq', 'in', seqs)
        .execute();
      for (const row of rows) {
        const refusal = row.refused_code === null ? null : { code: row.refused_code, reason: row.refused_reason ?? '' };
        known.set(`${agent} ${row.seq}`, { digest: row.digest, refusal });
      }
    }
  }
  return known;
}

/** Moves the end of the gapless run forwards after `seqs` have come in. */
export async function advance({ tx }: Change, agent: AgentId, from: number, seqs: ReadonlySet<number>): Promise<void> {
  if (!seqs.has(from + 1)) return;
  let upTo = from;
  for (;;) {
    const rows = await tx
      .selectFrom('inbox')
      .select('seq')
      .where('agent_id', '=', agent)
      .where('seq', '>', upTo)
      .orderBy('seq')
      .limit(MOST_ALSO)
      .execute();
    const before = upTo;
    for (const { seq } of rows) {
      if (seq !== upTo + 1) break;
      upTo = seq;
    }
    if (upTo - before < MOST_ALSO) break;
  }
  await tx
    .updateTable('agents')
    .set({ recorded_up_to: upTo })
    .where('id', '=', agent)
    .where('recorded_up_to', '<', upTo)
    .execute();
}

/** What an agent that these records do not know says is a fault, and no more. */
async function refuse(within: Change, agent: AgentId, refusals: readonly RefusedEvent[]): Promise<void> {
  const { tx, fault } = within;
  await lockAgent(within, agent);
  const known = await tx
    .selectFrom('agents')
    .select(['recorded_up_to', 'pruned_up_to'])
    .where('id', '=', agent)
    .executeTakeFirst();
  for (const { seq, code, reason, excerpt } of refusals) {
    const key = known === undefined ? `unknown ${agent}` : `refused ${agent} ${seq}`;
    fault({
      agentId: agent,
      code,
      reason: withoutCredentials(reason),
      excerpt: excerpt === null ? null : withoutCredentials(excerpt).slice(0, MOST_EXCERPT),
      key,
    });
  }
  if (known === undefined) return;
  const kept = refusals.filter(({ seq }) => seq > known.pruned_up_to);
  for (const some of chunked(kept, 1000)) {
    await tx
      .insertInto('inbox')
      .values(
        some.map(({ seq, code, reason }) => ({
          agent_id: agent,
          seq,
          digest: UNREAD,
          refused_code: code,
          refused_reason: reason,
        })),
      )
      .onConflict((conflict) => conflict.columns(['agent_id', 'seq']).doNothing())
      .execute();
  }
  await advance(within, agent, known.recorded_up_to, new Set(refusals.map(({ seq }) => seq)));
}

export function createInbox({ db, change }: Database): Pick<IngestRecords, 'receiptState' | 'refuseEvents'> {
  return {
    async refuseEvents(refusals) {
      if (refusals.length === 0) return;
      await change(async (within) => {
        const byAgent = [...Map.groupBy(refusals, (one) => one.agentId)].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [agent, ofAgent] of byAgent) await refuse(within, agent, ofAgent);
      });
    },

    async receiptState(agent, highest = Number.POSITIVE_INFINITY) {
      const row = await db.selectFrom('agents').select('recorded_up_to').where('id', '=', agent).executeTakeFirst();
      const recordedUpTo = row?.recorded_up_to ?? 0;
      if (highest <= recordedUpTo) return { recordedUpTo, recordedAlso: [] };
      const also = await db
        .selectFrom('inbox')
        .select('seq')
        .where('agent_id', '=', agent)
        .where('seq', '>', recordedUpTo)
        .orderBy('seq', 'desc')
        .limit(MOST_ALSO)
        .execute();
      return { recordedUpTo, recordedAlso: also.map(({ seq }) => seq).reverse() };
    },
  };
}
