/**
 * Promise: every event of an agent is answered once and for all.
 * Invariants: one row for each (agent, seq), with the digest of its content; refused events have a row too, so that the
 * same answer is given again and the receipt can pass them. `recorded_up_to` is the end of the gapless run from 1.
 */
import type { AgentId } from '@slowlight/protocol';
import type { Transaction } from 'kysely';
import type { IngestRecords } from '../ports.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { type Heard, keyOf, type Refusal } from './heard.ts';
import type { Tables } from './schema.ts';

/** A receipt takes this many seqs above the gapless run. */
const MOST_ALSO = 1000;

export type Verdict = { kind: 'new' } | { kind: 'duplicate'; refusal: Refusal | null } | { kind: 'conflict' };

/** Puts events into the inbox and says of each what it is. Copies within the list count as copies. */
export async function receive(
  { tx }: Change,
  heard: readonly Heard[],
  refusals: ReadonlyMap<Heard, Refusal>,
): Promise<Verdict[]> {
  const first = new Map<string, Heard>();
  for (const one of heard) if (!first.has(keyOf(one))) first.set(keyOf(one), one);
  const fresh = await insert(tx, [...first.values()], refusals);
  const known = await readKnown(
    tx,
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
    return before?.digest === one.digest ? { kind: 'duplicate', refusal: before.refusal } : { kind: 'conflict' };
  });
}

async function insert(
  tx: Transaction<Tables>,
  heard: readonly Heard[],
  refusals: ReadonlyMap<Heard, Refusal>,
): Promise<Set<string>> {
  const fresh = new Set<string>();
  for (const some of chunked(heard, 1000)) {
    const rows = await tx
      .insertInto('inbox')
      .values(
        some.map((one) => ({
          agent_id: one.agentId,
          seq: one.event.seq,
          digest: one.digest,
          refused_code: refusals.get(one)?.code ?? null,
          refused_reason: refusals.get(one)?.reason ?? null,
        })),
      )
      .onConflict((conflict) => conflict.columns(['agent_id', 'seq']).doNothing())
      .returning(['agent_id', 'seq'])
      .execute();
    for (const row of rows) fresh.add(`${row.agent_id} ${row.seq}`);
  }
  return fresh;
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

export function createInbox({ db }: Database): Pick<IngestRecords, 'receiptState'> {
  return {
    async receiptState(agent) {
      const row = await db.selectFrom('agents').select('recorded_up_to').where('id', '=', agent).executeTakeFirst();
      const recordedUpTo = row?.recorded_up_to ?? 0;
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
