/**
 * Channels and webhooks as people arrange them.
 *
 * Promise: a secret is sealed as it comes in and never given out again, and one that was given for an address is never sent
 * to another.
 */
import {
  type ChannelChange,
  type ChannelCreated,
  type ChannelId,
  type ChannelInput,
  type ChannelTarget,
  type ChannelTestInput,
  type ChannelView,
  newChannelId,
  newWebhookId,
  type SendTestResult,
  type WebhookChange,
  type WebhookCreated,
  type WebhookId,
  type WebhookInput,
  type WebhookView,
} from '@slowlight/protocol';
import { Failure, type SecretBox } from '@slowlight/protocol/kit';
import { ZodError } from 'zod';
import type { Channel, ChannelCounts, ChannelRecords, ChannelWrite, Webhook, WebhookRecords } from '../ports-alarms.ts';
import { isSigningSecret, newSigningSecret } from './signed-post.ts';

export interface Arrange {
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
  /** @throws Failure `request.invalid` */
  changeWebhook(id: WebhookId, change: WebhookChange): Promise<WebhookView | null>;
  removeWebhook(id: WebhookId): Promise<boolean>;
  resumeWebhook(id: WebhookId, from: 'kept' | 'now'): Promise<WebhookView | null>;
  testWebhook(id: WebhookId, signal: AbortSignal): Promise<SendTestResult | null>;
}

export interface ArrangeDeps {
  records: ChannelRecords & WebhookRecords & { lastPosition(): Promise<number> };
  box: SecretBox;
  /** Sends a test message. @throws Failure why it did not arrive */
  tryTarget: (target: ChannelTarget, secret: string | null, signal: AbortSignal) => Promise<void>;
  onChanged: () => void;
}

const NO_COUNTS: ChannelCounts = { waiting: 0, dead: 0, lastSentAt: null, lastError: null };

