/** The control plane's own log: its newest lines, and those that it writes while somebody looks. */
import type { LogLevel, LogLine } from '@slowlight/protocol';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { getLogs } from './api/system.ts';
import { later } from './clock.ts';
import { withQuery } from './request.ts';

export interface LogWish {
  level: LogLevel;
  text: string;
}

const LINES_A_PAGE = 200;
/** What was heard beyond that goes at the far end: a page that stays open must not grow. */
const MOST_HEARD = 1000;
const AGAIN_MS = 5000;

const logQuery = (wish: LogWish) =>
  infiniteQueryOptions({
    queryKey: ['logs', wish],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) => getLogs({ query: { ...wish, limit: LINES_A_PAGE, after: pageParam }, signal }),
    getNextPageParam: (page) => page.next,
    // What is newer is heard; asked again, the pages would no longer fit to each other.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** `following`: lines come as they are written; `away`: the server is not heard, and is tried again. */
export type LogState = 'following' | 'paused' | 'away';

/** @param paused nothing new is asked for; what was written meanwhile is made up for afterwards */
export function useLog(wish: LogWish, paused: boolean) {
  const { level, text } = wish;
  const query = useInfiniteQuery(logQuery(wish));
  const about = `${level} ${text}`;
  const [heard, setHeard] = useState<{ about: string; lines: LogLine[] }>({ about, lines: [] });
  const [away, setAway] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const newer = heard.about === about ? heard.lines : [];
  const loaded = query.data !== undefined;
  const newest = newer[0]?.number ?? query.data?.pages[0]?.items[0]?.number;

  // Where it goes on from is read when it begins, and not followed: each line would begin it anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (paused || !loaded) return;
    const stream = new EventSource(withQuery('/api/logs/stream', { level, text, after: newest }));
    let cancel = () => {};
    stream.onopen = () => setAway(false);
    stream.onmessage = ({ data }) => {
      const line = JSON.parse(String(data)) as LogLine;
      setHeard((before) => ({
        about,
        lines: [line, ...(before.about === about ? before.lines : [])].slice(0, MOST_HEARD),
      }));
    };
    stream.onerror = () => {
      setAway(true);
      // It comes back by itself, but not after an answer that was none.
      if (stream.readyState === EventSource.CLOSED) cancel = later(AGAIN_MS, () => setAttempt((before) => before + 1));
    };
    return () => {
      cancel();
      stream.close();
    };
  }, [paused, loaded, about, attempt]);

  const state: LogState = paused ? 'paused' : away ? 'away' : 'following';
  return { query, newer, state };
}
