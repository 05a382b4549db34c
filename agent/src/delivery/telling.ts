/**
 * Telling: every event goes out until a receipt says that it is recorded.
 *
 * Promise: at most `window` events are on their way at once; what happens now never waits behind a long backlog, nor the
 * backlog behind it: each may fill three quarters of the window. An event without a receipt is repeated with growing
 * distance. An event that cuts the line is set aside and holds nobody up. Nothing is kept here that a restart would miss; the
 * outbox knows what is recorded. When the outbox cannot be read, it is tried again.
 */
import { type Bell, type Clock, createBell, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import { createSuspects } from './suspects.ts';

export interface TellingDeps {
  clock: Clock;
  log: Log;
  /**
   * `held`: nobody listens; `too-large`: it can never go out, and holds nobody up. `onTaken`: the broker has taken it and
   * kept the line.
   */
  publish(event: OutboxEvent, onTaken: () => void): 'sent' | 'held' | 'too-large';
  unrecorded(after: number, upTo: number, limit: number): OutboxEvent[];
  event(seq: number): OutboxEvent | null;
}
export interface OutboxEvent {
  seq: number;
  type: string;
  body: string;
}
export interface TellingOptions {
  window?: number;
  /** When an event without a receipt is said again, ms; then twice as long, up to eight times. */
  repeatMs?: number;
}

interface OnItsWay {
  lane: 'new' | 'backlog';
  at: number;
  times: number;
}

export function createTelling(deps: TellingDeps, { window = 100, repeatMs = 5000 }: TellingOptions = {}) {
  const { clock, log } = deps;
  const bell: Bell = createBell();
  const suspects = createSuspects(clock);
  let newest: readonly number[] = [];
  const onTheirWay = new Map<number, OnItsWay>();
  /** When an event was last said on this connection, monotonic ms. */
  const said = new Map<number, number>();
  let horizon = 0;
  /** The list of all that is held was said on this connection: what is answered may be about any frame. */
  let listed = false;
  const told = { new: 0, backlog: 0 };
  let listening = false;
  /** Suspects go first: until they have, nothing else does. */
  let suspicious = false;

  function publish(event: OutboxEvent): 'sent' | 'held' | 'too-large' {
    const result = deps.publish(event, () => {
      suspects.free(event.seq);
      if (suspicious) bell.ring();
    });
    if (result === 'sent') suspects.sent(event.seq);
    return result;
  }

  function say(event: OutboxEvent, lane: OnItsWay['lane'], times: number): boolean {
    if (suspects.isAside(event.seq)) return true;
    const result = publish(event);
    if (result === 'held') return false;
    if (result === 'too-large') suspects.free(event.seq);
    if (event.type === 'frames.held') listed = true;
    const at = clock.monotonicMs();
    onTheirWay.set(event.seq, { lane, at, times });
    note(event.seq, at);
    return true;
  }

  function note(seq: number, at: number): void {
    said.delete(seq);
    said.set(seq, at);
    for (const oldest of said.keys()) {
      if (said.size <= 4 * window) break;
      said.delete(oldest);
    }
  }

  function fill(lane: OnItsWay['lane']): void {
    let used = 0;
    for (const entry of onTheirWay.values()) if (entry.lane === lane) used += 1;
    const room = Math.min(Math.ceil(window * 0.75) - used, window - onTheirWay.size);
    if (room <= 0) return;
    const upTo = lane === 'new' ? Number.MAX_SAFE_INTEGER : horizon;
    for (const event of deps.unrecorded(told[lane], upTo, room)) {
      if (!onTheirWay.has(event.seq) && !say(event, lane, 0)) return;
      told[lane] = event.seq;
    }
  }

  /** Says the suspects one by one. Gives how long to wait for the one that is on the line, ms; 0: there are none. */
  function saySuspects(): number {
    for (let next = suspects.next(); next !== null; next = suspects.next()) {
      suspicious = true;
      if (next.kind === 'wait') return next.forMs;
      const { seq } = next;
      const event = deps.event(seq);
      if (event === null) suspects.free(seq);
      else if (!say(event, seq > horizon ? 'new' : 'backlog', 0)) return 1000;
    }
    if (suspicious) beginAll();
    suspicious = false;
    return 0;
  }

  function beginAll(): void {
    told.new = horizon;
    told.backlog = 0;
    for (const seq of newest) {
      const event = onTheirWay.has(seq) ? null : deps.event(seq);
      if (event !== null) say(event, 'backlog', 0);
    }
  }

  function turn(): number {
    if (!listening) return 60_000;
    const waitMs = saySuspects();
    if (waitMs > 0) return waitMs;
    repeatLate();
    fill('new');
    fill('backlog');
    return nextLateMs();
  }

  function repeatLate(): void {
    const now = clock.monotonicMs();
    for (const [seq, entry] of onTheirWay) {
      if (now - entry.at < repeatAfter(entry)) continue;
      const event = deps.event(seq);
      if (event === null) onTheirWay.delete(seq);
      else if (!say(event, entry.lane, entry.times + 1)) return;
    }
  }
  const repeatAfter = (entry: OnItsWay) => repeatMs * 2 ** Math.min(entry.times, 3);

  function nextLateMs(): number {
    const now = clock.monotonicMs();
    let ms = 60_000;
    for (const entry of onTheirWay.values()) ms = Math.min(ms, entry.at + repeatAfter(entry) - now);
    return Math.max(ms, 10);
  }

  return {
    /** Somebody listens, who has heard nothing yet: `first` goes first, then all the rest. */
    begin({ first, lastSeq }: { first: readonly number[]; lastSeq: number }): void {
      onTheirWay.clear();
      said.clear();
      listed = false;
      suspects.begin();
      horizon = lastSeq;
      newest = first;
      listening = true;
      suspicious = saySuspects() > 0;
      if (!suspicious) beginAll();
      bell.ring();
    },
    end(): void {
      listening = false;
      onTheirWay.clear();
    },
    /** The line broke: what the broker had not taken may be to blame. */
    cut(): void {
      const guilty = suspects.cut();
      if (guilty === null) return;
      const { seq, forMs } = guilty;
      const hint = 'Look into the broker’s log for why it closes the connection, and report it: the event is kept.';
      log.error(
        { code: 'event.cuts-line', seq, type: deps.event(seq)?.type, forMs, hint },
        'an event has cut the connection three times in a row and is set aside',
      );
    },
    /** There are new events in the outbox. */
    wake: () => bell.ring(),
    /** Says one event now and until its receipt, ahead of all others. */
    sayNow(seq: number): void {
      const event = listening && !suspicious ? deps.event(seq) : null;
      if (event !== null) say(event, seq > horizon ? 'new' : 'backlog', 0);
    },
    /** Says once more what is recorded already, to be answered once more. */
    sayAgain(seq: number): void {
      const event = listening && !suspicious && !suspects.isAside(seq) ? deps.event(seq) : null;
      if (event !== null && publish(event) === 'sent') note(seq, clock.monotonicMs());
    },
    /** Whether an answer can be about this event of this card: it was said on this connection. */
    isSaid: (seq: number) => listed || said.has(seq),
    /** How long ago an event was said on this connection, ms. */
    saidAgoMs: (seq: number) => clock.monotonicMs() - (said.get(seq) ?? Number.NEGATIVE_INFINITY),
    /** These are recorded, or will never be. */
    received(upTo: number, also: readonly number[]): void {
      for (const seq of also) onTheirWay.delete(seq);
      for (const seq of onTheirWay.keys()) if (seq <= upTo) onTheirWay.delete(seq);
      bell.ring();
    },
    onTheirWay: () => onTheirWay.size,
    async run(signal: AbortSignal): Promise<void> {
      await runLoop(
        async () => {
          await bell.wait(clock, turn(), signal);
          return 0;
        },
        {
          clock,
          onFailure: ({ code, hint, message }, waitMs) =>
            log.error({ code, hint, waitMs }, `telling failed, trying again: ${message}`),
        },
        signal,
      );
    },
  };
}
export type Telling = ReturnType<typeof createTelling>;
