/** What the page asks about the brokers of houses, and what people do about them. */
import type {
  HomeAutomationView,
  HomeBrokerChange,
  HomeBrokerId,
  HomeBrokerView,
  HomeTestInput,
  HomeTestResult,
} from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import { request } from './request.ts';

const PATH = '/api/home-automation';
/** What a form of a new connection sends; what it leaves out has its default. */
export type HomeBrokerDraft = Pick<HomeTestInput, 'name' | 'url'> & Partial<HomeTestInput>;

export const homeKey = ['home-automation'] as const;
/** The state of a connection is in no feed: it is asked for while somebody looks. */
export const homeQuery = queryOptions({
  queryKey: homeKey,
  queryFn: ({ signal }) => request<HomeAutomationView>(PATH, { signal }),
  refetchInterval: 5000,
});

export const homeActions = {
  add: (body: HomeBrokerDraft) => request<HomeBrokerView>(`${PATH}/brokers`, { method: 'POST', body }),
  change: ({ id, change }: { id: HomeBrokerId; change: HomeBrokerChange }) =>
    request<HomeBrokerView>(`${PATH}/brokers/${id}`, { method: 'PATCH', body: change }),
  remove: (id: HomeBrokerId) => request<void>(`${PATH}/brokers/${id}`, { method: 'DELETE' }),
  test: (body: HomeBrokerDraft) => request<HomeTestResult>(`${PATH}/test`, { method: 'POST', body }),
};
