/**
 * Planned slots against outcomes. What was planned follows from the spans that the agent reported, by the same function
 * that the agent plans with.
 */
import type { CameraCoverageView, CoveragePart, CoverageView, Schedule, TimelapseId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { CoverageRecords } from '../ports-ledger.ts';
import type { Database } from './database.ts';
import { localDate } from './day-number.ts';
import type { ClosedDay, LedgerDays } from './ledger-days.ts';
import { addCounts, type Counts, createGapJoiner, type DayPage, noCounts, OUTCOMES, told } from './ledger-page.ts';
import type { LocalDay } from './local-days.ts';
import { notFound } from './not-found.ts';
import { nextDueOf } from './spans.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST_PARTS = { day: 4000, hour: 2400 } as const;
/** How many closed days are read at once in the search for gaps. */
const GAP_DAYS = 60;
const WEEK_MS = 7 * DAY_MS;

/** A day or a part of one, closed or counted just now. */
type Piece = { kind: 'closed'; day: ClosedDay } | { kind: 'open'; day: LocalDay; page: DayPage };

export function createCoverage({ db, clock }: Database, days: LedgerDays): CoverageRecords {
  async function zoneOf(id: TimelapseId): Promise<string> {
    const row = await db.selectFrom('timelapses').select('schedule').where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('timelapse', id);
    return (JSON.parse(row.schedule) as Schedule).timeZone;
  }

  /** Everything that is known of a stretch, in ascending order. */
  async function piecesOf(id: TimelapseId, zone: string, from: number, to: number): Promise<Piece[]> {
    const known = await days.extentOf(db, id);
    if (known === null) return [];
    const stretch = { from: Math.max(from, known.from), until: Math.min(to, known.until) };
    const closed = (await days.closedDays(id, zone, stretch)).filter(({ firstDueAt, lastDueAt }) =>
      // A day that is asked for in part can be taken whole where all that it has lies in that part.
      firstDueAt === null || lastDueAt === null ? true : firstDueAt >= from && lastDueAt < to,
    );
    const pieces: Piece[] = closed.map((day) => ({ kind: 'closed', day }));
    for (const day of days.openDays(zone, closed, stretch)) {
      const clipped = { from: Math.max(day.from, stretch.from), until: Math.min(day.until, stretch.until) };
      // Hours are counted from the day's own begin.
      const page = await days.pageOf(db, id, clipped, day.from);
      pieces.push({ kind: 'open', day, page });
    }
    return pieces.sort((a, b) => a.day.from - b.day.from);
  }

  async function gapsOf(id: TimelapseId, pieces: readonly Piece[]): Promise<CoverageView['gaps']> {
    const joiner = createGapJoiner();
    let read = new Map<number, CoverageView['gaps']>();
    for (const [index, piece] of [...pieces.entries()].reverse()) {
      if (piece.kind === 'closed' && !read.has(piece.day.until)) {
        const oldest = pieces[Math.max(0, index - GAP_DAYS)]?.day.from ?? piece.day.from;
        read = await days.closedGaps(id, { from: oldest, until: piece.day.until });
      }
      const { firstDueAt, lastDueAt } = piece.kind === 'closed' ? piece.day : piece.page;
      const gaps = piece.kind === 'closed' ? (read.get(piece.day.until) ?? []) : piece.page.gaps;
      if (!joiner.addOlder({ gaps, firstDueAt, lastDueAt })) break;
    }
    return joiner.gaps();
  }

  const countsOf = (piece: Piece): Counts => (piece.kind === 'closed' ? piece.day.counts : piece.page.counts);

  async function partsOf(id: TimelapseId, zone: string, pieces: readonly Piece[], by: 'hour' | 'day') {
    if (by === 'day')
      return pieces.map((piece): CoveragePart => {
        const { from, until } = piece.day;
        return { date: dateOf(piece, zone), from, to: until, ...told(countsOf(piece)) };
      });
    const [first, last] = [pieces[0], pieces.at(-1)];
    if (first === undefined || last === undefined) return [];
    const closed = await days.closedHours(id, { from: first.day.from, until: last.day.until });
    return pieces.flatMap((piece) => {
      const hours = piece.kind === 'closed' ? (closed.get(piece.day.until) ?? []) : piece.page.hours;
      const date = dateOf(piece, zone);
      return hours.map(([hour, counts]): CoveragePart => {
        const from = piece.day.from + hour * HOUR_MS;
        return { date, from, to: Math.min(from + HOUR_MS, piece.day.until), ...told(counts) };
      });
    });
  }

  async function coverage(id: TimelapseId, from: number, to: number, by?: 'hour' | 'day'): Promise<CoverageView> {
    const zone = await zoneOf(id);
    const pieces = await piecesOf(id, zone, from, to);
    if (by !== undefined) refuseTooMany(by, pieces);
    const counts = noCounts();
    for (const piece of pieces) addCounts(counts, countsOf(piece));
    const parts = by === undefined ? {} : { parts: await partsOf(id, zone, pieces, by) };
    return { timelapseId: id, from, to, ...told(counts), gaps: await gapsOf(id, pieces), ...parts };
  }

  return {
    coverage,

    async cameraCoverage(camera, from, to): Promise<CameraCoverageView> {
      const found = await db.selectFrom('cameras').select('id').where('id', '=', camera).executeTakeFirst();
      if (found === undefined) throw notFound('camera', camera);
      const rows = await db
        .selectFrom('timelapses')
        .select('id')
        .where('camera_id', '=', camera)
        .where('started_at', '<', to)
        .orderBy('started_at')
        .execute();
      const timelapses: CoverageView[] = [];
      const counts = noCounts();
      for (const { id } of rows) {
        const view = await coverage(id, from, to);
        if (view.planned === 0) continue;
        timelapses.push(view);
        addCounts(counts, countsIn(view));
      }
      return { cameraId: camera, from, to, ...told(counts), timelapses };
    },

    async outlook(id, below) {
      const row = await db.selectFrom('timelapses').select(['state']).where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw notFound('timelapse', id);
      const now = clock.now();
      const span = await db.selectFrom('spans').select('id').where('timelapse_id', '=', id).limit(1).executeTakeFirst();
      const next = row.state === 'running' ? ((await nextDueOf(db, [id], now)).get(id) ?? null) : null;
      const week = await coverage(id, now - WEEK_MS, now + 1);
      return {
        timelapseId: id,
        state: row.state,
        waitsForAgent: row.state === 'running' && span === undefined,
        nextDueAt: next,
        nothingPlannedFor7Days:
          row.state === 'running' && span !== undefined && (next === null || next > now + WEEK_MS),
        coveredLast7Days: week.covered,
        isBelow: week.covered === null ? null : week.covered < below,
      };
    },

    async *slotOutcomes(id, from, to) {
      const zone = await zoneOf(id);
      const known = await days.extentOf(db, id);
      if (known === null) return;
      const stretch = { from: Math.max(from, known.from), until: Math.min(to, known.until) };
      for (const day of days.openDays(zone, [], stretch)) {
        const clipped = { from: Math.max(day.from, stretch.from), until: Math.min(day.until, stretch.until) };
        yield [...(await days.slotsOf(db, id, clipped))];
      }
    },
  };
}

const dateOf = ({ day, ...piece }: Piece, zone: string): string =>
  piece.kind === 'closed' && 'date' in day ? day.date : localDate(day.from, zone);

const countsIn = ({ outcomes }: CoverageView): Counts => OUTCOMES.map((name) => outcomes[name] ?? 0);

function refuseTooMany(by: 'hour' | 'day', pieces: readonly Piece[]): void {
  if (pieces.length * (by === 'hour' ? 24 : 1) <= MOST_PARTS[by]) return;
  throw new Failure({
    code: 'coverage.too-many-parts',
    message: `There are more than ${MOST_PARTS[by]} ${by}s in this stretch of time.`,
    hint: by === 'hour' ? 'Ask for at most 100 days by the hour, or by the day.' : 'Ask for a shorter time.',
    retry: 'never',
  });
}
