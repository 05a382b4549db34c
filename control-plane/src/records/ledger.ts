/** What is given up, and the days that are over: see `ledger-days.ts`. */
import type { AgentId, Schedule, TimelapseId } from '@slowlight/protocol';
import type { LedgerRecords } from '../ports-ledger.ts';
import type { Change, Database } from './database.ts';
import { insertRows } from './insert-rows.ts';
import { CLOSES_AFTER_MS, type LedgerDays } from './ledger-days.ts';
import { notFound } from './not-found.ts';

const HOUR_MS = 3_600_000;
/** The longest day of any time zone, and the time that it stays open. */
const SOONEST_MS = 26 * HOUR_MS + CLOSES_AFTER_MS;
const NEVER = Number.MAX_SAFE_INTEGER;
const PORTION = 100;

export function createLedger({ db, clock, change }: Database, days: LedgerDays): LedgerRecords {
  /** The timelapses of which a day is over that is not counted, the longest behind first. */
  const behind = () =>
    db
      .selectFrom('ledgers')
      .innerJoin('timelapses', 'timelapses.id', 'ledgers.timelapse_id')
      .select(['ledgers.timelapse_id', 'ledgers.kept_until', 'timelapses.schedule'])
      .where('ledgers.kept_until', '<', clock.now() - SOONEST_MS)
      .orderBy('ledgers.kept_until')
      .limit(PORTION)
      .execute();

  /** Gives how many days it closed. */
  async function closeDaysOf(id: TimelapseId, zone: string, keptUntil: number, signal: AbortSignal): Promise<number> {
    const known = await days.extentOf(db, id);
    if (known === null) return 0;
    // What lies between the last closed day and what was touched after a long pause is closed too: it is empty.
    const before = await db
      .selectFrom('ledger_days')
      .select(({ fn }) => fn.max('until_at').as('until'))
      .where('timelapse_id', '=', id)
      .where('until_at', '<=', keptUntil)
      .executeTakeFirst();
    const over = clock.now() - CLOSES_AFTER_MS;
    const from = Math.max(known.from, Math.min(before?.until ?? 0, keptUntil));
    const until = Math.min(over, known.until);
    const closed = await days.closedDays(id, zone, { from: from - SOONEST_MS, until });
    let count = 0;
    let reached = Math.max(from, closed.at(-1)?.until ?? 0);
    for (const day of days.openDays(zone, closed, { from, until })) {
      if (signal.aborted) return count;
      if (day.until > over) break;
      await days.close(id, zone, day);
      count += 1;
      reached = Math.max(reached, day.until);
    }
    await keptTo(id, keptUntil, known.ended && reached >= known.until ? NEVER : reached);
    return count;
  }

  /** Says how far all is closed, unless something was opened again meanwhile. */
  async function keptTo(id: TimelapseId, before: number, until: number): Promise<void> {
    await change(async ({ tx }) => {
      await tx
        .updateTable('ledgers')
        .set({ kept_until: until })
        .where('timelapse_id', '=', id)
        .where('kept_until', '=', before)
        .execute();
    });
  }

  return {
    async closeDays(signal) {
      let count = 0;
      for (const { timelapse_id, kept_until, schedule } of await behind()) {
        if (signal.aborted) break;
        const zone = (JSON.parse(schedule) as Schedule).timeZone;
        count += await closeDaysOf(timelapse_id, zone, kept_until, signal);
      }
      return count;
    },

    giveUpSlots: (id, { from, until, reason }) =>
      change(async (within) => {
        const found = await within.tx.selectFrom('timelapses').select('id').where('id', '=', id).executeTakeFirst();
        if (found === undefined) throw notFound('timelapse', id);
        await giveUp(within, id, { from, until, reason });
      }),
  };
}

/** @param stretch until exclusive */
export async function giveUp(
  within: Change,
  id: TimelapseId,
  { from, until, reason }: { from: number; until: number; reason: string },
): Promise<void> {
  const row = { timelapse_id: id, from_at: from, until_at: until, said_at: within.now, reason };
  await insertRows(within, 'lost_ranges', [row], 'on conflict do nothing');
  within.touch(id, from, until - 1);
}

/** Everything that an agent has not reported by now is lost; its spans end. */
export async function giveUpAgent(within: Change, agent: AgentId, reason = 'agent-retired'): Promise<void> {
  const { tx, now } = within;
  await tx
    .updateTable('spans')
    .set({ until_at: now })
    .where('agent_id', '=', agent)
    .where((eb) => eb.or([eb('until_at', 'is', null), eb('until_at', '>', now)]))
    .execute();
  const timelapses = await tx
    .selectFrom('timelapses')
    .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
    .select('timelapses.id')
    .where('cameras.agent_id', '=', agent)
    .execute();
  for (const { id } of timelapses) {
    await giveUp(within, id, { from: 0, until: now, reason });
    within.touch(id, now, NEVER);
  }
}
