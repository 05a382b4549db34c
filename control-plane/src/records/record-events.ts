/**
 * Promise: what agents say is recorded once, in one commit, and what it causes is the same in whatever order and however
 * often it is said.
 * Invariants: events of one agent are recorded by one transaction at a time (its row is locked first); an event that is
 * refused is answered the same way for ever (one that could not even be read, until it can).
 * When it fails: nothing of the batch is recorded, no receipt is sent, and the agents say it again.
 */
import type { AgentId } from '@slowlight/protocol';
import { withoutCredentials } from '@slowlight/protocol/kit';
import type { Transaction } from 'kysely';
import type { IngestOutcome } from '../frame.ts';
import type { IngestRecords } from '../ports.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { type Heard, hear, mentionsOf, type Owners, type Refusal, refusalOf } from './heard.ts';
import { suspectClone } from './identity-signs.ts';
import { advance, receive } from './inbox.ts';
import { recordHeld } from './reconcile.ts';
import { recordClocks } from './record-clocks.ts';
import { recordFrames, settleEvicted } from './record-frames.ts';
import { recordReports } from './record-reports.ts';
import { recordSlots } from './record-slots.ts';
import type { Tables } from './schema.ts';

const MOST_EXCERPT = 500;

export function createEvents({ change, dialect }: Database): Pick<IngestRecords, 'recordEvents'> {
  return {
    async recordEvents(events) {
      if (events.length === 0) return [];
      const heard = events.map(hear);
      return change(async (within) => {
        const agents = await lockAgents(within.tx, heard, dialect);
        const known = heard.filter((one) => agents.has(one.agentId));
        const pruned = new Map([...agents].map(([id, row]) => [id, row.pruned_up_to]));
        const owners = await readOwners(within.tx, known);
        const refusals = new Map<Heard, Refusal>();
        for (const one of known) {
          const refusal = refusalOf(one, owners);
          if (refusal !== null) refusals.set(one, refusal);
        }
        const verdicts = new Map<Heard, Awaited<ReturnType<typeof receive>>[number]>();
        for (const [index, verdict] of (await receive(within, known, { refusals, pruned })).entries()) {
          const one = known[index];
          if (one !== undefined) verdicts.set(one, verdict);
        }

        const fresh = known.filter((one) => verdicts.get(one)?.kind === 'new' && !refusals.has(one));
        // Saying again that a picture is uploaded asks to look again: after a refusal this is what claims it anew.
        const repeated = known.filter((one) => isRepeatedUpload(one, verdicts.get(one)));
        noteTheUnknown(within, fresh, owners);
        const evicted = await recordFrames(within, fresh, repeated);
        await recordClocks(within, fresh);
        await recordSlots(within, fresh, owners);
        await settleEvicted(within, [...evicted, ...(await recordHeld(within, fresh))]);
        await recordReports(within, fresh, owners);
        for (const [agent, ofAgent] of Map.groupBy(known, (one) => one.agentId))
          await advance(
            within,
            agent,
            agents.get(agent)?.recorded_up_to ?? 0,
            new Set(ofAgent.map((one) => one.event.seq)),
          );

        const copied = known.filter((one) => verdicts.get(one)?.kind === 'conflict').map((one) => one.agentId);
        for (const agent of new Set(copied)) await suspectClone(within, agent, 'conflict');
        return heard.map((one) => outcomeOf(within, one, verdicts.get(one), refusals.get(one)));
      });
    },
  };
}

/** The start of what was received. */
const excerptOf = ({ event, content }: Heard): string =>
  withoutCredentials(`${event.type} ${event.seq} ${content}`).slice(0, MOST_EXCERPT);

type Verdict = Awaited<ReturnType<typeof receive>>[number];

const isRepeatedUpload = (one: Heard, verdict: Verdict | undefined): boolean =>
  one.event.type === 'frame.uploaded' && verdict?.kind === 'duplicate' && verdict.refusal === null;

