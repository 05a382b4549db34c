/**
 * The schedule: one loop for each timelapse, which asks for the picture of each slot in time.
 *
 * Promise: every slot of every span is offered exactly once, or reported as missed; settings that arrive are in force from
 * the next slot on. Slots of one timelapse never overlap; timelapses do not wait for each other.
 * Where a wrong clock settled slots that lie ahead, the timelapse waits for the clock to pass them: no slot is taken twice.
 * When a step fails it is repeated with full jitter; a slot that cannot be settled meanwhile ends as missed.
 */
import type { AgentSettings, MissedReason, Slot, Span, TimelapseId } from '@slowlight/protocol';
import { type Beat, type Bell, type Clock, createBell, noPulse, type Pulse, runLoop } from '@slowlight/protocol/kit';
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
    reason: MissedReason;
  }): boolean;
  /** For how long yet, ms, nothing is planned because nobody knows what time it is; 0: it is known well enough. */
  holdMs?(): number;
  /** How long before a slot its picture must be asked for, ms. */
  leadMs(timelapse: TimelapseId): number;
  /** Other settings have come into force. */
  onApplied?(settings: AgentSettings): void;
  /** Told of each loop's turns. */
  pulse?: Pulse;
  /** Takes the picture of a slot and settles it, by its deadline. */
  take(slot: Slot, about: { deadlineAt: number; span: Span }, signal: AbortSignal): Promise<void>;
}

/** What follows one timelapse. */
interface Follower {
  bell: Bell;
  beat: Beat;
  done: AbortController;
}

/** The wall clock is looked at this often while waiting, ms, because it can be set. */
const LONGEST_NAP_MS = 5000;

/** While the time is not known, it is asked for this often, ms. */
const HOLD_NAP_MS = 1000;

/** How soon settings that could not be written down are tried again, ms. */
const APPLY_AGAIN = { firstMs: 1000, mostMs: 30_000 };

/** @param settings the last accepted ones; null before the first */
export function createSchedule(deps: ScheduleDeps, settings: AgentSettings | null) {
  const { clock, log, pulse = noPulse } = deps;
  const startedAtMono = clock.monotonicMs();
  /** Where the hold ended, in monotonic ms; null: there was none yet. */
  let heldUntilMono: number | null = null;
  const underWay = new Map<TimelapseId, number>();
  const bells = new Map<TimelapseId, Bell>();
  const changed = createBell();
  let current = settings;
  /** Newer settings that could not be written down yet. */
  let wanted: AgentSettings | null = null;
  let resumed = false;

  const holdMs = () => deps.holdMs?.() ?? 0;

  function settledUpTo(timelapse: TimelapseId): number | null {
    const cursor = deps.cursor(timelapse);
    const taking = underWay.get(timelapse);
    return taking === undefined ? cursor : Math.max(cursor ?? 0, taking);
  }

  /**
   * Settings come into force, or will when the time is known; false for those that are not in force now, or were before.
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
    return holdMs() > 0 ? false : bringIntoForce(next);
  }

  function bringIntoForce(next: AgentSettings): boolean {
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
    changed.ring();
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

  async function turn(timelapse: TimelapseId, { bell, beat, done }: Follower): Promise<number> {
    const signal = done.signal;
    const heldMs = holdMs();
    if (heldMs > 0) {
      await bell.wait(clock, Math.min(heldMs, HOLD_NAP_MS), signal);
      heldUntilMono = clock.monotonicMs();
      return 0;
    }
    const spans = deps.spansOf(timelapse);
    const cursor = deps.cursor(timelapse) ?? 0;
    const now = clock.now();
    // Told by the clock of now: one that was set meanwhile tells the start anew.
    const wallOf = (mono: number) => now - (clock.monotonicMs() - mono);
    const plan = planNext({
      spans,
      settledUpTo: cursor,
      now,
      startedAt: wallOf(startedAtMono),
      heldUntil: heldUntilMono === null ? null : wallOf(heldUntilMono),
      leadMs: deps.leadMs(timelapse),
    });
    beat.turn(plan.kind === 'take' ? Math.max(0, plan.deadlineAt - now) : LONGEST_NAP_MS);
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
    const beat = pulse.begin(`schedule of ${timelapse}`);
    bells.set(timelapse, bell);
    const done = new AbortController();
    const stop = () => done.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await runLoop(
      () => turn(timelapse, { bell, beat, done }),
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
    beat.end();
    bells.delete(timelapse);
  }

  return {
    apply,
    settings: () => current,
    /** Ends when the signal aborts and every slot that is being taken has ended. */
    async run(signal: AbortSignal): Promise<void> {
      const following = new Set<Promise<void>>();
      const beat = pulse.begin('schedules');
      const followAll = async (): Promise<number> => {
        const held = holdMs() > 0;
        if (!resumed && !held) {
          resume();
          resumed = true;
        }
        for (const timelapse of new Set(deps.spans().map((span) => span.timelapseId))) {
          if (bells.has(timelapse)) continue;
          const loop = follow(timelapse, signal);
          following.add(loop);
          void loop.finally(() => following.delete(loop));
        }
        // After what is known is followed: settings that cannot be written down hold up no slot.
        if (wanted !== null && !held) bringIntoForce(wanted);
        beat.turn(60_000);
        await changed.wait(clock, held ? HOLD_NAP_MS : 60_000, signal);
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
      beat.end();
    },
  };
}
