/** The shapes of the REST API about alarms, where they are told, and webhooks that pass the feed on. */
import { z } from 'zod';
import { alarmId, channelId, deliveryId, siteId, webhookId } from './ids.ts';
import { displayName, instant } from './primitives.ts';

export const alarmKind = z.enum([
  'agent-offline',
  'agent-clone',
  'card-filling',
  'clock-untrusted',
  'camera-failing',
  'view-moved',
  'quality-falling',
  'coverage-low',
  'nothing-planned',
  'render-failed',
  'jobs-dead',
  'certificate-expiring',
  'storage-low',
  'webhook-paused',
]);
export type AlarmKind = z.infer<typeof alarmKind>;
export const alarmSeverity = z.enum(['warning', 'critical']);
export type AlarmSeverity = z.infer<typeof alarmSeverity>;

const enabled = z.boolean();
const percent = z.int().min(1).max(100);
const minutes = z.int().min(0).max(10_080);
const shapes = {
  'agent-offline': z.strictObject({ enabled, afterMinutes: minutes }),
  'agent-clone': z.strictObject({ enabled }),
  /** Free space below so much, or none left within so many days if it goes on like this (0: not reckoned). */
  'card-filling': z.strictObject({ enabled, belowPercent: percent, withinDays: z.int().min(0).max(90) }),
  'clock-untrusted': z.strictObject({ enabled, afterMinutes: minutes }),
  'camera-failing': z.strictObject({ enabled, afterMinutes: minutes }),
  /** So many pictures in a row show another view. */
  'view-moved': z.strictObject({ enabled, pictures: z.int().min(1).max(20) }),
  /** Of the newest pictures so many percent more are flagged than in the week before. */
  'quality-falling': z.strictObject({ enabled, pictures: z.int().min(5).max(200), morePercent: percent }),
  /** On the last whole day, of what the agent has reported. */
  'coverage-low': z.strictObject({ enabled, belowPercent: percent }),
  'nothing-planned': z.strictObject({ enabled }),
  'render-failed': z.strictObject({ enabled }),
  'jobs-dead': z.strictObject({ enabled }),
  'certificate-expiring': z.strictObject({ enabled, withinDays: z.int().min(1).max(365) }),
  'storage-low': z.strictObject({ enabled, belowPercent: percent, withinDays: z.int().min(0).max(90) }),
  'webhook-paused': z.strictObject({ enabled }),
} satisfies Record<AlarmKind, z.ZodType>;
/** An alarm that stays is told again after so many hours; 0: only once. */
const repeatHours = z.int().min(0).max(720);

export const alarmRules = z.strictObject({ repeatHours, ...shapes });
export type AlarmRules = z.infer<typeof alarmRules>;
/** What differs from the level above: those of the house from what is built in, those of a site from the house's. */
export const alarmRuleChanges = alarmRules.partial();
export type AlarmRuleChanges = z.infer<typeof alarmRuleChanges>;
export const alarmRulesView = z.object({ own: alarmRuleChanges, inForce: alarmRules });
export type AlarmRulesView = z.infer<typeof alarmRulesView>;

export const DEFAULT_ALARM_RULES: AlarmRules = {
  repeatHours: 24,
  'agent-offline': { enabled: true, afterMinutes: 15 },
  'agent-clone': { enabled: true },
  'card-filling': { enabled: true, belowPercent: 10, withinDays: 3 },
  'clock-untrusted': { enabled: true, afterMinutes: 60 },
  'camera-failing': { enabled: true, afterMinutes: 10 },
  'view-moved': { enabled: true, pictures: 3 },
  'quality-falling': { enabled: true, pictures: 20, morePercent: 40 },
  'coverage-low': { enabled: true, belowPercent: 80 },
  'nothing-planned': { enabled: true },
  'render-failed': { enabled: true },
  'jobs-dead': { enabled: true },
  'certificate-expiring': { enabled: true, withinDays: 14 },
  'storage-low': { enabled: true, belowPercent: 10, withinDays: 3 },
  'webhook-paused': { enabled: true },
};