export function createArrange({ records, box, tryTarget, onChanged }: ArrangeDeps): Arrange {
  const channelView = ({ sealedSecret, ...channel }: Channel, counts = NO_COUNTS): ChannelView => ({
    ...channel,
    ...counts,
    hasSecret: sealedSecret !== null,
  });
  const webhookView = (webhook: Webhook): WebhookView => {
    const { sealedSecret: _sealedSecret, attempts: _attempts, pausedReason: _pausedReason, ...shown } = webhook;
    return shown;
  };
  const countsOf = async (id: ChannelId) => (await records.channelCounts()).get(id);

  async function tried(target: ChannelTarget, secret: string | null, signal: AbortSignal): Promise<SendTestResult> {
    try {
      await tryTarget(target, secret, signal);
      return { kind: 'sent' };
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      const { code, message, hint } = thrown;
      return { kind: 'failed', code, message, hint };
    }
  }

  return {
    async channels() {
      const counts = await records.channelCounts();
      return (await records.channels()).map((channel) => channelView(channel, counts.get(channel.id)));
    },
    async addChannel({ secret: given, ...input }) {
      const id = newChannelId();
      const made = given === null && input.target.kind === 'webhook' ? newSigningSecret() : null;
      const secret = given ?? made;
      wantWhole(input.target, secret);
      const sealedSecret = secret === null ? null : box.seal(secret, id);
      const channel = await records.createChannel(id, { ...input, sealedSecret });
      onChanged();
      return { channel: channelView(channel), secret: made };
    },
    async changeChannel(id, { secret, ...given }) {
      const before = await records.channel(id);
      if (before === null) return null;
      const wanted: ChannelWrite = { ...before, ...known(given) };
      const goesElsewhere = !samePlace(before.target, wanted.target);
      if (secret === undefined && before.sealedSecret !== null && goesElsewhere) throw wrong('secret', GIVE_AGAIN);
      if (secret !== undefined) wanted.sealedSecret = secret === null ? null : box.seal(secret, id);
      wantWhole(wanted.target, wanted.sealedSecret === null ? null : box.open(wanted.sealedSecret, id));
      const changed = await records.changeChannel(id, wanted);
      onChanged();
      return changed === null ? null : channelView(changed, await countsOf(id));
    },
    async removeChannel(id) {
      const gone = await records.deleteChannel(id);
      onChanged();
      return gone;
    },
    async testChannel({ id, secret: given, target }, signal) {
      const stored = id === undefined ? null : await records.channel(id);
      let secret = given;
      if (secret === null && stored !== null && stored.sealedSecret !== null) {
        if (!samePlace(stored.target, target)) throw wrong('secret', GIVE_AGAIN);
        secret = box.open(stored.sealedSecret, stored.id);
      }
      if (secret === null && target.kind === 'webhook') secret = newSigningSecret();
      wantWhole(target, secret);
      return tried(target, secret, signal);
    },

    webhooks: async () => (await records.webhooks()).map(webhookView),
    async addWebhook({ secret: given, ...input }) {
      const id = newWebhookId();
      const secret = given ?? newSigningSecret();
      wantSigning(secret);
      const webhook = await records.createWebhook(id, { ...input, sealedSecret: box.seal(secret, id) });
      onChanged();
      return { webhook: webhookView(webhook), secret };
    },
    async changeWebhook(id, { secret, ...given }) {
      const before = await records.webhook(id);
      if (before === null) return null;
      if (secret !== undefined) wantSigning(secret);
      const changed = await records.changeWebhook(id, {
        ...known(given),
        ...(secret !== undefined && { sealedSecret: box.seal(secret, id) }),
      });
      onChanged();
      return changed === null ? null : webhookView(changed);
    },
    async removeWebhook(id) {
      const gone = await records.deleteWebhook(id);
      onChanged();
      return gone;
    },
    async resumeWebhook(id, from) {
      const webhook = await records.resumeWebhook(id, from === 'now' ? await records.lastPosition() : null);
      onChanged();
      return webhook === null ? null : webhookView(webhook);
    },
    async testWebhook(id, signal) {
      const webhook = await records.webhook(id);
      if (webhook === null) return null;
      return tried({ kind: 'webhook', url: webhook.url }, box.open(webhook.sealedSecret, id), signal);
    },
  };
}

const GIVE_AGAIN = 'must be typed in again, because it was given for another address';

function wantWhole(target: ChannelTarget, secret: string | null): void {
  if (target.kind === 'webhook') wantSigning(secret);
  if (target.kind !== 'email') return;
  if ((target.username === null) !== (secret === null))
    throw wrong(target.username === null ? 'target.username' : 'secret', 'is missing: a login needs both');
  if (target.username !== null && target.security === 'none')
    throw wrong('target.security', 'must be tls or starttls where a password is sent');
}

function wantSigning(secret: string | null): void {
  if (secret === null || !isSigningSecret(secret))
    throw wrong('secret', 'must begin with whsec_ and be 24 to 64 bytes in base64');
}

/** Whoever hears the secret there is the same. A webhook's secret signs and is not sent. */
function samePlace(one: ChannelTarget, other: ChannelTarget): boolean {
  if (one.kind === 'webhook' && other.kind === 'webhook') return true;
  if (one.kind === 'ntfy' && other.kind === 'ntfy') return URL.parse(one.url)?.origin === URL.parse(other.url)?.origin;
  if (one.kind === 'email' && other.kind === 'email')
    return one.host.toLowerCase() === other.host.toLowerCase() && one.port === other.port && one.ca === other.ca;
  return false;
}

function known<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

function wrong(field: string, problem: string): Failure {
  return new Failure({
    code: 'request.invalid',
    message: `${field}: ${problem}`,
    hint: 'Correct the named fields and send it again.',
    retry: 'never',
    cause: new ZodError([{ code: 'custom', path: field.split('.'), message: problem, input: undefined }]),
  });
}
