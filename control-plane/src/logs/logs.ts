/**
 * Keeps the newest lines of this process' log in memory, for people to look at. Promise: whoever writes never waits and
 * never fails; so many lines at most, each short and without what looks like a secret; whoever follows hears each line once.
 */
import type { LogLevel, LogLine } from '@slowlight/protocol';
import { isWished, readLogLine } from './read-line.ts';

export interface LogWish {
  level: LogLevel;
  /** Anywhere in the line, whatever its case; empty: every line. */
  text: string;
}

export interface Logs {
  /** A chunk of pino's output: one JSON object a line. */
  write(chunk: string): void;
  /** Newest first. @param before the number of a line; null: from the newest */
  newest(wish: LogWish & { before: number | null; limit: number }): { items: LogLine[]; more: boolean };
  /**
   * Hears every line that is wished for, each once and in order: first those behind a number that are still kept (null: from
   * now on), then each new one. The listener must not throw. Gives what ends it.
   */
  follow(wish: LogWish & { after: number | null }, listener: (line: LogLine) => void): () => void;
}

const MOST_LINES = 2000;
/** More lines than anybody writes in a millisecond, so that the numbers of a later process are higher. */
const NUMBERS_A_MS = 1000;

/** @param startedAt ms */
export function createLogs({ startedAt }: { startedAt: number }, { mostLines = MOST_LINES } = {}): Logs {
  const lines: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  let number = startedAt * NUMBERS_A_MS;

  return {
    write(chunk) {
      for (const text of chunk.split('\n')) {
        const read = text === '' ? null : readLogLine(text);
        if (read === null) continue;
        number += 1;
        const line = { number, ...read };
        lines.push(line);
        // A tenth at a time: moving all of them for each line would cost more than the line.
        if (lines.length > mostLines * 1.1) lines.splice(0, lines.length - mostLines);
        for (const listener of listeners) listener(line);
      }
    },
    newest({ before, limit, level, text }) {
      const wish = { level, text: text.toLowerCase() };
      const items: LogLine[] = [];
      for (let index = lines.length - 1; index >= 0; index -= 1) {
        const line = lines[index];
        if (line === undefined || (before !== null && line.number >= before) || !isWished(line, wish)) continue;
        if (items.length === limit) return { items, more: true };
        items.push(line);
      }
      return { items, more: false };
    },
    follow({ after, level, text }, listener) {
      const wish = { level, text: text.toLowerCase() };
      const hear = (line: LogLine) => {
        if (isWished(line, wish)) listener(line);
      };
      if (after !== null) for (const line of lines.filter((one) => one.number > after)) hear(line);
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
  };
}