function outcomeOf(
  { fault }: Change,
  one: Heard,
  verdict: Verdict | undefined,
  refusal: Refusal | undefined,
): IngestOutcome {
  const { agentId } = one;
  const { seq } = one.event;
  const refuse = ({ code, reason }: Refusal, key: string): IngestOutcome => {
    fault({ agentId, code, reason, excerpt: excerptOf(one), key });
    return { kind: 'refused', agentId, seq, code, reason };
  };
  if (verdict === undefined)
    return refuse(
      { code: 'ingest.unknown-agent', reason: `There is no agent ${agentId} in these records.` },
      `unknown ${agentId}`,
    );
  switch (verdict.kind) {
    case 'new':
      return refusal === undefined ? { kind: 'recorded', agentId, seq } : refuse(refusal, `refused ${agentId} ${seq}`);
    case 'duplicate':
      return verdict.refusal === null
        ? { kind: 'duplicate', agentId, seq }
        : { kind: 'refused', agentId, seq, ...verdict.refusal };
    case 'conflict':
      return refuse(
        {
          code: 'ingest.conflict',
          reason: `Event ${seq} of ${agentId} is already recorded with other content: a cloned or damaged card?`,
        },
        `conflict ${agentId} ${seq} ${one.digest}`,
      );
  }
}

/** The agents of a batch with how far each is recorded, locked in one order so that two ingesters never block each other. */
async function lockAgents(
  tx: Transaction<Tables>,
  heard: readonly Heard[],
  dialect: Database['dialect'],
): Promise<Map<AgentId, { recorded_up_to: number; pruned_up_to: number }>> {
  const ids = [...new Set(heard.map((one) => one.agentId))];
  const agents = new Map<AgentId, { recorded_up_to: number; pruned_up_to: number }>();
  for (const some of chunked(ids, MOST_IDS)) {
    let query = tx
      .selectFrom('agents')
      .select(['id', 'recorded_up_to', 'pruned_up_to'])
      .where('id', 'in', some)
      .orderBy('id');
    if (dialect === 'postgres') query = query.forUpdate();
    for (const row of await query.execute()) agents.set(row.id, row);
  }
  return agents;
}

async function readOwners(tx: Transaction<Tables>, heard: readonly Heard[]): Promise<Owners> {
  const mentions = heard.map((one) => mentionsOf(one.event));
  const all = <Id>(ids: readonly Id[]) => chunked([...new Set(ids)], MOST_IDS);
  const owners = {
    cameras: new Map() as Map<Tables['cameras']['id'], AgentId>,
    timelapses: new Map() as Map<Tables['timelapses']['id'], { agentId: AgentId; cameraId: Tables['cameras']['id'] }>,
    commands: new Map() as Map<
      Tables['commands']['id'],
      { agentId: AgentId; cameraId: Tables['cameras']['id'] | null }
    >,
  };
  for (const ids of all(mentions.flatMap((one) => one.cameras)))
    for (const row of await tx.selectFrom('cameras').select(['id', 'agent_id']).where('id', 'in', ids).execute())
      owners.cameras.set(row.id, row.agent_id);
  for (const ids of all(mentions.flatMap((one) => one.timelapses))) {
    const rows = await tx
      .selectFrom('timelapses')
      .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
      .select(['timelapses.id', 'cameras.agent_id', 'timelapses.camera_id'])
      .where('timelapses.id', 'in', ids)
      .execute();
    for (const row of rows) owners.timelapses.set(row.id, { agentId: row.agent_id, cameraId: row.camera_id });
  }
  for (const ids of all(mentions.flatMap((one) => one.commands))) {
    const rows = await tx
      .selectFrom('commands')
      .select(['id', 'agent_id', 'camera_id'])
      .where('id', 'in', ids)
      .execute();
    for (const row of rows) owners.commands.set(row.id, { agentId: row.agent_id, cameraId: row.camera_id });
  }
  return owners;
}

/** Recorded all the same, but somebody should know: one fault for each thing that these records do not have. */
function noteTheUnknown({ fault }: Change, heard: readonly Heard[], owners: Owners): void {
  const said = new Set<string>();
  const note = (agentId: AgentId, what: 'camera' | 'timelapse', id: string) => {
    if (said.has(id)) return;
    said.add(id);
    fault({
      agentId,
      code: `ingest.unknown-${what}`,
      reason: `The agent reports for ${what} ${id}, which these records do not have. What it reports is kept.`,
      excerpt: null,
      key: `unknown ${id}`,
    });
  };
  for (const { agentId, event } of heard) {
    const { cameras, timelapses } = mentionsOf(event);
    for (const id of cameras) if (!owners.cameras.has(id)) note(agentId, 'camera', id);
    for (const id of timelapses) if (!owners.timelapses.has(id)) note(agentId, 'timelapse', id);
  }
}
