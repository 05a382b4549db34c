/**
 * Which moments a timelapse plans. Pure, and the same code on both sides, so that agent and control plane agree on every
 * slot without speaking about it.
 */
import { Cron } from 'croner';
import { z } from 'zod';
import { spanId, timelapseId } from './ids.ts';
import { openTimes, overridesFrom, rhythmAt } from './open-times.ts';
import { instant } from './primitives.ts';
import { type Rhythm, type Schedule, schedule } from './schedule.ts';
import { type OffsetStretch, offsetAt } from './zone-offset.ts';

/** After a first picture taken at once, a grid slot that follows within this time would only repeat it. */
export const GRACE_MS = 5000;
/** A rhythm that has met no open window for this long, ms, never will: such as one slot at midnight, open from 8 to 18. */
const GIVE_UP_AFTER_MS = 10 * 366 * 86_400_000;

/** A stretch of time in which one schedule was in force for a timelapse on its agent. Spans of a timelapse never overlap. */
export const span = z.strictObject({
  id: spanId,
  timelapseId,
  schedule,
  /** Inclusive. */
  from: instant,
  /** Exclusive; null while in force. */
  until: instant.nullable(),
  /** A slot at `from` itself, where the schedule is open then: the first picture of a timelapse that has just started. */
  firstAtOnce: z.boolean(),
});
export type Span = z.infer<typeof span>;
/** What slots follow from. */
export type SlotSource = Pick<Span, 'schedule' | 'from' | 'until' | 'firstAtOnce'>;

/**
 * Every slot of a span with `from <= dueAt < to`, in ascending order, in ms since the epoch.
 * @throws RangeError when more than `limit` slots would be returned
 */
export function slotsBetween(of: SlotSource, from: number, to: number, limit = 1_000_000): number[] {
  const found: number[] = [];
  for (const dueAt of slotsFrom(of, from)) {
    if (dueAt >= to) break;
    if (found.length === limit) throw new RangeError(`more than ${limit} slots: ask for a shorter time`);
    found.push(dueAt);
  }
  return found;
}

/** The first slot of a span that is due at or after `from`; null when none will ever be. */
export function nextSlot(of: SlotSource, from: number): number | null {
  for (const dueAt of slotsFrom(of, from)) return dueAt;
  return null;
}

/** The slots of a span at or after `from`, in ascending order; endless while the span is. */
export function* slotsFrom(of: SlotSource, from: number): Generator<number, void> {
  const { schedule: when } = of;
  const opens = Math.max(of.from, when.startsAt ?? of.from);
  const closes = Math.min(of.until ?? Number.POSITIVE_INFINITY, when.endsAt ?? Number.POSITIVE_INFINITY);
  if (opens >= closes) return;
  const first = of.firstAtOnce ? rhythmAt(when, opens) : null;
  if (first !== null && opens >= from) yield opens;
  let at = Math.max(first === null ? opens : opens + graceAfterFirst(first), from);
  for (const one of overridesFrom(when, at)) {
    yield* slotsInWindows(when, at, Math.min(one.from, closes));
    at = Math.max(at, one.from);
    if (one.rhythm !== null) yield* slotsWithin(one.rhythm, when.timeZone, at, Math.min(one.until, closes));
    at = Math.max(at, one.until);
    if (at >= closes) return;
  }
  yield* slotsInWindows(when, at, closes);
}

function graceAfterFirst(rhythm: Rhythm): number {
  return rhythm.kind === 'interval' ? Math.min(GRACE_MS, Math.floor(rhythm.everyMs / 2)) : GRACE_MS;
}

/** The slots in the windows between two moments. It steps from window to window: a closed one costs no step for each slot. */
function* slotsInWindows(schedule: Schedule, from: number, until: number): Generator<number, void> {
  const { rhythm, timeZone } = schedule;
  let lastAt = from;
  /** No slot of the rhythm lies before this one. */
  let next = from;
  for (const open of openTimes(schedule, from, until)) {
    if (open.from - lastAt > GIVE_UP_AFTER_MS) return;
    if (next >= open.until) continue;
    for (const dueAt of gridFrom(rhythm, timeZone, Math.max(open.from, next))) {
      next = dueAt;
      if (dueAt >= open.until) break;
      lastAt = dueAt;
      yield dueAt;
    }
    if (next < open.from) return;
  }
}

function* slotsWithin(rhythm: Rhythm, zone: string, from: number, until: number): Generator<number, void> {
  if (from >= until) return;
  for (const dueAt of gridFrom(rhythm, zone, from)) {
    if (dueAt >= until) return;
    yield dueAt;
  }
}

function gridFrom(rhythm: Rhythm, zone: string, from: number): Generator<number, void> {
  return rhythm.kind === 'cron' ? cronFrom(rhythm.expression, zone, from) : intervalFrom(rhythm.everyMs, zone, from);
}

const crons = new Map<string, Cron>();

/** Reading an expression costs more than asking it. */
function cronOf(expression: string, zone: string): Cron {
  const key = `${zone} ${expression}`;
  const cron = crons.get(key) ?? new Cron(expression, { timezone: zone, paused: true });
  if (crons.size >= 200) crons.clear();
  crons.set(key, cron);
  return cron;
}

function* cronFrom(expression: string, zone: string, from: number): Generator<number, void> {
  const cron = cronOf(expression, zone);
  let after = Math.ceil(from / 1000) * 1000 - 1000;
  for (;;) {
    const next = cron.nextRun(new Date(after))?.getTime();
    if (next === undefined) return;
    if (next >= from) yield next;
    after = Math.max(next, after + 1000);
  }
}

/**
 * Multiples of the interval on the local clock. Where the clock is set back, a multiple in the repeated time that comes
 * sooner than one interval after the slot before it is left out (a two-hour rhythm has one slot at the repeated two
 * o'clock, not two); where it is set forward, the local times that do not exist have no slot.
 */
function* intervalFrom(everyMs: number, zone: string, from: number): Generator<number, void> {
  for (let at: number | null = from; at !== null; ) {
    const { offsetMs, since, until }: OffsetStretch = offsetAt(zone, at);
    const repeated = since === null ? null : repeatedTime(everyMs, zone, since, offsetMs);
    let dueAt = Math.ceil((at + offsetMs) / everyMs) * everyMs - offsetMs;
    for (; until === null || dueAt < until; dueAt += everyMs) {
      if (repeated === null || dueAt >= repeated.until || dueAt >= repeated.earliest) yield dueAt;
    }
    at = until;
  }
}

/** Until when a change of the offset repeats local time, and the earliest slot in it; null where the clock went forward. */
function repeatedTime(everyMs: number, zone: string, change: number, offsetMs: number) {
  const before = offsetAt(zone, change - 1).offsetMs;
  if (before <= offsetMs) return null;
  const lastBefore = Math.floor((change - 1 + before) / everyMs) * everyMs - before;
  return { until: change + before - offsetMs, earliest: lastBefore + everyMs };
}
