/**
 * Frames that were taken before their device knew the time. Their moment follows from two facts that may come in any order:
 * the frame's monotonic time, and when its boot began. What the device's clock had said is kept.
 */
import type { AgentEvent, AgentId, FrameId } from '@slowlight/protocol';
import { sql, type Transaction } from 'kysely';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change } from './database.ts';
import { announcedBy, type Heard } from './heard.ts';
import { moveWeather } from './record-weather.ts';
import type { Tables } from './schema.ts';

type Corrected = Extract<AgentEvent, { type: 'clock.corrected' }>;

/** To be called when the frames of these events are recorded. */
export async function recordClocks(change: Change, fresh: readonly Heard[]): Promise<void> {
  for (const { agentId, event } of fresh)
    if (event.type === 'clock.corrected') await recordCorrection(change, agentId, event);

  const unsure = fresh.flatMap(({ agentId, event }) => {
    const frame = announcedBy(event);
    return frame?.clock === 'untrusted' ? [{ agentId, boot: frame.bootId, frameId: frame.frameId }] : [];
  });
  for (const ofBoot of Map.groupBy(unsure, ({ agentId, boot }) => `${agentId} ${boot}`).values()) {
    const [first] = ofBoot;
    if (first === undefined) continue;
    const bootedAt = await bootOf(change.tx, first.agentId, first.boot);
    if (bootedAt === null) continue;
    for (const ids of chunked(ofBoot, MOST_IDS))
      await correct(
        change,
        bootedAt,
        ids.map(({ frameId }) => frameId),
      );
  }
}

async function recordCorrection(change: Change, agentId: AgentId, { seq, body }: Corrected): Promise<void> {
  const { tx, fault, tell } = change;
  for (const { timelapseId, until } of body.waiting)
    fault({
      agentId,
      code: 'timelapse.waits-for-clock',
      reason: `The clock of this agent ran ahead and has settled slots of ${timelapseId} up to ${new Date(until).toISOString()}. It takes no slot twice, so it waits until then. If that is too long, complete the timelapse and start a new one on its camera: that begins at once.`,
      excerpt: null,
      key: `waits ${timelapseId} ${until}`,
    });
  if (body.bootedAt !== null) {
    await tx
      .insertInto('boot_clocks')
      .values({ agent_id: agentId, boot_id: body.bootId, booted_at: body.bootedAt, seq })
      .onConflict((conflict) =>
        conflict
          .columns(['agent_id', 'boot_id'])
          .doUpdateSet((eb) => ({ booted_at: eb.ref('excluded.booted_at'), seq: eb.ref('excluded.seq') }))
          .where('boot_clocks.seq', '<', seq),
      )
      .execute();
    const bootedAt = await bootOf(tx, agentId, body.bootId);
    if (bootedAt !== null) await correctBoot(change, bootedAt, { agentId, boot: body.bootId });
  }
  tell({ type: 'agent.reported', body: { agentId } });
}

async function bootOf(tx: Transaction<Tables>, agent: AgentId, boot: string): Promise<number | null> {
  const row = await tx
    .selectFrom('boot_clocks')
    .select('booted_at')
    .where('agent_id', '=', agent)
    .where('boot_id', '=', boot)
    .executeTakeFirst();
  return row?.booted_at ?? null;
}

/** A frame of a slot stays where its slot is filed; one that was taken by hand moves to when it was taken. */
function corrected(bootedAt: number) {
  const takenAt = sql<number>`cast(round(${sql.lit(bootedAt)} + monotonic_ms) as bigint)`;
  return {
    taken_at: takenAt,
    taken_at_said: sql<number>`coalesce(taken_at_said, taken_at)`,
    at: sql<number>`case when due_at is null then ${takenAt} else at end`,
  };
}

const isUntrusted = () => sql<boolean>`clock = 'untrusted'`;

async function correct(change: Change, bootedAt: number, frames: FrameId[]): Promise<void> {
  const rows = await change.tx
    .updateTable('frames')
    .set(corrected(bootedAt))
    .where('id', 'in', frames)
    .where(isUntrusted())
    .returning(['id', 'agent_id', 'at', 'due_at'])
    .execute();
  await moveWeather(
    change,
    rows.filter((row) => row.due_at === null),
  );
}

async function correctBoot(
  change: Change,
  bootedAt: number,
  { agentId, boot }: { agentId: AgentId; boot: string },
): Promise<void> {
  const rows = await change.tx
    .updateTable('frames')
    .set(corrected(bootedAt))
    .where('agent_id', '=', agentId)
    .where('boot_id', '=', boot)
    .where(isUntrusted())
    .returning(['id', 'agent_id', 'at', 'due_at'])
    .execute();
  await moveWeather(
    change,
    rows.filter((row) => row.due_at === null),
  );
}
