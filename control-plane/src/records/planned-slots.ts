/**
 * Promise: the planned slots of any stretch of time, without holding up whoever else wants this process meanwhile.
 * Invariants: the slots are those of `slotsFrom`, the function that agents plan with. Cron expressions cost some 0.1 ms a
 * slot, so what was found is remembered in pieces; what a span plans at a time never changes, only where the span ends.
 */
import { setImmediate as pause } from 'node:timers/promises';
import { type Span, slotsFrom } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_SLOTS = 1_000_000;
/** How many slots are computed before others get their turn: a few ms of work. */
const BREATH = { interval: 20_000, cron: 50 } as const;

export interface PlannedSlots {
  /**
   * Every slot of the spans with `from <= dueAt < to`, ascending, each once.
   * @throws Failure `coverage.too-many-slots`
   */
  between(spans: readonly Span[], from: number, to: number): Promise<number[]>;
}

/** @param mostRemembered how many slots of cron expressions are remembered, the least recently asked for go first */
export function createPlannedSlots(mostRemembered = 500_000): PlannedSlots {
  const remembered = new Map<string, number[]>();
  let size = 0;

  /** The slots of a span as if it never ended, in the piece of time that begins at `from`. */
  async function pieceOf(span: Span, from: number, pieceMs: number): Promise<number[]> {
    const key = JSON.stringify([span.id, span.from, span.schedule, from]);
    const known = remembered.get(key);
    if (known !== undefined) {
      remembered.delete(key);
      remembered.set(key, known);
      return known;
    }
    const slots: number[] = [];
    await collect({ ...span, until: null }, from, from + pieceMs, slots);
    await pause();
    if (!remembered.has(key)) size += slots.length;
    remembered.set(key, slots);
    for (const [oldest, ofOldest] of remembered) {
      if (size <= mostRemembered || oldest === key) break;
      remembered.delete(oldest);
      size -= ofOldest.length;
    }
    return slots;
  }

  async function ofCron(span: Span, from: number, to: number, slots: number[]): Promise<void> {
    const ends = Math.min(to, span.until ?? to, span.schedule.endsAt ?? to);
    const begins = Math.max(from, span.from, span.schedule.startsAt ?? from);
    // With seconds, a day may hold more slots than anybody who asks for an hour wants to wait for.
    const pieceMs = hasSeconds(span) ? HOUR_MS : DAY_MS;
    for (let piece = Math.floor(begins / pieceMs) * pieceMs; piece < ends; piece += pieceMs) {
      for (const dueAt of await pieceOf(span, piece, pieceMs)) if (dueAt >= begins && dueAt < ends) slots.push(dueAt);
      if (slots.length > MOST_SLOTS) throw tooMany();
    }
  }

  return {
    async between(spans, from, to) {
      const slots: number[] = [];
      for (const span of spans) {
        if (span.schedule.rhythm.kind === 'cron') await ofCron(span, from, to, slots);
        else await collect(span, from, to, slots);
      }
      return ascending(slots);
    },
  };
}

const hasSeconds = ({ schedule: { rhythm } }: Span): boolean =>
  rhythm.kind === 'cron' && rhythm.expression.trim().split(/\s+/).length > 5;

async function collect(span: Span, from: number, to: number, slots: number[]): Promise<void> {
  const breath = BREATH[span.schedule.rhythm.kind];
  let since = 0;
  for (const dueAt of slotsFrom(span, from)) {
    if (dueAt >= to) return;
    if (slots.length === MOST_SLOTS) throw tooMany();
    slots.push(dueAt);
    since += 1;
    if (since % breath === 0) await pause();
  }
}

/** Spans follow each other, so this is nearly always the list itself. */
function ascending(slots: number[]): number[] {
  for (let index = 1; index < slots.length; index += 1)
    if ((slots[index - 1] ?? 0) >= (slots[index] ?? 0)) return [...new Set(slots)].sort((a, b) => a - b);
  return slots;
}

const tooMany = () =>
  new Failure({
    code: 'coverage.too-many-slots',
    message: `More than ${MOST_SLOTS} slots lie in this stretch of time.`,
    hint: 'Ask for a shorter time, such as a day or a month.',
    retry: 'never',
  });
