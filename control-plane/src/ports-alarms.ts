/** The hallway's page on alarms: the verbs that rooms expect of the records about them, about who is told, and about webhooks. */
import type {
  AgentId,
  AgentView,
  AlarmChange,
  AlarmId,
  AlarmKind,
  AlarmQuery,
  AlarmRuleChanges,
  AlarmSeverity,
  AlarmView,
  CameraId,
  CameraView,
  ChannelId,
  ChannelView,
  DeliveryId,
  DeliveryQuery,
  DeliveryView,
  FrameId,
  SiteId,
  TimelapseId,
  WebhookId,
  WebhookView,
} from '@slowlight/protocol';
import type { Page } from './ports.ts';
import type { SeenPage } from './ports-people.ts';

/** What is seen now, without what has to be counted. */
export interface AlarmScene {
  /** Those that may come back. */
  agents: {
    id: AgentId;
    siteId: SiteId;
    name: string;
    state: AgentView['state'];
    stateSince: number | null;
    clone: 'two-boots' | 'conflict' | null;
    device: AgentView['device'];
  }[];
  /** Those that are enabled and have a timelapse that runs. */
  cameras: {
    id: CameraId;
    siteId: SiteId;
    agentId: AgentId;
    name: string;
    health: CameraView['health'];
    code: string | null;
    hint: string | null;
  }[];
  /** Of timelapses, films that failed in the last so many days and were not made since. */
  failedFilms: { timelapseId: TimelapseId; siteId: SiteId; name: string; films: number; reason: string | null }[];
  deadJobs: number;
  pausedWebhooks: { id: WebhookId; name: string; reason: string | null }[];
}

/** How much was free, at a moment. */
export interface FreeSpace {
  at: number;
  freeBytes: number;
}

export interface KeptAlarm extends Omit<AlarmView, 'title' | 'text' | 'raisedAt'> {
  /** Kind and subject: one alarm is open of each. */
  key: string;
  firstSeenAt: number;
  /** null: it was seen, and is not an alarm yet. */
  raisedAt: number | null;
}

export interface AlarmMessage {
  channelId: ChannelId;
  /** What is told once to a channel, such as the id of an alarm and `raised`. */
  about: string;
  title: string;
  /** json */
  content: string;
}

export interface NewAlarm {
  key: string;
  kind: AlarmKind;
  severity: AlarmSeverity;
  subject: string;
  name: string;
  siteId: SiteId | null;
  detail: AlarmView['detail'];
  firstSeenAt: number;
}

/** What becomes of an alarm. Each is guarded: whoever comes second changes nothing, and tells nobody. */
export type AlarmMove =
  | { do: 'wait'; id: AlarmId; alarm: NewAlarm }
  /** `id` of one that waited, or a new one. */
  | { do: 'raise'; id: AlarmId; isNew: boolean; alarm: NewAlarm; messages: AlarmMessage[] }
  | { do: 'update'; id: AlarmId; alarm: NewAlarm }
  | { do: 'repeat'; id: AlarmId; toldBefore: number; alarm: NewAlarm; messages: AlarmMessage[] }
  | { do: 'clear'; id: AlarmId; messages: AlarmMessage[] }
  | { do: 'forget'; id: AlarmId };

export interface AlarmRecords {
  alarmScene(): Promise<AlarmScene>;
  /** Of the newest stored pictures, newest first, none from before `since`. */
  newestVerdicts(camera: CameraId, most: number, since: number): Promise<{ flagged: boolean; faults: string[] }[]>;
  flaggedShare(camera: CameraId, from: number): Promise<{ frames: number; flagged: number }>;
  /** The best one with a thumbnail; null: there is none. */
  bestFrame(timelapse: TimelapseId, from: number, to: number): Promise<{ id: FrameId; at: number } | null>;
  noteFreeSpace(subject: string, space: FreeSpace): Promise<void>;
  /** Oldest first. */
  freeSpaces(): Promise<Map<string, FreeSpace[]>>;
  /** Of `house`, or of a site. */
  alarmRules(scope: SiteId | 'house'): Promise<AlarmRuleChanges>;
  setAlarmRules(scope: SiteId | 'house', rules: AlarmRuleChanges): Promise<void>;
  allAlarmRules(): Promise<Map<SiteId | 'house', AlarmRuleChanges>>;
  /** Those that are not cleared, with those that wait. */
  keptAlarms(): Promise<KeptAlarm[]>;
  /** Those that were raised, newest first. */
  alarms(query: AlarmQuery & Pick<SeenPage, 'sites'>): Promise<Page<KeptAlarm>>;
  alarm(id: AlarmId): Promise<KeptAlarm | null>;
  /** Those that were open in a time. */
  alarmsBetween(site: SiteId, from: number, to: number): Promise<KeptAlarm[]>;
  moveAlarms(moves: readonly AlarmMove[]): Promise<void>;
  /** null: there is none that is open. @param by who says so */
  changeAlarm(id: AlarmId, change: AlarmChange, by: string): Promise<KeptAlarm | null>;
  /** Cleared alarms and messages that were sent go after a while. */
  forgetAlarms(before: { alarms: number; deliveries: number }): Promise<void>;
}

