/** What the http room needs of alarms, of who is told of them, and of webhooks; the page passes the alarms room. */
import type {
  AlarmRuleChanges,
  AlarmRules,
  AlarmView,
  ChannelChange,
  ChannelCreated,
  ChannelId,
  ChannelInput,
  ChannelTestInput,
  ChannelView,
  SendTestResult,
  WebhookChange,
  WebhookCreated,
  WebhookId,
  WebhookInput,
  WebhookView,
} from '@slowlight/protocol';
import type { KeptAlarm } from '../ports-alarms.ts';

export interface AlarmDoor {
  view(alarm: KeptAlarm): AlarmView;
  /** What is in force, out of what differs at each level. */
  rulesInForce(...levels: readonly AlarmRuleChanges[]): AlarmRules;
  /** Rules were changed. */
  lookAgain(): void;
  /** A message that was given up is due again. */
  tellAgain(): void;
  channels(): Promise<ChannelView[]>;
  /** @throws Failure `request.invalid` */
  addChannel(input: ChannelInput): Promise<ChannelCreated>;
  /** null: there is none. @throws Failure `request.invalid` */
  changeChannel(id: ChannelId, change: ChannelChange): Promise<ChannelView | null>;
  removeChannel(id: ChannelId): Promise<boolean>;
  /** @throws Failure `request.invalid` */
  testChannel(input: ChannelTestInput, signal: AbortSignal): Promise<SendTestResult>;
  webhooks(): Promise<WebhookView[]>;
  /** @throws Failure `request.invalid` */
  addWebhook(input: WebhookInput): Promise<WebhookCreated>;
  /** null: there is none. @throws Failure `request.invalid` */
  changeWebhook(id: WebhookId, change: WebhookChange): Promise<WebhookView | null>;
  removeWebhook(id: WebhookId): Promise<boolean>;
  resumeWebhook(id: WebhookId, from: 'kept' | 'now'): Promise<WebhookView | null>;
  testWebhook(id: WebhookId, signal: AbortSignal): Promise<SendTestResult | null>;
}