export const alarmView = z.object({
  id: alarmId,
  kind: alarmKind,
  severity: alarmSeverity,
  /** The id of what it is about, or `house`. */
  subject: z.string(),
  /** As people know it. */
  name: z.string(),
  /** null: the whole house. */
  siteId: siteId.nullable(),
  /** The figures behind it. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** What happened, what it means and what to do, in English; programs and pages read `kind` and `detail`. */
  title: z.string(),
  text: z.string(),
  raisedAt: instant,
  /** How often it was told, and when last. */
  told: z.int(),
  toldAt: instant,
  clearedAt: instant.nullable(),
  /** Not told again until then, also if it goes and comes back. */
  silencedUntil: instant.nullable(),
  /** Somebody knows: it is told again only when it has cleared. */
  acknowledgedAt: instant.nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type AlarmView = z.infer<typeof alarmView>;
export const alarmQuery = z.strictObject({
  state: z.enum(['open', 'cleared', 'all']).default('open'),
  siteId: siteId.optional(),
  kind: alarmKind.optional(),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type AlarmQuery = z.infer<typeof alarmQuery>;
/** Only what is given changes. */
export const alarmChange = z.strictObject({ acknowledged: z.boolean(), silencedUntil: instant.nullable() }).partial();
export type AlarmChange = z.infer<typeof alarmChange>;

const webAddress = z
  .string()
  .max(1000)
  .refine((value) => {
    const url = URL.parse(value);
    return url !== null && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '';
  }, 'must be an address such as https://example.org/hook')
  .refine((value) => {
    const url = URL.parse(value);
    return url?.username === '' && url.password === '';
  }, 'must not hold a user name or password');
const mail = z
  .string()
  .max(254)
  .regex(/^[^\s<>@,;]+@[^\s<>@,;]+$/, 'must be an address such as somebody@example.org');
const host = z
  .string()
  .max(253)
  .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$|^[0-9a-fA-F:]+$/, 'must be a host name or an IP address');

/** Where alarms are told. What is secret is in `secret` beside it. */
export const channelTarget = z.discriminatedUnion('kind', [
  /** The secret signs each message: `whsec_` and base64, as Standard Webhooks has it. */
  z.strictObject({ kind: z.literal('webhook'), url: webAddress }),
  /** The secret is the password. */
  z.strictObject({
    kind: z.literal('email'),
    host,
    port: z.int().min(1).max(65_535).default(465),
    /** From the first byte, or before anything else is said; `none` only without a login. */
    security: z.enum(['tls', 'starttls', 'none']).default('tls'),
    username: z.string().min(1).max(256).nullable().default(null),
    /** PEM of the authority that signed its certificate; null: the usual ones. */
    ca: z.string().max(20_000).nullable().default(null),
    from: mail,
    to: z.array(mail).min(1).max(20),
  }),
  /** The secret is the access token, where the topic needs one. */
  z.strictObject({
    kind: z.literal('ntfy'),
    url: webAddress.default('https://ntfy.sh'),
    topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/, 'must be 1 to 64 letters, digits, - or _'),
  }),
]);
export type ChannelTarget = z.infer<typeof channelTarget>;

const channel = {
  name: displayName,
  enabled: z.boolean(),
  target: channelTarget,
  /** Only alarms of these sites; null: of all, and those of the house. */
  siteIds: z.array(siteId).min(1).max(500).nullable(),
  /** Only these; null: all. */
  kinds: z.array(alarmKind).min(1).nullable(),
  leastSeverity: alarmSeverity,
  /** How each site did, at this hour in its time zone; of a week on Mondays. */
  digest: z.enum(['never', 'day', 'week']),
  digestHour: z.int().min(0).max(23),
};
const secret = z.string().min(1).max(1000).nullable();
export const channelInput = z.strictObject({
  ...channel,
  enabled: channel.enabled.default(true),
  siteIds: channel.siteIds.default(null),
  kinds: channel.kinds.default(null),
  leastSeverity: channel.leastSeverity.default('warning'),
  digest: channel.digest.default('never'),
  digestHour: channel.digestHour.default(7),
  /** A webhook without one gets one, which is shown in the answer and never again. */
  secret: secret.default(null),
});
export type ChannelInput = z.infer<typeof channelInput>;
/** Only what is given changes; `secret` left out keeps the stored one (not at another address), null removes it. */
export const channelChange = z.strictObject({ ...channel, secret }).partial();
export type ChannelChange = z.infer<typeof channelChange>;
export const channelView = z.object({
  id: channelId,
  ...channel,
  hasSecret: z.boolean(),
  /** Messages that wait, and those that were given up. */
  waiting: z.int(),
  dead: z.int(),
  lastSentAt: instant.nullable(),
  lastError: z.string().nullable(),
  createdAt: instant,
});
export type ChannelView = z.infer<typeof channelView>;
export const channelCreated = z.object({ channel: channelView, secret: z.string().nullable() });
export type ChannelCreated = z.infer<typeof channelCreated>;
/** A channel to try: as it would be made, or a stored one with changes. */
export const channelTestInput = z.strictObject({ ...channelInput.shape, id: channelId.optional() });
export type ChannelTestInput = z.infer<typeof channelTestInput>;
export const sendTestResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sent') }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string(), hint: z.string() }),
]);
export type SendTestResult = z.infer<typeof sendTestResult>;

