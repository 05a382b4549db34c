/** Alarms, by which rules they come, where they are told, and webhooks of the feed: what is asked for and done. */
import type {
  AlarmChange,
  AlarmRuleChanges,
  AlarmRulesView,
  AlarmView,
  ChannelChange,
  ChannelCreated,
  ChannelInput,
  ChannelTestInput,
  ChannelView,
  DeliveryView,
  SendTestResult,
  SiteId,
  WebhookCreated,
  WebhookInput,
  WebhookView,
} from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { PageOf } from './queries.ts';
import { request, withQuery } from './request.ts';

const post = <Answer>(path: string, body?: unknown) => request<Answer>(path, { method: 'POST', body });
const remove = (path: string) => request<void>(path, { method: 'DELETE' });
/** What is sent out is in no feed: it is asked for while somebody looks. */
const SOON_MS = 10_000;

/** What a form of a new channel sends; what it leaves out has its default. */
export type ChannelDraft = Pick<ChannelInput, 'name' | 'target'> & Partial<ChannelInput>;
export type ChannelTrial = Pick<ChannelTestInput, 'name' | 'target'> & Partial<ChannelTestInput>;

/** Whose rules: those of the whole house, or those of a site. */
export type RulesScope = SiteId | 'house';
const rulesOf = (scope: RulesScope) => (scope === 'house' ? '/api/alarm-rules' : `/api/sites/${scope}/alarm-rules`);

export const alarmKeys = {
  /** Marked by the feed. */
  alarms: ['alarms'] as const,
  rules: ['alarm-rules'] as const,
  channels: ['alarm-channels'] as const,
  deliveries: ['alarm-deliveries'] as const,
  webhooks: ['webhooks'] as const,
};

export const alarmQueries = {
  alarms: (state: 'open' | 'cleared') =>
    infiniteQueryOptions({
      queryKey: [...alarmKeys.alarms, state],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        request<PageOf<AlarmView>>(
          withQuery('/api/alarms', { state, limit: state === 'open' ? 100 : 20, after: pageParam }),
          { signal },
        ),
      getNextPageParam: (page) => page.next,
      staleTime: 30_000,
    }),
  rules: (scope: RulesScope) =>
    queryOptions({
      queryKey: [...alarmKeys.rules, scope],
      queryFn: ({ signal }) => request<AlarmRulesView>(rulesOf(scope), { signal }),
    }),
  channels: queryOptions({
    queryKey: alarmKeys.channels,
    queryFn: ({ signal }) => request<PageOf<ChannelView>>('/api/alarm-channels', { signal }),
    select: ({ items }) => items,
    refetchInterval: SOON_MS,
  }),
  /** Those that were given up, newest first. */
  deliveries: infiniteQueryOptions({
    queryKey: alarmKeys.deliveries,
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      request<PageOf<DeliveryView>>(
        withQuery('/api/alarm-deliveries', { state: 'dead', limit: 20, after: pageParam }),
        { signal },
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: SOON_MS,
  }),
  webhooks: queryOptions({
    queryKey: alarmKeys.webhooks,
    queryFn: ({ signal }) => request<PageOf<WebhookView>>('/api/webhooks', { signal }),
    select: ({ items }) => items,
    refetchInterval: SOON_MS,
  }),
};

export const alarmActions = {
  change: ({ id, change }: { id: AlarmView['id']; change: AlarmChange }) =>
    request<AlarmView>(`/api/alarms/${id}`, { method: 'PATCH', body: change }),
  setRules: ({ scope, rules }: { scope: RulesScope; rules: AlarmRuleChanges }) =>
    request<AlarmRulesView>(rulesOf(scope), { method: 'PUT', body: rules }),
  addChannel: (body: ChannelDraft) => post<ChannelCreated>('/api/alarm-channels', body),
  changeChannel: ({ id, change }: { id: ChannelView['id']; change: ChannelChange }) =>
    request<ChannelView>(`/api/alarm-channels/${id}`, { method: 'PATCH', body: change }),
  removeChannel: (id: ChannelView['id']) => remove(`/api/alarm-channels/${id}`),
  testChannel: (body: ChannelTrial) => post<SendTestResult>('/api/alarm-channels/test', body),
  retryDelivery: (id: DeliveryView['id']) => post<void>(`/api/alarm-deliveries/${id}/retry`),
  addWebhook: (body: Pick<WebhookInput, 'name' | 'url' | 'topics'>) => post<WebhookCreated>('/api/webhooks', body),
  removeWebhook: (id: WebhookView['id']) => remove(`/api/webhooks/${id}`),
  resumeWebhook: ({ id, from }: { id: WebhookView['id']; from: 'kept' | 'now' }) =>
    post<WebhookView>(`/api/webhooks/${id}/resume`, { from }),
  testWebhook: (id: WebhookView['id']) => post<SendTestResult>(`/api/webhooks/${id}/test`),
};
