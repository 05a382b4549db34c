/**
 * The schedule: one loop for each timelapse, which asks for the picture of each slot in time.
 *
 * Promise: every slot of every span is offered exactly once, or reported as missed; settings that arrive are in force from
 * the next slot on. Slots of one timelapse never overlap; timelapses do not wait for each other.
 * When a step fails it is repeated with full jitter; a slot that cannot be settled meanwhile ends as missed.
 */
import type { AgentSettings, Slot, Span, TimelapseId } from '@slowlight/protocol';
import { type Bell, type Clock, createBell, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import { decideSpans, endOf } from './decide-spans.ts';
import { planNext } from './plan-next.ts';

export interface ScheduleDeps {
  clock: Clock;
  log: Log;
  spans(): Span[];
  spansOf(timelapse: TimelapseId): Span[];
  /** The last settled slot; null when the timelapse has never had a span. */
  cursor(timelapse: TimelapseId): number | null;
  /** Makes spans, and settings where given, durable and reports them. */
  applySpans(
    change: { settingsVersion: number; at: number; closed: readonly Span[]; opened: readonly Span[] },
    settings?: AgentSettings,
  ): void;
  missed(range: {
    timelapseId: TimelapseId;
    firstDueAt: number;
    lastDueAt: number;
    count: number;
    reason: 'agent-down' | 'agent-late';
  }): boolean;
  /** How long before a slot its picture must be asked for, ms. */
  leadMs(timelapse: TimelapseId): number;
  /** Other settings have come into force. */
  onApplied?(settings: AgentSettings): void;
  /** Takes the picture of a slot and settles it, by its deadline. */
  take(slot: Slot, about: { deadlineAt: number; span: Span }, signal: AbortSignal): Promise<void>;
}

/** The wall clock is looked at this often while waiting, ms, because it can be set. */
const LONGEST_NAP_MS = 5000;

/** How soon settings that could not be written down are tried again, ms. */
const APPLY_AGAIN = { firstMs: 1000, mostMs: 30_000 };

/** @param settings the last accepted ones; null before the first */
export function createSchedule(deps: ScheduleDeps, settings: AgentSettings | null) {
  const { clock, log } = deps;
  const startedAt = clock.now();
  const underWay = new Map<TimelapseId, number>();
  const bells = new Map<TimelapseId, Bell>();
  const changed = createBell();
  let current = settings;
  /** Newer settings that could not be written down yet. */
  let wanted: AgentSettings | null = null;
  let resumed = false;

  function settledUpTo(timelapse: TimelapseId): number | null {
    const cursor = deps.cursor(timelapse);
    const taking = underWay.get(timelapse);
    return taking === undefined ? cursor : Math.max(cursor ?? 0, taking);
  }

  /**
   * Settings come into force; false for those that are not newer than what is in force.
   * @throws Failure `buffer.…` when they cannot be written down: `run` tries again until they can
   */
  function apply(next: AgentSettings): boolean {
    if (current !== null && next.version <= current.version) {
      if (wanted === next) wanted = null;
      return false;
    }
    if (wanted === null || next.version >= wanted.version) wanted = next;
    // Wakes `run`, which sees whether something is left to do.
    changed.ring();
    const now = clock.now();
    const decision = decideSpans(next, deps.spans(), settledUpTo, now);
    deps.applySpans({ settingsVersion: next.version, at: now, ...decision }, next);
    current = next;
    if (wanted === next) wanted = null;
    log.info(
      { settings: next.version, opened: decision.opened.length, closed: decision.closed.length },
      'new settings are in force',
    );
    for (const bell of bells.values()) bell.ring();
    deps.onApplied?.(next);
    return true;
  }

  /** What was in force before the last stop is so again; a power cut between accepting settings and here changes nothing. */
  function resume(): void {
    if (current === null) return;
    const now = clock.now();
    const decision = decideSpans(current, deps.spans(), settledUpTo, now);
    if (decision.closed.length + decision.opened.length > 0)
      deps.applySpans({ settingsVersion: current.version, at: now, ...decision });
  }

  async function turn(timelapse: TimelapseId, bell: Bell, done: AbortController): Promise<number> {
    const signal = done.signal;
    const spans = deps.spansOf(timelapse);
    const cursor = deps.cursor(timelapse) ?? 0;
    const now = clock.now();
    const plan = planNext({ spans, settledUpTo: cursor, now, startedAt, leadMs: deps.leadMs(timelapse) });
    switch (plan.kind) {
      case 'missed': {
        const { kind: _, ...range } = plan;
        deps.missed({ timelapseId: timelapse, ...range });
        log.warn({ timelapse, ...range }, 'slots were missed');
        // Lets others run between portions.
        return 1;
      }
      case 'take': {
        underWay.set(timelapse, plan.dueAt);
        try {
          await deps.take({ timelapseId: timelapse, dueAt: plan.dueAt }, plan, signal);
        } finally {
          underWay.delete(timelapse);
        }
        return 0;
      }
      case 'wait':
        await bell.wait(clock, Math.min(plan.forMs, LONGEST_NAP_MS), signal);
        return 0;
      case 'ended':
        deps.applySpans({
          settingsVersion: current?.version ?? 0,
          at: now,
          closed: [{ ...plan.span, until: endOf(plan.span, now) }],
          opened: [],
        });
        log.info({ timelapse }, 'the timelapse has reached its end');
        return 0;
      case 'nothing':
        done.abort();
        return 0;
    }
  }

  async function follow(timelapse: TimelapseId, signal: AbortSignal): Promise<void> {
    const bell = createBell();
    bells.set(timelapse, bell);
    const done = new AbortController();
    const stop = () => done.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await runLoop(
      () => turn(timelapse, bell, done),
      {
        clock,
        onFailure: (failure, waitMs) =>
          log.error(
            { timelapse, code: failure.code, hint: failure.hint, waitMs: Math.round(waitMs) },
            `a step of the schedule failed: ${failure.message}`,
          ),
        backoff: { firstMs: 250, mostMs: 5000 },
      },
      done.signal,
    );
    signal.removeEventListener('abort', stop);
    bells.delete(timelapse);
  }

  return {
    apply,
    settings: () => current,
    /** Ends when the signal aborts and every slot that is being taken has ended. */
    async run(signal: AbortSignal): Promise<void> {
      const following = new Set<Promise<void>>();
      const followAll = async (): Promise<number> => {
        if (!resumed) resume();
        resumed = true;
        for (const timelapse of new Set(deps.spans().map((span) => span.timelapseId))) {
          if (bells.has(timelapse)) continue;
          const loop = follow(timelapse, signal);
          following.add(loop);
          void loop.finally(() => following.delete(loop));
        }
        // After what is known is followed: settings that cannot be written down hold up no slot.
        if (wanted !== null) apply(wanted);
        await changed.wait(clock, 60_000, signal);
        return 0;
      };
      await runLoop(
        followAll,
        {
          clock,
          onFailure: ({ code, hint, message }, waitMs) =>
            log.error({ code, hint, waitMs }, `schedules could not be brought up to date, trying again: ${message}`),
          backoff: APPLY_AGAIN,
        },
        signal,
      );
      await Promise.all(following);
    },
  };
}
