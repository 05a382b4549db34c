/** What the page asks about the brokers of houses, and what people do about them. */
import type { HomeBrokerChange, HomeBrokerId, HomeTestInput } from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import {
  deleteHomeAutomationBrokersById,
  getHomeAutomation,
  patchHomeAutomationBrokersById,
  postHomeAutomationBrokers,
  postHomeAutomationTest,
} from './api/home-automation.ts';

/** What a form of a new connection sends; what it leaves out has its default. */
export type HomeBrokerDraft = Pick<HomeTestInput, 'name' | 'url'> & Partial<HomeTestInput>;

export const homeKey = ['home-automation'] as const;
/** The state of a connection is in no feed: it is asked for while somebody looks. */
export const homeQuery = queryOptions({
  queryKey: homeKey,
  queryFn: ({ signal }) => getHomeAutomation({ signal }),
  refetchInterval: 5000,
});

export const homeActions = {
  add: (body: HomeBrokerDraft) => postHomeAutomationBrokers({ body }),
  change: ({ id, change }: { id: HomeBrokerId; change: HomeBrokerChange }) =>
    patchHomeAutomationBrokersById({ id, body: change }),
  remove: (id: HomeBrokerId) => deleteHomeAutomationBrokersById({ id }),
  test: (body: HomeBrokerDraft) => postHomeAutomationTest({ body }),
};
