/** Rules by which a timelapse makes its films: what the pages ask for, and what people do to them. */
import type { RuleChange, RuleInput, RuleOccurrence, RuleView, TimelapseId, VideoView } from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { PageOf } from './queries.ts';
import { request, withQuery } from './request.ts';

interface OneRule {
  timelapseId: TimelapseId;
  id: RuleView['id'];
}
const at = (id: TimelapseId) => `/api/timelapses/${id}/rules`;

export const ruleKeys = { of: (id: TimelapseId) => ['rules', id] as const };
export const ruleQueries = {
  of: (id: TimelapseId) =>
    queryOptions({
      queryKey: ruleKeys.of(id),
      queryFn: ({ signal }) => request<PageOf<RuleView>>(at(id), { signal }),
      select: (answer) => answer.items,
    }),
  /** What came of it, newest first; out of date whenever the rules are. */
  occurrences: ({ timelapseId, id }: Pick<RuleView, 'timelapseId' | 'id'>) =>
    infiniteQueryOptions({
      queryKey: [...ruleKeys.of(timelapseId), 'occurrences', id],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        request<PageOf<RuleOccurrence>>(
          withQuery(`${at(timelapseId)}/${id}/occurrences`, { limit: 10, after: pageParam }),
          { signal },
        ),
      getNextPageParam: (page) => page.next,
    }),
};
export const ruleActions = {
  create: ({ timelapseId, input }: { timelapseId: TimelapseId; input: RuleInput }) =>
    request<RuleView>(at(timelapseId), { method: 'POST', body: input }),
  change: ({ timelapseId, id, change }: OneRule & { change: RuleChange }) =>
    request<RuleView>(`${at(timelapseId)}/${id}`, { method: 'PATCH', body: change }),
  run: ({ timelapseId, id }: OneRule) => request<VideoView>(`${at(timelapseId)}/${id}/run`, { method: 'POST' }),
  remove: ({ timelapseId, id }: OneRule) => request<void>(`${at(timelapseId)}/${id}`, { method: 'DELETE' }),
};
