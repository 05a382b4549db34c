/**
 * The feed for people who look on. Promise: each viewer gets every entry behind the position it asked for, once and in
 * order, or is told to start anew. A viewer pulls: nothing is queued for it but one piece at a time (64 KB, or one entry),
 * and a connection that does not take its piece in time is cut off. It comes back and asks for the rest.
 */
import type { FeedEntry } from '@slowlight/protocol';
import { type Clock, createBell, deadline, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { FeedRecords } from '../ports.ts';
import { entryText, greetingText, heartbeatText, isOfTopics, piecesOf, resetText, startOf } from './sse.ts';
import { createTail, type TailOptions } from './tail.ts';

/** The connection of a viewer. */
export interface Sink {
  /** Sends or keeps the text; gives how many bytes the connection holds unsent. */
  write(text: string): number;
  /** Resolves when the connection holds nothing, or when the signal aborts. */
  drained(signal: AbortSignal): Promise<void>;
}

export interface ViewerRequest {
  /** Hear what came after this position; null: from now on. */
  after: number | null;
  /** Types or their first words; empty: everything. */
  topics: readonly string[];
  sink: Sink;
  /** Of some entries those that this viewer may hear; nothing: all. */
  hears?: ((entries: readonly FeedEntry[]) => Promise<readonly FeedEntry[]>) | undefined;
  /** Asked at each heartbeat: may this viewer still look on? */
  stillAllowed: () => Promise<boolean>;
}

export type ViewerEnd = 'left' | 'too-slow' | 'no-longer-allowed';

export interface Feed {
  /** Reads the records' feed for all viewers, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Serves one viewer until it leaves (the signal aborts) or is cut off. @throws what the records throw */
  serve(viewer: ViewerRequest, signal: AbortSignal): Promise<ViewerEnd>;
  /**
   * Hears every entry behind a position, once and in order, until the signal aborts. An entry whose listener throws is
   * heard again after a while; the ones behind it wait.
   */
  follow(after: number, listener: (entry: FeedEntry) => Promise<void>, signal: AbortSignal): Promise<void>;
  viewers(): number;
}

export interface FeedOptions extends TailOptions {
  heartbeatMs?: number;
  /** A connection that did not take the last piece (64 KB) within this time is cut off, ms. */
  mostStallMs?: number;
}

const PIECE_CHARACTERS = 64 * 1024;

export function createFeed(
  deps: { records: FeedRecords; clock: Clock; onFailure: (failure: Failure, waitMs: number) => void },
  options: FeedOptions = {},
): Feed {
  const { clock } = deps;
  const { heartbeatMs = 15_000, mostStallMs = 15_000 } = options;
  const tail = createTail(deps, options);
  let viewers = 0;

  /** Every viewer gets the same text: it is made once. */
  const texts = new WeakMap<FeedEntry, string>();
  function textOf(entry: FeedEntry): string {
    const known = texts.get(entry);
    if (known !== undefined) return known;
    const text = entryText(entry);
    texts.set(entry, text);
    return text;
  }

  async function serve(
    { after, topics, sink, hears, stillAllowed }: ViewerRequest,
    signal: AbortSignal,
  ): Promise<ViewerEnd> {
    const waker = createWaker();
    const over = new AbortController();
    const leave = () => {
      over.abort();
      waker.wake();
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    const stopListening = tail.onMore(waker.wake);
    const send = createSender(sink, { clock, mostStallMs }, over.signal);
    let beatIsDue = false;
    // One timer for each heartbeat, and none for each event: there are thousands of viewers.
    const beat = async () => {
      while (!over.signal.aborted) {
        await clock.sleep(heartbeatMs, over.signal);
        beatIsDue = true;
        waker.wake();
      }
    };
    const beating = beat();
    viewers += 1;
    try {
      const start = startOf(after, await tail.kept());
      let position = start.after;
      const greeting = greetingText(position) + (start.reset ? resetText(position) : '');
      if (!(await send(greeting))) return 'too-slow';
      while (!signal.aborted) {
        const entries = await tail.after(position);
        position = entries.at(-1)?.position ?? position;
        const asked = entries.filter((entry) => isOfTopics(entry.event.type, topics));
        const wanted = hears === undefined ? asked : await hears(asked);
        for (const piece of piecesOf(wanted.map(textOf), PIECE_CHARACTERS)) if (!(await send(piece))) return 'too-slow';
        if (beatIsDue && !signal.aborted) {
          beatIsDue = false;
          if (!(await stillAllowed())) return 'no-longer-allowed';
          if (!(await send(heartbeatText(position)))) return 'too-slow';
        }
        if (entries.length === 0) await waker.wait();
      }
      return 'left';
    } finally {
      viewers -= 1;
      stopListening();
      signal.removeEventListener('abort', leave);
      over.abort();
      await beating;
    }
  }

  async function follow(after: number, listener: (entry: FeedEntry) => Promise<void>, signal: AbortSignal) {
    const more = createBell();
    const stopListening = tail.onMore(() => more.ring());
    let position = after;
    const turn = async () => {
      const entries = await tail.after(position);
      for (const entry of entries) {
        if (signal.aborted) return 0;
        await listener(entry);
        position = entry.position;
      }
      if (entries.length === 0) await more.wait(clock, heartbeatMs, signal);
      return 0;
    };
    await runLoop(turn, { clock, onFailure: deps.onFailure }, signal);
    stopListening();
  }

  return { run: tail.run, serve, follow, viewers: () => viewers };
}

/**
 * Sends one piece after the other, the next when the connection has taken the one before; waits for that no longer than
 * `mostStallMs`. False: it is too slow. Usually there is nothing to wait for, and then nothing is set up for it.
 */
function createSender(
  sink: Sink,
  { clock, mostStallMs }: { clock: Clock; mostStallMs: number },
  signal: AbortSignal,
): (text: string) => Promise<boolean> {
  let holds = false;
  return async (text) => {
    if (holds) {
      const limit = deadline(clock, mostStallMs, signal);
      await sink.drained(limit.signal);
      limit.clear();
      if (limit.signal.aborted && !signal.aborted) return false;
    }
    if (sink.write(text) > 0 && !holds) {
      holds = true;
      const taken = () => {
        holds = false;
      };
      sink.drained(signal).then(taken, taken);
    }
    return true;
  };
}

/** Wakes whoever waits; a wake that nobody waited for is kept for the next wait. */
function createWaker(): { wake: () => void; wait: () => Promise<void> } {
  let isAwake = false;
  let wakeUp: (() => void) | null = null;
  return {
    wake() {
      isAwake = true;
      wakeUp?.();
    },
    async wait() {
      if (!isAwake)
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
      wakeUp = null;
      isAwake = false;
    },
  };
}
