/**
 * Shows what an action will do before the server has said that it did. Promise: what did not come true is taken back, unless
 * something newer is shown by then. Only for what can be undone by the same hand.
 */
import type { AgentView, AlarmView, FrameId, FrameView, TimelapseView } from '@slowlight/protocol';
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import { alarmKeys } from './alarms.ts';
import { placeKeys } from './place-queries.ts';
import { keys, type PageOf, queries } from './queries.ts';

/** Changes what is shown; the answer takes it back. */
export type Foretaste = (client: QueryClient) => () => void;

type Pages<Item> = InfiniteData<PageOf<Item>, string | null>;

/** @param change of the data of every query below the key that has some; what comes back must be another object */
export function foretaste<Data>(queryKey: QueryKey, change: (known: Data) => Data): Foretaste {
  return (client) => {
    // An answer that is under way knows nothing of it.
    void client.cancelQueries({ queryKey, predicate: ({ state }) => state.data !== undefined });
    const changed = client.getQueriesData<Data>({ queryKey }).flatMap(([key, before]) => {
      if (before === undefined) return [];
      client.setQueryData<Data>(key, change(before));
      return [{ key, before, shown: client.getQueryData<Data>(key) }];
    });
    return () => {
      for (const { key, before, shown } of changed)
        if (client.getQueryData<Data>(key) === shown) client.setQueryData<Data>(key, before);
    };
  };
}

const inPages =
  <Item>(change: (item: Item) => Item) =>
  (list: Pages<Item>): Pages<Item> => ({
    ...list,
    pages: list.pages.map((page) => ({ ...page, items: page.items.map(change) })),
  });

/** A timelapse that pauses or goes on, wherever it is shown by itself. */
export function timelapseMoves(id: TimelapseView['id'], verb: 'pause' | 'resume' | 'complete'): Foretaste[] {
  // What ends for good is shown as ended when it is.
  if (verb === 'complete') return [];
  const state = verb === 'pause' ? 'paused' : 'running';
  const change = (one: TimelapseView): TimelapseView => (one.id === id ? { ...one, state } : one);
  return [
    foretaste<TimelapseView>(keys.timelapse(id), change),
    foretaste<TimelapseView[]>([...keys.timelapses, 'of'], (all) => all.map(change)),
  ];
}

/** @param by who says that they know; null: it is taken back */
export function alarmIsKnown(id: AlarmView['id'], by: { name: string; at: number } | null): Foretaste[] {
  const change = inPages<AlarmView>((alarm) =>
    alarm.id === id ? { ...alarm, acknowledgedAt: by?.at ?? null, acknowledgedBy: by?.name ?? null } : alarm,
  );
  return [foretaste<Pages<AlarmView>>([...alarmKeys.alarms, 'open'], change)];
}

/** Frames that films leave out, or show again, in the lists of their timelapse. */
export function framesAreExcluded(id: TimelapseView['id'], of: readonly FrameId[], excluded: boolean): Foretaste[] {
  const named = new Set(of);
  const change = (frame: FrameView) => (named.has(frame.id) ? { ...frame, excluded } : frame);
  return [
    foretaste<Pages<FrameView> | PageOf<FrameView>>(placeKeys.framesOf(id), (list) =>
      'pages' in list ? inPages(change)(list) : { ...list, items: list.items.map(change) },
    ),
  ];
}

export function agentIsCalled(id: AgentView['id'], name: string): Foretaste[] {
  return [
    foretaste<AgentView[]>(queries.agents.queryKey, (agents) =>
      agents.map((agent) => (agent.id === id ? { ...agent, name } : agent)),
    ),
  ];
}