export interface Channel extends Omit<ChannelView, 'hasSecret' | 'waiting' | 'dead' | 'lastSentAt' | 'lastError'> {
  /** Sealed to the channel's id; null: none. */
  sealedSecret: string | null;
}
export type ChannelWrite = Omit<Channel, 'id' | 'createdAt'>;
export type ChannelCounts = Pick<ChannelView, 'waiting' | 'dead' | 'lastSentAt' | 'lastError'>;

export interface Delivery extends DeliveryView {
  about: string;
  content: string;
}

export interface ChannelRecords {
  /** Oldest first. */
  channels(): Promise<Channel[]>;
  channel(id: ChannelId): Promise<Channel | null>;
  channelCounts(): Promise<Map<ChannelId, ChannelCounts>>;
  createChannel(id: ChannelId, channel: ChannelWrite): Promise<Channel>;
  changeChannel(id: ChannelId, change: Partial<ChannelWrite>): Promise<Channel | null>;
  /** With all that was to be told there. */
  deleteChannel(id: ChannelId): Promise<boolean>;
  /** Each message is told once to its channel, however often this is called. Gives how many are new. */
  addDeliveries(messages: readonly AlarmMessage[]): Promise<number>;
  /** Those of a channel that are due, oldest first. */
  dueDeliveries(channel: ChannelId, limit: number): Promise<Delivery[]>;
  /** When the next is due; null: none waits. */
  nextDelivery(): Promise<number | null>;
  /** False: somebody else has it. It is due again at `until`, if nothing is heard of it. */
  takeDelivery(delivery: Pick<Delivery, 'id' | 'dueAt'>, until: number): Promise<boolean>;
  endDelivery(
    id: DeliveryId,
    end: { state: 'sent' } | { state: 'waiting'; dueAt: number; error: string } | { state: 'dead'; error: string },
  ): Promise<void>;
  deliveries(query: DeliveryQuery): Promise<Page<DeliveryView>>;
  /** A dead one is due again. False: it is not dead. */
  retryDelivery(id: DeliveryId): Promise<boolean>;
}

export interface Webhook extends WebhookView {
  /** Sealed to the webhook's id. */
  sealedSecret: string;
  attempts: number;
  pausedReason: string | null;
}
export type WebhookWrite = Pick<Webhook, 'name' | 'url' | 'topics' | 'enabled' | 'sealedSecret'>;
export type WebhookProgress = Partial<
  Pick<
    Webhook,
    'failingSince' | 'lastError' | 'nextTryAt' | 'lastDeliveredAt' | 'pausedAt' | 'attempts' | 'pausedReason'
  >
>;

export interface WebhookRecords {
  webhooks(): Promise<Webhook[]>;
  webhook(id: WebhookId): Promise<Webhook | null>;
  /** It hears what happens from now on. */
  createWebhook(id: WebhookId, webhook: WebhookWrite): Promise<Webhook>;
  changeWebhook(id: WebhookId, change: Partial<WebhookWrite>): Promise<Webhook | null>;
  deleteWebhook(id: WebhookId): Promise<boolean>;
  /** False: it was moved on by somebody else, or is gone. */
  moveWebhook(id: WebhookId, from: number, to: number, progress: WebhookProgress): Promise<boolean>;
  /** Goes on after a pause. @param position null: from where it stopped */
  resumeWebhook(id: WebhookId, position: number | null): Promise<Webhook | null>;
}
