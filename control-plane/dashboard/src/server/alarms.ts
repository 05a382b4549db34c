/** Alarms, by which rules they come, where they are told, and webhooks of the feed: what is asked for and done. */
import type {
  AlarmChange,
  AlarmRuleChanges,
  AlarmView,
  ChannelChange,
  ChannelInput,
  ChannelTestInput,
  ChannelView,
  DeliveryView,
  SiteId,
  WebhookInput,
  WebhookView,
} from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import {
  deleteAlarmChannelsById,
  getAlarmChannels,
  getAlarmDeliveries,
  patchAlarmChannelsById,
  postAlarmChannels,
  postAlarmChannelsTest,
  postAlarmDeliveriesByIdRetry,
} from './api/alarm-channels.ts';
import {
  getAlarmRules,
  getAlarms,
  getSitesByIdAlarmRules,
  patchAlarmsById,
  putAlarmRules,
  putSitesByIdAlarmRules,
} from './api/alarms.ts';
import {
  deleteWebhooksById,
  getWebhooks,
  postWebhooks,
  postWebhooksByIdResume,
  postWebhooksByIdTest,
} from './api/webhooks.ts';

/** What is sent out is in no feed: it is asked for while somebody looks. */
const SOON_MS = 10_000;

/** What a form of a new channel sends; what it leaves out has its default. */
export type ChannelDraft = Pick<ChannelInput, 'name' | 'target'> & Partial<ChannelInput>;
export type ChannelTrial = Pick<ChannelTestInput, 'name' | 'target'> & Partial<ChannelTestInput>;

/** Whose rules: those of the whole house, or those of a site. */
export type RulesScope = SiteId | 'house';

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
        getAlarms({ query: { state, limit: state === 'open' ? 100 : 20, after: pageParam }, signal }),
      getNextPageParam: (page) => page.next,
      staleTime: 30_000,
    }),
  rules: (scope: RulesScope) =>
    queryOptions({
      queryKey: [...alarmKeys.rules, scope],
      queryFn: ({ signal }) =>
        scope === 'house' ? getAlarmRules({ signal }) : getSitesByIdAlarmRules({ id: scope, signal }),
    }),
  channels: queryOptions({
    queryKey: alarmKeys.channels,
    queryFn: ({ signal }) => getAlarmChannels({ signal }),
    select: ({ items }) => items,
    refetchInterval: SOON_MS,
  }),
  /** Those that were given up, newest first. */
  deliveries: infiniteQueryOptions({
    queryKey: alarmKeys.deliveries,
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      getAlarmDeliveries({ query: { state: 'dead', limit: 20, after: pageParam }, signal }),
    getNextPageParam: (page) => page.next,
    refetchInterval: SOON_MS,
  }),
  webhooks: queryOptions({
    queryKey: alarmKeys.webhooks,
    queryFn: ({ signal }) => getWebhooks({ signal }),
    select: ({ items }) => items,
    refetchInterval: SOON_MS,
  }),
};

export const alarmActions = {
  change: ({ id, change }: { id: AlarmView['id']; change: AlarmChange }) => patchAlarmsById({ id, body: change }),
  setRules: ({ scope, rules }: { scope: RulesScope; rules: AlarmRuleChanges }) =>
    scope === 'house' ? putAlarmRules({ body: rules }) : putSitesByIdAlarmRules({ id: scope, body: rules }),
  addChannel: (body: ChannelDraft) => postAlarmChannels({ body }),
  changeChannel: ({ id, change }: { id: ChannelView['id']; change: ChannelChange }) =>
    patchAlarmChannelsById({ id, body: change }),
  removeChannel: (id: ChannelView['id']) => deleteAlarmChannelsById({ id }),
  testChannel: (body: ChannelTrial) => postAlarmChannelsTest({ body }),
  retryDelivery: (id: DeliveryView['id']) => postAlarmDeliveriesByIdRetry({ id }),
  addWebhook: (body: Pick<WebhookInput, 'name' | 'url' | 'topics'>) => postWebhooks({ body }),
  removeWebhook: (id: WebhookView['id']) => deleteWebhooksById({ id }),
  resumeWebhook: ({ id, from }: { id: WebhookView['id']; from: 'kept' | 'now' }) =>
    postWebhooksByIdResume({ id, body: { from } }),
  testWebhook: (id: WebhookView['id']) => postWebhooksByIdTest({ id }),
};
