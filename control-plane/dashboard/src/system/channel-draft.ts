/** A channel as its form holds it. Pure. */
import type { AlarmKind, ChannelTarget, ChannelView, SiteId } from '@slowlight/protocol';
import type { ChannelDraft } from '../server/alarms.ts';

export const TARGETS: readonly ChannelTarget['kind'][] = ['ntfy', 'email', 'webhook'];

/** As typed. */
export interface ChannelTexts {
  name: string;
  /** Of a webhook. */
  url: string;
  /** Of ntfy. */
  server: string;
  topic: string;
  host: string;
  port: string;
  username: string;
  from: string;
  to: string;
  secret: string;
}
type Security = Extract<ChannelTarget, { kind: 'email' }>['security'];
export interface ChannelForm {
  kind: ChannelTarget['kind'];
  texts: ChannelTexts;
  security: Security;
  leastSeverity: ChannelView['leastSeverity'];
  digest: ChannelView['digest'];
  digestHour: string;
  enabled: boolean;
  /** null: of all, and of the house. */
  siteIds: readonly SiteId[] | null;
  /** null: all. */
  kinds: readonly AlarmKind[] | null;
}

/** @param channel null: a new one */
export function channelForm(channel: ChannelView | null): ChannelForm {
  const target = channel?.target;
  const mail = target?.kind === 'email' ? target : null;
  return {
    kind: target?.kind ?? 'ntfy',
    texts: {
      name: channel?.name ?? '',
      url: target?.kind === 'webhook' ? target.url : '',
      server: target?.kind === 'ntfy' ? target.url : 'https://ntfy.sh',
      topic: target?.kind === 'ntfy' ? target.topic : '',
      host: mail?.host ?? '',
      port: String(mail?.port ?? 465),
      username: mail?.username ?? '',
      from: mail?.from ?? '',
      to: mail?.to.join(', ') ?? '',
      secret: '',
    },
    security: mail?.security ?? 'tls',
    leastSeverity: channel?.leastSeverity ?? 'warning',
    digest: channel?.digest ?? 'never',
    digestHour: String(channel?.digestHour ?? 7),
    enabled: channel?.enabled ?? true,
    siteIds: channel?.siteIds ?? null,
    kinds: channel?.kinds ?? null,
  };
}

/** Left out as a secret: what is stored stays, or there is none. What the form does not show stays as it is. */
export function channelOf(form: ChannelForm, channel: ChannelView | null): ChannelDraft {
  const { texts, leastSeverity, digest, digestHour, enabled, siteIds, kinds } = form;
  return {
    name: texts.name.trim(),
    target: targetOf(form, channel),
    leastSeverity,
    digest,
    digestHour: Number(digestHour),
    siteIds: siteIds && [...siteIds],
    kinds: kinds && [...kinds],
    enabled,
    ...(texts.secret !== '' && { secret: texts.secret }),
  };
}

function targetOf({ kind, texts, security }: ChannelForm, channel: ChannelView | null): ChannelTarget {
  if (kind === 'webhook') return { kind, url: texts.url.trim() };
  if (kind === 'ntfy') return { kind, url: texts.server.trim(), topic: texts.topic.trim() };
  return {
    kind,
    host: texts.host.trim(),
    port: Number(texts.port),
    security,
    username: texts.username.trim() === '' ? null : texts.username.trim(),
    ca: channel?.target.kind === 'email' ? channel.target.ca : null,
    from: texts.from.trim(),
    to: listOf(texts.to),
  };
}

/** Parts between commas; empty ones are none. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
