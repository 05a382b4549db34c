/**
 * Planned slots against outcomes. What was planned follows from the spans that the agent reported, by the same function
 * that the agent plans with.
 */
import { setImmediate as pause } from 'node:timers/promises';
import type { CoverageView, Outcome, TimelapseId } from '@slowlight/protocol';
import type { FrameRecords } from '../ports.ts';
import type { Database } from './database.ts';
import { notFound } from './not-found.ts';
import { createPlannedSlots } from './planned-slots.ts';
import { spanOf } from './spans.ts';

const MOST_GAPS = 200;
/** How many slots are read or counted before others get their turn. */
const PORTION = 10_000;

export interface Settled {
  dueAt: number;
  outcome: Outcome;
  reason: string | null;
}
/** Inclusive at both ends. */
export interface MissedRange {
  firstDueAt: number;
  lastDueAt: number;
  reason: string;
}

/**
 * The outcome of every slot that is due, in ascending order. A slot that was reported although no span plans it counts too.
 * @param planned ascending, without the future
 * @param settled ascending
 * @param missed by `firstDueAt`, ascending
 */
export function* outcomesOf(
  planned: readonly number[],
  settled: readonly Settled[],
  missed: readonly MissedRange[],
): Generator<Settled, void> {
  let next = 0;
  let nextRange = 0;
  let open: MissedRange[] = [];
  const missedAt = (dueAt: number): Settled => {
    for (let range = missed[nextRange]; range !== undefined && range.firstDueAt <= dueAt; range = missed[nextRange]) {
      open.push(range);
      nextRange += 1;
    }
    open = open.filter((range) => range.lastDueAt >= dueAt);
    const [range] = open;
    return range === undefined
      ? { dueAt, outcome: 'unreported', reason: null }
      : { dueAt, outcome: 'missed', reason: range.reason };
  };
  for (const dueAt of planned) {
    for (let slot = settled[next]; slot !== undefined && slot.dueAt < dueAt; slot = settled[next]) {
      yield slot;
      next += 1;
    }
    const slot = settled[next];
    if (slot?.dueAt === dueAt) {
      yield slot;
      next += 1;
    } else {
      yield missedAt(dueAt);
    }
  }
  for (let slot = settled[next]; slot !== undefined; slot = settled[next]) {
    yield slot;
    next += 1;
  }
}

/** Counts outcomes and joins neighbours without a picture that share outcome and reason. */
export function createCount(): {
  add(slot: Settled): void;
  view(): Pick<CoverageView, 'planned' | 'outcomes' | 'covered' | 'gaps'>;
} {
  const counts = NONE();
  let gaps: CoverageView['gaps'] = [];
  let gap: CoverageView['gaps'][number] | null = null;
  let planned = 0;
  return {
    add({ dueAt, outcome, reason }) {
      planned += 1;
      counts[outcome] += 1;
      if (outcome === 'captured' || outcome === 'flagged') {
        gap = null;
      } else if (gap !== null && gap.outcome === outcome && gap.reason === reason) {
        gap.lastDueAt = dueAt;
        gap.count += 1;
      } else {
        gap = { firstDueAt: dueAt, lastDueAt: dueAt, count: 1, outcome, reason };
        gaps.push(gap);
        if (gaps.length === 2 * MOST_GAPS) gaps = gaps.slice(-MOST_GAPS);
      }
    },
    view: () => ({
      planned,
      outcomes: counts,
      covered: planned === 0 ? null : (counts.captured + counts.flagged) / planned,
      gaps: gaps.slice(-MOST_GAPS).reverse(),
    }),
  };
}

const NONE = (): Record<Outcome, number> => ({
  captured: 0,
  flagged: 0,
  discarded: 0,
  failed: 0,
  skipped: 0,
  missed: 0,
  evicted: 0,
  unreported: 0,
  lost: 0,
});

export function createCoverage({ db, clock }: Database): Pick<FrameRecords, 'coverage'> {
  const plannedSlots = createPlannedSlots();

  /** Ascending; read in portions, because the embedded engine stands in everybody's way while it reads. */
  async function settledOf(id: TimelapseId, from: number, to: number): Promise<Settled[]> {
    const settled: Settled[] = [];
    for (let next = from; ; ) {
      const rows = await db
        .selectFrom('slots')
        .select(['due_at as dueAt', 'outcome', 'reason'])
        .where('timelapse_id', '=', id)
        .where('due_at', '>=', next)
        .where('due_at', '<', to)
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

  return {
    async coverage(id, from, to) {
      const timelapse = await db.selectFrom('timelapses').select('id').where('id', '=', id).executeTakeFirst();
      if (timelapse === undefined) throw notFound('timelapse', id);
      const spans = await db
        .selectFrom('spans')
        .selectAll()
        .where('timelapse_id', '=', id)
        .where('from_at', '<', to)
        .where((eb) => eb.or([eb('until_at', 'is', null), eb('until_at', '>', from)]))
        .orderBy('from_at')
        .execute();
      // A slot is due from its own moment on.
      const planned = await plannedSlots.between(spans.map(spanOf), from, Math.min(to, clock.now() + 1));
      const settled = await settledOf(id, from, to);
      const missed = await db
        .selectFrom('missed_ranges')
        .select(['first_due_at as firstDueAt', 'last_due_at as lastDueAt', 'reason'])
        .where('timelapse_id', '=', id)
        .where('last_due_at', '>=', from)
        .where('first_due_at', '<', to)
        .orderBy('first_due_at')
        .orderBy('seq')
        .execute();
      const count = createCount();
      let counted = 0;
      for (const slot of outcomesOf(planned, settled, missed)) {
        count.add(slot);
        counted += 1;
        if (counted % PORTION === 0) await pause();
      }
      return { timelapseId: id, from, to, ...count.view() };
    },
  };
}
