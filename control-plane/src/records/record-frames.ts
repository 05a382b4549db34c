/**
 * What events say of pictures. Each says a fact (announced, claimed, evicted); a frame's state follows from its facts alone:
 * stored before claimed before evicted before at-edge. So the order in which they come does not matter.
 */
import type { AgentEvent, Announcement, FrameId } from '@slowlight/protocol';
import { type Insertable, sql, type Transaction } from 'kysely';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change } from './database.ts';
import { announcedBy, type Heard } from './heard.ts';
import { insertRows } from './insert-rows.ts';
import { addWeather } from './record-weather.ts';
import type { FramesTable, Tables } from './schema.ts';

type FrameRow = Insertable<FramesTable> & { weather: string | null };

export interface Facts {
  claimedAt: number | null;
  evictedReason: string | null;
}

/**
 * Gives the frames of which an eviction is known: `settleEvicted` brings their slots up to date once those are recorded.
 * @param repeated uploads that were said before: they may claim a frame anew, and change nothing else
 */
export async function recordFrames(
  change: Change,
  fresh: readonly Heard[],
  repeated: readonly Heard[],
): Promise<FrameId[]> {
  const announced = fresh.flatMap((one) => {
    const frame = announcedBy(one.event);
    return frame === null ? [] : [{ one, frame }];
  });
  const touched = await insertFrames(change, announced);

  const said = new Map<FrameId, Facts>();
  const factsOf = (id: FrameId): Facts => {
    const facts = said.get(id) ?? { claimedAt: null, evictedReason: null };
    said.set(id, facts);
    return facts;
  };
  for (const { event, receivedAt } of [...fresh, ...repeated]) {
    if (event.type === 'frame.uploaded') factsOf(event.body.frameId).claimedAt ??= receivedAt;
    if (event.type === 'frames.evicted')
      for (const id of event.body.frameIds) factsOf(id).evictedReason ??= event.body.reason;
  }
  if (said.size > 0) for (const id of await applyFacts(change, said)) touched.add(id);
  return [...touched];
}

/** Gives the frames that came with an eviction that was said earlier. */
async function insertFrames(
  change: Change,
  announced: readonly { one: Heard; frame: Announcement }[],
): Promise<Set<FrameId>> {
  const evicted = new Set<FrameId>();
  for (const some of chunked(announced, 500)) {
    const early = await takeEarlyFacts(
      change.tx,
      some.map(({ frame }) => frame.frameId),
    );
    const rows = some.map(({ one, frame }) => frameRow(one, frame, early.get(frame.frameId), change.now));
    await addWeather(change, rows);
    await insertRows(change, 'frames', rows);
    for (const [index, row] of rows.entries()) {
      const faults = some[index]?.frame.verdict.faults ?? [];
      const { id: frameId, camera_id: cameraId, score, at } = row;
      change.tell({
        type: 'frame.announced',
        body: { frameId, cameraId, timelapseId: row.timelapse_id ?? null, at, score, faults },
      });
      if (typeof row.evicted_reason !== 'string') continue;
      evicted.add(frameId);
      change.tell({ type: 'frame.evicted', body: { frameId, cameraId, reason: row.evicted_reason } });
    }
  }
  return evicted;
}

function frameRow(one: Heard, frame: Announcement, facts: Facts | undefined, now: number): FrameRow {
  const { slot, flagged, commandId } = placeOf(one.event);
  const { verdict } = frame;
  return {
    id: frame.frameId,
    agent_id: one.agentId,
    camera_id: frame.cameraId,
    timelapse_id: slot?.timelapseId ?? null,
    command_id: commandId,
    due_at: slot?.dueAt ?? null,
    at: slot?.dueAt ?? frame.takenAt,
    taken_at: frame.takenAt,
    boot_id: frame.bootId,
    monotonic_ms: frame.monotonicMs,
    clock: frame.clock,
    clock_source: frame.clockSource ?? null,
    width_px: frame.widthPx,
    height_px: frame.heightPx,
    source_width_px: frame.sourceWidthPx,
    source_height_px: frame.sourceHeightPx,
    type: frame.type,
    size_bytes: frame.sizeBytes,
    sha256: frame.sha256,
    age_at_slot_ms: frame.ageAtSlotMs,
    score: verdict.score,
    faults: JSON.stringify(verdict.faults),
    measures: JSON.stringify(verdict.measures),
    judge: verdict.judge,
    flagged: flagged ? 1 : 0,
    picture: pictureOf(facts),
    claimed_at: facts?.claimedAt ?? null,
    evicted_reason: facts?.evictedReason ?? null,
    thumbnail: 'pending',
    weather: null,
    recorded_at: now,
  };
}

function pictureOf(facts: Facts | undefined): 'at-edge' | 'claimed' | 'evicted' {
  if (facts?.claimedAt != null) return 'claimed';
  return facts?.evictedReason != null ? 'evicted' : 'at-edge';
}

function placeOf(event: AgentEvent) {
  if (event.type === 'slot.settled')
    return { slot: event.body.slot, flagged: event.body.outcome === 'flagged', commandId: null };
  return { slot: null, flagged: false, commandId: event.type === 'frame.taken' ? event.body.commandId : null };
}

