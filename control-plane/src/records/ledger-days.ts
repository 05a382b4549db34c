/**
 * Promise: whatever is asked of a timelapse is counted from what is recorded now, and a million slots cost no more than the
 * days that they lie in.
 * Invariants: a day is closed only when it is over and nothing can be due in it any more; what changes something about a
 * closed day opens it again in the same transaction (`ledger-touch.ts`); a day that is not closed is counted anew for each
 * question. Asking never writes.
 * When it fails: days stay open, and questions take longer.
 */
import { setImmediate as pause } from 'node:timers/promises';
import type { TimelapseId } from '@slowlight/protocol';
import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import { localDate } from './day-number.ts';
import { insertRows } from './insert-rows.ts';
import { type Counts, createPage, type DayPage, type Gap, outcomesOf, type Settled } from './ledger-page.ts';
import { type LocalDay, localDays } from './local-days.ts';
import { createPlannedSlots } from './planned-slots.ts';
import type { Tables } from './schema.ts';
import { spanOf } from './spans.ts';

/** How long after its end a day is closed: what belongs to it has most likely come in. */
export const CLOSES_AFTER_MS = 3_600_000;
/** How many slots are read or counted before others get their turn. */
const PORTION = 10_000;
const NEVER = Number.MAX_SAFE_INTEGER;

export type ClosedDay = LocalDay & {
  date: string;
  counts: Counts;
  firstDueAt: number | null;
  lastDueAt: number | null;
};