export const deliveryView = z.object({
  id: deliveryId,
  channelId,
  /** In words, such as the title of the alarm. */
  title: z.string(),
  state: z.enum(['waiting', 'sent', 'dead']),
  attempts: z.int(),
  dueAt: instant,
  lastError: z.string().nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
});
export type DeliveryView = z.infer<typeof deliveryView>;
export const deliveryQuery = z.strictObject({
  state: deliveryView.shape.state.optional(),
  channelId: channelId.optional(),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type DeliveryQuery = z.infer<typeof deliveryQuery>;

const webhook = {
  name: displayName,
  url: webAddress,
  /** Types of feed events or their first words, such as `video` or `frame.captured`; empty: everything. */
  topics: z.array(z.string().regex(/^[a-z-]+(\.[a-z-]+)?$/, 'must be a type such as video.completed')).max(50),
  enabled: z.boolean(),
};
export const webhookInput = z.strictObject({
  ...webhook,
  topics: webhook.topics.default([]),
  enabled: webhook.enabled.default(true),
  secret: secret.default(null),
});
export type WebhookInput = z.infer<typeof webhookInput>;
export const webhookChange = z.strictObject({ ...webhook, secret: z.string().min(1).max(1000) }).partial();
export type WebhookChange = z.infer<typeof webhookChange>;
export const webhookView = z.object({
  id: webhookId,
  ...webhook,
  /** Every event up to this position was delivered, or is none of its topics. */
  position: z.int(),
  /** Since when nothing gets through; null: it does. */
  failingSince: instant.nullable(),
  lastError: z.string().nullable(),
  nextTryAt: instant.nullable(),
  lastDeliveredAt: instant.nullable(),
  /** It failed for too long, or said that it is gone: nothing is sent until somebody says so. */
  pausedAt: instant.nullable(),
  createdAt: instant,
});
export type WebhookView = z.infer<typeof webhookView>;
export const webhookCreated = z.object({ webhook: webhookView, secret: z.string() });
export type WebhookCreated = z.infer<typeof webhookCreated>;
/** `kept`: from where it stopped, as far as the feed is kept; `now`: what happened meanwhile is left out. */
export const webhookResume = z.strictObject({ from: z.enum(['kept', 'now']).default('kept') });
