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

  /** Waits until the connection has taken it. False: it is too slow. */
  async function sent(sink: Sink, text: string, signal: AbortSignal): Promise<boolean> {
    if (sink.write(text) === 0) return true;
    const limit = deadline(clock, mostStallMs, signal);
    await sink.drained(limit.signal);
    limit.clear();
    return signal.aborted || !limit.signal.aborted;
  }

  async function serve({ after, topics, sink, stillAllowed }: ViewerRequest, signal: AbortSignal): Promise<ViewerEnd> {
    const more = createBell();
    const stopListening = tail.onMore(() => more.ring());
    viewers += 1;
    try {
      const start = startOf(after, await tail.kept());
      let position = start.after;
      const greeting = greetingText(position) + (start.reset ? resetText(position) : '');
      if (!(await sent(sink, greeting, signal))) return 'too-slow';
      let beatAt = clock.monotonicMs() + heartbeatMs;
      while (!signal.aborted) {
        const entries = await tail.after(position);
        position = entries.at(-1)?.position ?? position;
        const wanted = entries.filter((entry) => isOfTopics(entry.event.type, topics));
        for (const piece of piecesOf(wanted.map(entryText), PIECE_CHARACTERS))
          if (!(await sent(sink, piece, signal))) return 'too-slow';
        if (clock.monotonicMs() >= beatAt) {
          if (!(await stillAllowed())) return 'no-longer-allowed';
          if (!(await sent(sink, heartbeatText(position), signal))) return 'too-slow';
          beatAt = clock.monotonicMs() + heartbeatMs;
        }
        if (entries.length === 0) await more.wait(clock, beatAt - clock.monotonicMs(), signal);
      }
      return 'left';
    } finally {
      viewers -= 1;
      stopListening();
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