export function createLedgerDays({ db, clock, change }: Database) {
  const plannedSlots = createPlannedSlots();

  /** Ascending; read in portions, because the embedded engine stands in everybody's way while it reads. */
  async function settledOf(within: Kysely<Tables>, id: TimelapseId, { from, until }: LocalDay): Promise<Settled[]> {
    const settled: Settled[] = [];
    for (let next = from; ; ) {
      const rows = await within
        .selectFrom('slots')
        .select(['due_at as dueAt', 'outcome', 'reason'])
        .where('timelapse_id', '=', id)
        .where('due_at', '>=', next)
        .where('due_at', '<', until)
        .orderBy('due_at')
        .limit(PORTION)
        .execute();
      for (const row of rows) settled.push(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PORTION) return settled;
      next = last.dueAt + 1;
      await pause();
    }
  }

  /** Every slot of a stretch that is due by now, with what became of it, ascending. */
  async function slotsOf(within: Kysely<Tables>, id: TimelapseId, stretch: LocalDay): Promise<Iterable<Settled>> {
    const { from, until } = stretch;
    const [spans, settled, missed, lost] = await Promise.all([
      within
        .selectFrom('spans')
        .selectAll()
        .where('timelapse_id', '=', id)
        .where('from_at', '<', until)
        .where((eb) => eb.or([eb('until_at', 'is', null), eb('until_at', '>', from)]))
        .orderBy('from_at')
        .execute(),
      settledOf(within, id, stretch),
      within
        .selectFrom('missed_ranges')
        .select(['first_due_at as firstDueAt', 'last_due_at as lastDueAt', 'reason'])
        .where('timelapse_id', '=', id)
        .where('last_due_at', '>=', from)
        .where('first_due_at', '<', until)
        .orderBy('first_due_at')
        .orderBy('seq')
        .execute(),
      within
        .selectFrom('lost_ranges')
        .select(['from_at as fromAt', 'until_at as untilAt', 'reason'])
        .where('timelapse_id', '=', id)
        .where('until_at', '>', from)
        .where('from_at', '<', until)
        .orderBy('said_at')
        .execute(),
    ]);
    // A slot is due from its own moment on.
    const planned = await plannedSlots.between(spans.map(spanOf), from, Math.min(until, clock.now() + 1));
    return outcomesOf(planned, settled, missed, lost);
  }

  async function pageOf(
    within: Kysely<Tables>,
    id: TimelapseId,
    day: LocalDay,
    hoursFrom = day.from,
  ): Promise<DayPage> {
    const page = createPage(hoursFrom);
    let counted = 0;
    for (const slot of await slotsOf(within, id, day)) {
      page.add(slot);
      counted += 1;
      if (counted % PORTION === 0) await pause();
    }
    return page.page();
  }

  /**
   * From the first moment of which anything is known to behind the last one, the future left out; null: nothing is.
   * @returns `ended`: nothing will ever be planned behind it
   */
  async function extentOf(within: Kysely<Tables>, id: TimelapseId): Promise<(LocalDay & { ended: boolean }) | null> {
    const slots = within.selectFrom('slots').select('due_at').where('timelapse_id', '=', id).limit(1);
    const [spans, first, last] = await Promise.all([
      within
        .selectFrom('spans')
        .select(({ fn, eb }) => [
          fn.min('from_at').as('first'),
          fn.max(eb.fn.coalesce('until_at', eb.lit(NEVER))).as('last'),
        ])
        .where('timelapse_id', '=', id)
        .executeTakeFirst(),
      slots.orderBy('due_at').executeTakeFirst(),
      slots.orderBy('due_at', 'desc').executeTakeFirst(),
    ]);
    const begins = Math.min(spans?.first ?? NEVER, first?.due_at ?? NEVER);
    if (begins === NEVER) return null;
    const now = clock.now();
    const ends = Math.max(Math.min(spans?.last ?? 0, now + 1), (last?.due_at ?? 0) + 1);
    return { from: begins, until: ends, ended: (spans?.last ?? 0) < now };
  }

  /** The closed days that have something in a stretch, ascending. */
  async function closedDays(id: TimelapseId, zone: string, { from, until }: LocalDay): Promise<ClosedDay[]> {
    const rows = await db
      .selectFrom('ledger_days')
      .select(['from_at', 'until_at', 'date', 'counts'])
      .where('timelapse_id', '=', id)
      .where('until_at', '>', from)
      .where('from_at', '<', until)
      .where('time_zone', '=', zone)
      .orderBy('until_at')
      .execute();
    return rows.map((row) => ({ from: row.from_at, until: row.until_at, date: row.date, ...readCounts(row.counts) }));
  }

  const detailed = (id: TimelapseId, { from, until }: LocalDay) =>
    db
      .selectFrom('ledger_days')
      .where('timelapse_id', '=', id)
      .where('until_at', '>', from)
      .where('from_at', '<', until);

  /** The gaps of closed days, by the ends of the days. */
  async function closedGaps(id: TimelapseId, stretch: LocalDay): Promise<Map<number, Gap[]>> {
    const rows = await detailed(id, stretch).select(['until_at', 'gaps']).execute();
    return new Map(rows.map((row) => [row.until_at, JSON.parse(row.gaps) as Gap[]]));
  }

  /** The hours of closed days, by the ends of the days. */
  async function closedHours(id: TimelapseId, stretch: LocalDay): Promise<Map<number, DayPage['hours']>> {
    const rows = await detailed(id, stretch).select(['until_at', 'hours']).execute();
    return new Map(rows.map((row) => [row.until_at, JSON.parse(row.hours) as DayPage['hours']]));
  }

  /**
   * Closes a day in a transaction that holds the ledger of the timelapse, so that whoever records for it meanwhile waits
   * and then sees that the day is closed.
   */
  async function close(id: TimelapseId, zone: string, day: LocalDay): Promise<void> {
    // Slow expressions are worked out first, and remembered.
    await pageOf(db, id, day);
    await change(async (within) => {
      const { tx, dialect } = within;
      let ledger = tx.selectFrom('ledgers').select('kept_until').where('timelapse_id', '=', id);
      if (dialect === 'postgres') ledger = ledger.forUpdate();
      if ((await ledger.executeTakeFirst()) === undefined) return;
      const { counts, firstDueAt, lastDueAt, hours, gaps } = await pageOf(tx, id, day);
      await tx
        .deleteFrom('ledger_days')
        .where('timelapse_id', '=', id)
        .where('until_at', '>', day.from)
        .where('from_at', '<', day.until)
        .execute();
      const row = {
        timelapse_id: id,
        from_at: day.from,
        until_at: day.until,
        time_zone: zone,
        date: localDate(day.from, zone),
        counts: JSON.stringify([...counts, firstDueAt, lastDueAt]),
        hours: JSON.stringify(hours),
        gaps: JSON.stringify(gaps),
      };
      await insertRows(within, 'ledger_days', [row]);
    });
  }

  /** The stretches that no closed day covers, as days, ascending. */
  function* openDays(zone: string, closed: readonly LocalDay[], { from, until }: LocalDay): Generator<LocalDay, void> {
    let at = from;
    for (const day of [...closed, { from: until, until }]) {
      if (day.from > at) for (const open of localDays(zone, at, day.from)) if (open.from < day.from) yield open;
      at = Math.max(at, day.until);
    }
  }

  return { slotsOf, pageOf, extentOf, closedDays, closedGaps, closedHours, openDays, close };
}
export type LedgerDays = ReturnType<typeof createLedgerDays>;

function readCounts(text: string): Pick<ClosedDay, 'counts' | 'firstDueAt' | 'lastDueAt'> {
  const read = JSON.parse(text) as (number | null)[];
  return {
    counts: read.slice(0, -2).map((count) => count ?? 0),
    firstDueAt: read.at(-2) ?? null,
    lastDueAt: read.at(-1) ?? null,
  };
}
