/**
 * A page of the ledger: the slots of one stretch of time, counted. Pure. Pages that follow each other can be added up, so
 * that a question about years is answered from days.
 */
import { type CoverageView, type Outcome, outcome } from '@slowlight/protocol';

/** The order in which counts are written down; outcomes that the language learns later are added at its end. */
export const OUTCOMES: readonly Outcome[] = [
  'captured',
  'flagged',
  'discarded',
  'failed',
  'skipped',
  'missed',
  'evicted',
  'unreported',
  'lost',
];
const HOUR_MS = 3_600_000;
const MOST_GAPS = 200;

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
/** Until is exclusive. */
export interface LostRange {
  fromAt: number;
  untilAt: number;
  reason: string;
}
export type Gap = CoverageView['gaps'][number];
/** How many slots had each outcome, in the order of `OUTCOMES`. */
export type Counts = number[];

export interface DayPage {
  counts: Counts;
  /** null: no slot at all. */
  firstDueAt: number | null;
  lastDueAt: number | null;
  /** Hours from the page's begin that have slots. */
  hours: [hour: number, counts: Counts][];
  /** Ascending; the newest 200. */
  gaps: Gap[];
}

export const noCounts = (): Counts => OUTCOMES.map(() => 0);
const PLACES = new Map(OUTCOMES.map((name, place) => [name, place]));

/**
 * The outcome of every slot that is due, in ascending order. A slot that was reported although no span plans it counts too.
 * What was settled wins over what was missed, and both over what somebody gave up: late is not lost.
 * @param planned ascending, without the future
 * @param settled ascending
 * @param missed by `firstDueAt`, ascending
 */
export function* outcomesOf(
  planned: readonly number[],
  settled: readonly Settled[],
  missed: readonly MissedRange[],
  lost: readonly LostRange[] = [],
): Generator<Settled, void> {
  let next = 0;
  let nextRange = 0;
  let open: MissedRange[] = [];
  const missedAt = (dueAt: number): Settled => {
    for (let range = missed[nextRange]; range !== undefined && range.firstDueAt <= dueAt; range = missed[nextRange]) {
      open.push(range);
      nextRange += 1;
    }
    if (open.length > 0) open = open.filter((range) => range.lastDueAt >= dueAt);
    const [range] = open;
    if (range !== undefined) return { dueAt, outcome: 'missed', reason: range.reason };
    const gone = lost.find(({ fromAt, untilAt }) => fromAt <= dueAt && dueAt < untilAt);
    return gone === undefined
      ? { dueAt, outcome: 'unreported', reason: null }
      : { dueAt, outcome: 'lost', reason: gone.reason };
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
export function createPage(fromAt: number): { add(slot: Settled): void; page(): DayPage } {
  const counts = noCounts();
  const hours: DayPage['hours'] = [];
  let gaps: Gap[] = [];
  let gap: Gap | null = null;
  let firstDueAt: number | null = null;
  let lastDueAt: number | null = null;
  return {
    add({ dueAt, outcome: became, reason }) {
      const place = PLACES.get(became) ?? 0;
      counts[place] = (counts[place] ?? 0) + 1;
      firstDueAt ??= dueAt;
      lastDueAt = dueAt;
      const hour = Math.floor((dueAt - fromAt) / HOUR_MS);
      let ofHour = hours.at(-1);
      if (ofHour?.[0] !== hour) {
        ofHour = [hour, noCounts()];
        hours.push(ofHour);
      }
      ofHour[1][place] = (ofHour[1][place] ?? 0) + 1;
      if (became === 'captured' || became === 'flagged') {
        gap = null;
      } else if (gap !== null && gap.outcome === became && gap.reason === reason) {
        gap.lastDueAt = dueAt;
        gap.count += 1;
      } else {
        gap = { firstDueAt: dueAt, lastDueAt: dueAt, count: 1, outcome: became, reason };
        gaps.push(gap);
        if (gaps.length === 2 * MOST_GAPS) gaps = gaps.slice(-MOST_GAPS);
      }
    },
    page: () => ({ counts, firstDueAt, lastDueAt, hours, gaps: gaps.slice(-MOST_GAPS) }),
  };
}

export function addCounts(to: Counts, counts: Counts): void {
  for (const [place, count] of counts.entries()) to[place] = (to[place] ?? 0) + count;
}

/** What people are told of counts. */
export function told(counts: Counts): Pick<CoverageView, 'planned' | 'outcomes' | 'covered'> {
  const outcomes = Object.fromEntries(
    outcome.options.map((name) => [name, counts[PLACES.get(name) ?? -1] ?? 0]),
  ) as CoverageView['outcomes'];
  const planned = counts.reduce((sum, count) => sum + count, 0);
  const covered = planned === 0 ? null : ((outcomes.captured ?? 0) + (outcomes.flagged ?? 0)) / planned;
  return { planned, outcomes, covered };
}

/**
 * Joins gaps of neighbouring pages, from the newest page to the oldest, until there are enough.
 * A gap that ends with the last slot of its page goes on where the next page begins with one of its kind.
 */
export function createGapJoiner(most = MOST_GAPS) {
  /** Newest first. */
  const joined: Gap[] = [];
  /** Where the page after the one that comes next begins; null where none has begun yet. */
  let newerFirstDueAt: number | null = null;
  return {
    /** False: there are enough, older pages would change nothing. */
    addOlder({ gaps, firstDueAt, lastDueAt }: Pick<DayPage, 'gaps' | 'firstDueAt' | 'lastDueAt'>): boolean {
      if (firstDueAt === null) return true;
      for (const gap of gaps.toReversed()) {
        const newer = joined.at(-1);
        const meets = gap.lastDueAt === lastDueAt && newer !== undefined && newer.firstDueAt === newerFirstDueAt;
        if (meets && newer.outcome === gap.outcome && newer.reason === gap.reason) {
          newer.firstDueAt = gap.firstDueAt;
          newer.count += gap.count;
        } else if (joined.length === most) return false;
        else joined.push({ ...gap });
      }
      newerFirstDueAt = firstDueAt;
      return true;
    },
    gaps: (): Gap[] => joined,
  };
}
