/**
 * What an agent says it still holds, compared with what is recorded. A frame whose picture is awaited and that its agent does
 * not have any more is looked for in the store once more, and given up when it is not there either: whoever compares sees
 * either a picture or the reason why there is none. Facts only, as always: the order in which they come does not matter.
 */
import type { AgentEvent, FrameId } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { IngestRecords } from '../ports.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import type { Heard } from './heard.ts';
import { applyFacts } from './record-frames.ts';

type FramesHeld = Extract<AgentEvent, { type: 'frames.held' }>;

/** Why a frame has no picture that neither the card nor the store has. */
const NOT_ON_CARD = 'not-on-card';

/** Gives the frames that were given up. */
export async function recordHeld(change: Change, fresh: readonly Heard[]): Promise<FrameId[]> {
  const gone: FrameId[] = [];
  for (const { agentId, event, receivedAt } of fresh) {
    if (event.type !== 'frames.held') continue;
    await noteOtherContent(change, { agentId, event });
    const held = new Set(event.body.frames.map((frame) => frame.frameId));
    const missing = (await awaitedBetween(change, { agentId, event })).filter((id) => !held.has(id));
    const facts = { claimedAt: receivedAt, evictedReason: NOT_ON_CARD };
    gone.push(...(await applyFacts(change, new Map(missing.map((id) => [id, facts])))));
  }
  return gone;
}

/** Frames of a stretch of announcements whose pictures are awaited. */
async function awaitedBetween(
  { tx }: Change,
  { agentId, event }: { agentId: Heard['agentId']; event: FramesHeld },
): Promise<FrameId[]> {
  const { firstSeq, lastSeq } = event.body;
  const rows = await tx
    .selectFrom('frames')
    .select('id')
    .where('agent_id', '=', agentId)
    .where('picture', '=', sql.lit('at-edge'))
    .execute();
  return rows.flatMap(({ id }) => {
    const seq = Number(id.slice(id.lastIndexOf('-') + 1));
    return seq >= firstSeq && seq <= lastSeq ? [id] : [];
  });
}

async function noteOtherContent(
  { tx, fault }: Change,
  { agentId, event }: { agentId: Heard['agentId']; event: FramesHeld },
): Promise<void> {
  const { frames } = event.body;
  for (const some of chunked(frames, MOST_IDS)) {
    const ids = some.map((frame) => frame.frameId);
    const rows = await tx.selectFrom('frames').select(['id', 'sha256']).where('id', 'in', ids).execute();
    const recorded = new Map(rows.map((row) => [row.id, row.sha256]));
    for (const { frameId, sha256 } of some) {
      const before = recorded.get(frameId);
      if (before === undefined || before === sha256) continue;
      const reason = `The agent holds other bytes for ${frameId} than were announced: a cloned or damaged card?`;
      fault({ agentId, code: 'reconcile.other-content', reason, excerpt: null, key: `other content ${frameId}` });
    }
  }
}

export function createReconcile({ db }: Database): Pick<IngestRecords, 'compareHeld'> {
  return {
    async compareHeld(held) {
      const missing: FrameId[] = [];
      const forget: FrameId[] = [];
      for (const some of chunked(held, MOST_IDS)) {
        const ids = some.map((frame) => frame.frameId);
        const rows = await db.selectFrom('frames').select(['id', 'sha256', 'picture']).where('id', 'in', ids).execute();
        const recorded = new Map(rows.map((row) => [row.id, row]));
        for (const { frameId, sha256 } of some) {
          const row = recorded.get(frameId);
          if (row === undefined) missing.push(frameId);
          else if (row.sha256 === sha256 && ['stored', 'evicted'].includes(row.picture)) forget.push(frameId);
        }
      }
      return { forget, missing };
    },
  };
}
