/**
 * Which moments a timelapse plans. Pure, and the same code on both sides, so that agent and control plane agree on every
 * slot without speaking about it.
 */
import { Cron } from 'croner';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { spanId, timelapseId } from './ids.ts';
import { instant } from './primitives.ts';
import { type Rhythm, schedule } from './schedule.ts';

/** After a first picture taken at once, a grid slot that follows within this time would only repeat it. */
export const GRACE_MS = 5000;

/** A stretch of time in which one schedule was in force for a timelapse on its agent. Spans of a timelapse never overlap. */
export const span = z.strictObject({
  id: spanId,
  timelapseId,
  schedule,
  /** Inclusive. */
  from: instant,
  /** Exclusive; null while in force. */
  until: instant.nullable(),
  /** A slot at `from` itself: the first picture of a timelapse that has just started. */
  firstAtOnce: z.boolean(),
});
export type Span = z.infer<typeof span>;

/**
 * Every slot of a span with `from <= dueAt < to`, in ascending order, in ms since the epoch.
 * @throws RangeError when more than `limit` slots would be returned
 */
export function slotsBetween(of: Span, from: number, to: number, limit = 1_000_000): number[] {
  const found: number[] = [];
  for (const dueAt of slotsFrom(of, from)) {
    if (dueAt >= to) break;
    if (found.length === limit) throw new RangeError(`more than ${limit} slots: ask for a shorter time`);
    found.push(dueAt);
  }
  return found;
}

/** The first slot of a span that is due at or after `from`; null when none will ever be. */
export function nextSlot(of: Span, from: number): number | null {
  for (const dueAt of slotsFrom(of, from)) return dueAt;
  return null;
}

/** The slots of a span at or after `from`, in ascending order; endless while the span is. */
export function* slotsFrom(of: Span, from: number): Generator<number, void> {
  const { startsAt, endsAt } = of.schedule;
  const opens = Math.max(of.from, startsAt ?? of.from);
  const closes = Math.min(of.until ?? Number.POSITIVE_INFINITY, endsAt ?? Number.POSITIVE_INFINITY);
  if (of.firstAtOnce && opens >= from && opens < closes) yield opens;
  const grid = of.firstAtOnce ? opens + graceAfterFirst(of.schedule.rhythm) : opens;
  for (const dueAt of gridFrom(of.schedule.rhythm, of.schedule.timeZone, Math.max(grid, from))) {
    if (dueAt >= closes) return;
    yield dueAt;
  }
}

function graceAfterFirst(rhythm: Rhythm): number {
  return rhythm.kind === 'interval' ? Math.min(GRACE_MS, Math.floor(rhythm.everyMs / 2)) : GRACE_MS;
}

function gridFrom(rhythm: Rhythm, zone: string, from: number): Generator<number, void> {
  return rhythm.kind === 'cron' ? cronFrom(rhythm.expression, zone, from) : intervalFrom(rhythm.everyMs, zone, from);
}

function* cronFrom(expression: string, zone: string, from: number): Generator<number, void> {
  const cron = new Cron(expression, { timezone: zone, paused: true });
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

interface OffsetStretch {
  offsetMs: number;
  since: number | null;
  until: number | null;
}
const stretches = new Map<string, OffsetStretch[]>();

/** The zone's offset from UTC at a moment, and the stretch of time for which it holds; remembered, since asking is slow. */
function offsetAt(zone: string, at: number): OffsetStretch {
  const known = stretches.get(zone) ?? [];
  for (const stretch of known)
    if ((stretch.since === null || at >= stretch.since) && (stretch.until === null || at < stretch.until))
      return stretch;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const just = local.getTimeZoneTransition('next');
  // `previous` looks strictly before the moment; one millisecond later it also finds a change at the moment itself.
  const past = local.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const stretch = {
    offsetMs: local.offsetNanoseconds / 1_000_000,
    since: past?.epochMilliseconds ?? null,
    until: just?.epochMilliseconds ?? null,
  };
  stretches.set(zone, [stretch, ...known].slice(0, 64));
  return stretch;
}
