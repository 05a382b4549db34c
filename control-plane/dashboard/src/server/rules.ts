/** Rules by which a timelapse makes its films: what the pages ask for, and what people do to them. */
import type { RuleChange, RuleInput, RuleView, TimelapseId } from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import {
  deleteTimelapsesByIdRulesByRule,
  getTimelapsesByIdRules,
  getTimelapsesByIdRulesByRuleOccurrences,
  patchTimelapsesByIdRulesByRule,
  postTimelapsesByIdRules,
  postTimelapsesByIdRulesByRuleRun,
} from './api/rules.ts';

interface OneRule {
  timelapseId: TimelapseId;
  id: RuleView['id'];
}

export const ruleKeys = { of: (id: TimelapseId) => ['rules', id] as const };
export const ruleQueries = {
  of: (id: TimelapseId) =>
    queryOptions({
      queryKey: ruleKeys.of(id),
      queryFn: ({ signal }) => getTimelapsesByIdRules({ id, signal }),
      select: (answer) => answer.items,
    }),
  /** What came of it, newest first; out of date whenever the rules are. */
  occurrences: ({ timelapseId, id }: Pick<RuleView, 'timelapseId' | 'id'>) =>
    infiniteQueryOptions({
      queryKey: [...ruleKeys.of(timelapseId), 'occurrences', id],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        getTimelapsesByIdRulesByRuleOccurrences({
          id: timelapseId,
          rule: id,
          query: { limit: 10, after: pageParam },
          signal,
        }),
      getNextPageParam: (page) => page.next,
    }),
};
export const ruleActions = {
  create: ({ timelapseId, input }: { timelapseId: TimelapseId; input: RuleInput }) =>
    postTimelapsesByIdRules({ id: timelapseId, body: input }),
  change: ({ timelapseId, id, change }: OneRule & { change: RuleChange }) =>
    patchTimelapsesByIdRulesByRule({ id: timelapseId, rule: id, body: change }),
  run: ({ timelapseId, id }: OneRule) => postTimelapsesByIdRulesByRuleRun({ id: timelapseId, rule: id }),
  remove: ({ timelapseId, id }: OneRule) => deleteTimelapsesByIdRulesByRule({ id: timelapseId, rule: id }),
};
