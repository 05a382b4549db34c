import { type MissedReason, nextSlot, type Span, slotsFrom } from '@slowlight/protocol';

/** What a timelapse has to do next. */
export type Plan =
  /** These slots were not taken and their deadlines are over. */
  | { kind: 'missed'; firstDueAt: number; lastDueAt: number; count: number; reason: MissedReason }
  | { kind: 'take'; dueAt: number; deadlineAt: number; span: Span }
  /** `forMs`: until the next slot's picture must be asked for. */
  | { kind: 'wait'; dueAt: number; forMs: number }
  /** The open span's schedule has come to its end. */
  | { kind: 'ended'; span: Span; at: number }
  | { kind: 'nothing' };

export interface PlanInput {
  spans: readonly Span[];
  /** Slots up to and including this one are settled. */
  settledUpTo: number;
  now: number;
  /** When this agent started, by the clock of now: slots before it were missed because it was down. */
  startedAt: number;
  /** Until then it did not know what time it was, by the clock of now; null: it knew from the start. */
  heldUntil?: number | null;
  /** How long before a slot its picture must be asked for. */
  leadMs: number;
}

/** The longest that a slot's picture may be late, ms. */
export const LONGEST_DEADLINE_MS = 30_000;
/** Missed slots are told in portions, so that no step takes long. */
const MISSED_AT_ONCE = 10_000;

/**
 * The next step of one timelapse. Pure: time, settled slots and spans decide alone, whatever the clock did in between. A
 * clock that goes back offers no slot twice, because settled ones stay settled; one that jumps ahead makes missed ones.
 */
export function planNext({ spans, settledUpTo, now, startedAt, heldUntil = null, leadMs }: PlanInput): Plan {
  const upcoming = firstUnsettled(spans, settledUpTo);
  if (upcoming === null) {
    const open = spans.find((span) => span.until === null);
    const endsAt = open?.schedule.endsAt ?? null;
    if (open !== undefined && endsAt !== null && endsAt <= now) return { kind: 'ended', span: open, at: endsAt };
    if (open !== undefined && endsAt !== null) return { kind: 'wait', dueAt: endsAt, forMs: endsAt - now };
    return { kind: 'nothing' };
  }
  const { span, dueAt } = upcoming;
  const deadlineAt = deadlineOf(span, dueAt);
  if (deadlineAt < now) return { kind: 'missed', ...missedFrom(span, dueAt, now, { startedAt, heldUntil }) };
  const forMs = dueAt - leadMs - now;
  return forMs > 0 ? { kind: 'wait', dueAt, forMs } : { kind: 'take', dueAt, deadlineAt, span };
}

/** Until when a slot's picture is worth taking: half the time to the next slot, 30 s at most. Wall time, ms. */
export function deadlineOf(span: Span, dueAt: number): number {
  return deadlineWith(span, dueAt, steadyMs(span) === null ? nextSlot(span, dueAt + 1) : null);
}

function deadlineWith(span: Span, dueAt: number, next: number | null): number {
  const gapMs = steadyMs(span) ?? (next ?? Number.POSITIVE_INFINITY) - dueAt;
  return dueAt + Math.min(LONGEST_DEADLINE_MS, Math.floor(gapMs / 2));
}

/** The shortest time between two slots of a span where one interval says it, ms; null: the next slot must be looked for. */
function steadyMs({ schedule: { rhythm, overrides = [] } }: Span): number | null {
  return rhythm.kind === 'interval' && overrides.length === 0 ? rhythm.everyMs : null;
}

function firstUnsettled(spans: readonly Span[], settledUpTo: number): { span: Span; dueAt: number } | null {
  let first: { span: Span; dueAt: number } | null = null;
  for (const span of spans) {
    const dueAt = nextSlot(span, Math.max(settledUpTo + 1, span.from));
    if (dueAt !== null && (first === null || dueAt < first.dueAt)) first = { span, dueAt };
  }
  return first;
}

/** As many slots of one span as share a reason, from `firstDueAt` on. Each is judged with the slot after it in hand. */
function missedFrom(
  span: Span,
  firstDueAt: number,
  now: number,
  { startedAt, heldUntil }: { startedAt: number; heldUntil: number | null },
) {
  const reasonOf = (dueAt: number): MissedReason => {
    if (dueAt < startedAt) return 'agent-down';
    return heldUntil !== null && dueAt < heldUntil ? 'clock-not-set' : 'agent-late';
  };
  const missed = { firstDueAt, lastDueAt: firstDueAt, count: 0, reason: reasonOf(firstDueAt) };
  const add = (dueAt: number, next: number | null): boolean => {
    if (deadlineWith(span, dueAt, next) >= now) return false;
    missed.lastDueAt = dueAt;
    missed.count += 1;
    return missed.count < MISSED_AT_ONCE;
  };
  let inHand: number | null = null;
  for (const dueAt of slotsFrom(span, firstDueAt)) {
    if (inHand !== null && !add(inHand, dueAt)) return missed;
    inHand = null;
    if (reasonOf(dueAt) !== missed.reason) return missed;
    inHand = dueAt;
  }
  if (inHand !== null) add(inHand, null);
  return missed;
}