async function takeEarlyFacts(tx: Transaction<Tables>, ids: FrameId[]): Promise<Map<FrameId, Facts>> {
  const rows = await tx.selectFrom('early_facts').selectAll().where('frame_id', 'in', ids).execute();
  if (rows.length > 0)
    await tx
      .deleteFrom('early_facts')
      .where(
        'frame_id',
        'in',
        rows.map((row) => row.frame_id),
      )
      .execute();
  return new Map(
    rows.map((row) => [row.frame_id, { claimedAt: row.claimed_at, evictedReason: row.evicted_reason }] as const),
  );
}

/** Gives the frames whose slots may have to change. */
export async function applyFacts(change: Change, said: ReadonlyMap<FrameId, Facts>): Promise<FrameId[]> {
  const { tx } = change;
  const known = new Set<FrameId>();
  for (const ids of chunked([...said.keys()], MOST_IDS))
    for (const row of await tx.selectFrom('frames').select('id').where('id', 'in', ids).execute()) known.add(row.id);
  // What was in the store and has been removed since is no frame to come.
  const gone = new Set<FrameId>();
  for (const ids of chunked(
    [...said.keys()].filter((id) => !known.has(id)),
    MOST_IDS,
  ))
    for (const row of await tx.selectFrom('removed_frames').select('frame_id').where('frame_id', 'in', ids).execute())
      gone.add(row.frame_id);

  const touched: FrameId[] = [];
  const ofKnown = [...said].filter(([id]) => known.has(id));
  for (const [claimedAt, frames] of groupBy(ofKnown, (facts) => facts.claimedAt))
    touched.push(...(await claim(tx, frames, claimedAt)));
  for (const [reason, frames] of groupBy(ofKnown, (facts) => facts.evictedReason))
    touched.push(...(await evict(change, frames, reason)));
  await keepEarlyFacts(
    tx,
    [...said].filter(([id]) => !known.has(id) && !gone.has(id)),
  );
  return touched;
}

/** Frames by a fact that they have, without those that do not have it. */
function groupBy<Fact>(said: readonly (readonly [FrameId, Facts])[], factOf: (facts: Facts) => Fact | null) {
  const groups = new Map<Fact, FrameId[]>();
  for (const [id, facts] of said) {
    const fact = factOf(facts);
    if (fact !== null) groups.set(fact, [...(groups.get(fact) ?? []), id]);
  }
  return groups;
}

async function claim(tx: Transaction<Tables>, frames: readonly FrameId[], claimedAt: number): Promise<FrameId[]> {
  const again: FrameId[] = [];
  for (const ids of chunked(frames, MOST_IDS)) {
    const rows = await tx
      .updateTable('frames')
      .set({ picture: 'claimed', claimed_at: claimedAt })
      .where('id', 'in', ids)
      .where('picture', 'in', ['at-edge', 'missing', 'evicted'])
      .returning(['id', 'evicted_reason'])
      .execute();
    for (const row of rows) if (row.evicted_reason !== null) again.push(row.id);
  }
  return again;
}

async function evict({ tx, tell }: Change, frames: readonly FrameId[], reason: string): Promise<FrameId[]> {
  const evicted: FrameId[] = [];
  for (const ids of chunked(frames, MOST_IDS)) {
    const rows = await tx
      .updateTable('frames')
      .set({
        evicted_reason: reason,
        picture: sql`case when picture = 'at-edge' then 'evicted' else picture end`,
      })
      .where('id', 'in', ids)
      .where('evicted_reason', 'is', null)
      .where('picture', '!=', 'stored')
      .returning(['id', 'camera_id'])
      .execute();
    for (const row of rows) {
      evicted.push(row.id);
      tell({ type: 'frame.evicted', body: { frameId: row.id, cameraId: row.camera_id, reason } });
    }
  }
  return evicted;
}

async function keepEarlyFacts(tx: Transaction<Tables>, said: readonly (readonly [FrameId, Facts])[]): Promise<void> {
  for (const some of chunked(said, 1000)) {
    await tx
      .insertInto('early_facts')
      .values(
        some.map(([frame_id, facts]) => ({
          frame_id,
          claimed_at: facts.claimedAt,
          evicted_reason: facts.evictedReason,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('frame_id').doUpdateSet({
          claimed_at: sql`coalesce(early_facts.claimed_at, excluded.claimed_at)`,
          evicted_reason: sql`coalesce(early_facts.evicted_reason, excluded.evicted_reason)`,
        }),
      )
      .execute();
  }
}

/** Makes the outcome of the slots of these frames follow the state of their pictures. */
export async function settleEvicted({ tx, touch }: Change, frames: readonly FrameId[]): Promise<void> {
  const reason = sql<string | null>`(select evicted_reason from frames where frames.id = slots.frame_id
    and frames.picture = 'evicted')`;
  for (const ids of chunked(frames, MOST_IDS)) {
    const settled = await tx
      .updateTable('slots')
      .set({ reason, outcome: sql`case when ${reason} is null then reported else 'evicted' end` })
      .where('frame_id', 'in', ids)
      .returning(['timelapse_id', 'due_at'])
      .execute();
    for (const slot of settled) touch(slot.timelapse_id, slot.due_at, slot.due_at);
  }
}
