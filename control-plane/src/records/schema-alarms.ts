import type {
  AlarmId,
  AlarmKind,
  AlarmSeverity,
  ChannelId,
  ChannelView,
  DeliveryId,
  DeliveryView,
  SiteId,
  WebhookId,
} from '@slowlight/protocol';
import type { Generated } from 'kysely';
import type { Flag } from './schema.ts';

export interface AlarmRulesTable {
  /** `house` or the id of a site. */
  scope: SiteId | 'house';
  /** json: `AlarmRuleChanges`. */
  content: string;
}

export interface AlarmsTable {
  id: AlarmId;
  key: string;
  kind: AlarmKind;
  severity: AlarmSeverity;
  subject: string;
  name: string;
  site_id: SiteId | null;
  /** json */
  detail: string;
  first_seen_at: number;
  raised_at: number | null;
  told: number;
  told_at: number | null;
  cleared_at: number | null;
  silenced_until: number | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
}

export interface FreeSpacesTable {
  /** The id of an agent, or `house`. */
  subject: string;
  at: number;
  free_bytes: number;
}

export interface ChannelsTable {
  id: ChannelId;
  name: string;
  enabled: Flag;
  /** json */
  target: string;
  sealed_secret: string | null;
  /** json; null: all */
  site_ids: string | null;
  /** json; null: all */
  kinds: string | null;
  least_severity: AlarmSeverity;
  digest: ChannelView['digest'];
  digest_hour: number;
  created_at: number;
}

export interface DeliveriesTable {
  id: DeliveryId;
  /** In which order they came. */
  number: Generated<number>;
  channel_id: ChannelId;
  about: string;
  title: string;
  content: string;
  state: DeliveryView['state'];
  attempts: number;
  due_at: number;
  last_error: string | null;
  created_at: number;
  ended_at: number | null;
}

export interface WebhooksTable {
  id: WebhookId;
  name: string;
  url: string;
  /** json */
  topics: string;
  enabled: Flag;
  sealed_secret: string;
  position: number;
  attempts: number;
  failing_since: number | null;
  last_error: string | null;
  next_try_at: number | null;
  last_delivered_at: number | null;
  paused_at: number | null;
  paused_reason: string | null;
  created_at: number;
}

export interface AlarmTables {
  alarm_rules: AlarmRulesTable;
  alarms: AlarmsTable;
  free_spaces: FreeSpacesTable;
  channels: ChannelsTable;
  deliveries: DeliveriesTable;
  webhooks: WebhooksTable;
}
