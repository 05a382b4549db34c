/**
 * Telling: every event goes out until a receipt says that it is recorded.
 *
 * Promise: at most `window` events are on their way at once; what happens now never waits behind a long backlog, nor the
 * backlog behind it: each may fill three quarters of the window. An event without a receipt is repeated with growing
 * distance. Nothing is kept here that a restart would miss; the outbox knows what is recorded.
 */
import { type Bell, type Clock, createBell } from '@slowlight/protocol/kit';

export interface TellingDeps {
  clock: Clock;
  /** `held`: nobody listens; `too-large`: it can never go out, and holds nobody up. */
  publish(event: OutboxEvent): 'sent' | 'held' | 'too-large';
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
  const { clock } = deps;
  const bell: Bell = createBell();
  const onTheirWay = new Map<number, OnItsWay>();
  /** When an event was last said on this connection, monotonic ms. */
  const said = new Map<number, number>();
  let horizon = 0;
  const told = { new: 0, backlog: 0 };
  let listening = false;

  function say(event: OutboxEvent, lane: OnItsWay['lane'], times: number): boolean {
    if (deps.publish(event) === 'held') return false;
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
      horizon = lastSeq;
      told.new = lastSeq;
      told.backlog = 0;
      listening = true;
      for (const seq of first) this.sayNow(seq);
      bell.ring();
    },
    end(): void {
      listening = false;
      onTheirWay.clear();
    },
    /** There are new events in the outbox. */
    wake: () => bell.ring(),
    /** Says one event now and until its receipt, ahead of all others. */
    sayNow(seq: number): void {
      const event = listening ? deps.event(seq) : null;
      if (event !== null) say(event, seq > horizon ? 'new' : 'backlog', 0);
    },
    /** Says once more what is recorded already, to be answered once more. */
    sayAgain(seq: number): void {
      const event = listening ? deps.event(seq) : null;
      if (event !== null && deps.publish(event) === 'sent') note(seq, clock.monotonicMs());
    },
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
      while (!signal.aborted) {
        if (listening) {
          repeatLate();
          fill('new');
          fill('backlog');
        }
        await bell.wait(clock, listening ? nextLateMs() : 60_000, signal);
      }
    },
  };
}
export type Telling = ReturnType<typeof createTelling>;
