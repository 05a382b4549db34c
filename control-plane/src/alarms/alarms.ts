/**
 * The door of alarms: tells people what they should look at, and programs what happens.
 *
 * Promise: what the rules call an alarm is raised once, told again at most as often as is set, and cleared, to everybody who
 * wants to know; over restarts too, because all that is known of it is in the records.
 * Invariants: an alarm and what is told of it are one commit; a digest is planned once for each period.
 * When it fails: nothing is raised or cleared on what could not be read, and it is looked again; what cannot be delivered
 * waits (`deliver.ts`, `webhooks.ts`).
 */
import {
  type AlarmRuleChanges,
  type AlarmRules,
  type AlarmView,
  type ChannelTarget,
  DEFAULT_ALARM_RULES,
  type FeedEntry,
  newDeliveryId,
  type SiteId,
  type SiteView,
} from '@slowlight/protocol';
import { type Clock, createBell, type Outbound, runLoop, type SecretBox } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { FeedRecords, PlaceRecords } from '../ports.ts';
import type {
  AlarmMessage,
  AlarmMove,
  AlarmRecords,
  ChannelRecords,
  KeptAlarm,
  WebhookRecords,
} from '../ports-alarms.ts';
import type { CoverageRecords } from '../ports-ledger.ts';
import { type Arrange, createArrange } from './arrange.ts';
import { createDeliverer } from './deliver.ts';
import { composeDigest, dueDigests } from './digest.ts';
import { findAll } from './findings.ts';
import { createLook } from './look.ts';
import { alarmView, type KeptMessage, type Message, messagesOf, testMessage } from './message.ts';
import { sendMessage } from './send.ts';
import { settle } from './settle.ts';
import { createWebhookFollower } from './webhooks.ts';

export type AlarmsRecords = AlarmRecords &
  ChannelRecords &
  WebhookRecords &
  Pick<FeedRecords, 'feedAfter' | 'firstPosition' | 'lastPosition' | 'onAppended'> &
  Pick<PlaceRecords, 'site' | 'sites' | 'cameras' | 'timelapses'> &
  Pick<CoverageRecords, 'coverage'>;

export interface AlarmsDeps {
  clock: Clock;
  log: Log;
  records: AlarmsRecords;
  objects: Pick<ObjectStore, 'read' | 'stat'>;
  box: SecretBox;
  outbound: Outbound;
  certificateExpiresAt: () => number | null;
  storage: () => Promise<{ freeBytes: number; totalBytes: number } | null>;
  /** Tells houses which alarms are open now. */
  sayState: (state: object) => void;
}
export interface AlarmsOptions {
  publicUrl: string | null;
  /** Whether this process raises and tells; of several on the same records one is enough. */
  works: boolean;
}

export interface Alarms extends Arrange {
  view(alarm: KeptAlarm): AlarmView;
  rulesInForce: typeof rulesInForce;
  /** Rules or alarms were changed by somebody: looks at once. */
  lookAgain(): void;
  /** A message that was given up is due again. */
  tellAgain(): void;
  /** Hears what happened, in order. */
  hear(entry: FeedEntry): void;
  run(signal: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 60_000;
/** What happens together is looked at once, ms. */
const TOGETHER_MS = 1000;
const FORGET_EVERY_MS = 86_400_000;
const KEEP = { alarmsMs: 400 * 86_400_000, deliveriesMs: 45 * 86_400_000 };
/** What may raise or clear an alarm. */
const TELLING = new Set<FeedEntry['event']['type']>([
  'agent.online',
  'agent.offline',
  'agent.stopped',
  'agent.clone-suspected',
  'agent.changed',
  'camera.health-changed',
  'camera.changed',
  'video.failed',
  'timelapse.completed',
]);

/** What is in force, out of what differs at each level. Pure. */
export function rulesInForce(...levels: readonly AlarmRuleChanges[]): AlarmRules {
  return Object.assign({}, DEFAULT_ALARM_RULES, ...levels);
}

export function createAlarms(deps: AlarmsDeps, { publicUrl, works }: AlarmsOptions): Alarms {
  const { clock, log, records, objects } = deps;
  const bell = createBell();
  const look = createLook(deps);
  const linkTo = (path: string) => (publicUrl === null ? null : publicUrl + path);
  const send = (
    what: { target: ChannelTarget; secret: string | null; message: Message },
    signal: AbortSignal,
  ): Promise<void> => sendMessage(deps, what, signal);
  const deliverer = createDeliverer({ ...deps, compose, send });
  const webhooks = createWebhookFollower(deps);
  let forgottenAt: number | null = null;

  async function compose(kept: KeptMessage, id: string): Promise<Message | null> {
    if (kept.type === 'digest') return composeDigest({ records, objects }, kept, { id, link: linkTo('/') });
    const { path, ...message } = kept;
    return { ...message, id, link: linkTo(path) };
  }

  async function lookOnce(signal: AbortSignal): Promise<number> {
    const facts = await look();
    if (signal.aborted) return 0;
    const now = clock.now();
    const [kept, channels, levels] = [
      await records.keptAlarms(),
      await records.channels(),
      await records.allAlarmRules(),
    ];
    const house = rulesInForce(levels.get('house') ?? {});
    const rulesOf = (site: SiteId | null) =>
      site === null ? house : rulesInForce(levels.get('house') ?? {}, levels.get(site) ?? {});
    const open = new Set(kept.filter(({ raisedAt }) => raisedAt !== null).map(({ key }) => key));
    const found = findAll(facts, { rulesOf, isOpen: (key) => open.has(key), now });
    const steps = settle(found, kept, {
      now,
      repeatMsOf: ({ siteId }) => rulesOf(siteId).repeatHours * 3_600_000,
    });
    const byId = new Map(kept.map((one) => [one.id, one]));
    const moves = steps.map(
      (step): AlarmMove =>
        ({ ...step, messages: messagesOf(step, { channels, kept: byId.get(step.id), now }) }) as AlarmMove,
    );
    if (moves.length > 0) await records.moveAlarms(moves);
    await planDigests(channels, now);
    for (const step of steps)
      if (step.do === 'raise') log.info({ alarm: step.alarm.key, site: step.alarm.siteId }, 'an alarm is raised');
      else if (step.do === 'clear') log.info({ alarm: byId.get(step.id)?.key }, 'an alarm is over');
    await sayState();
    await forget(now);
    if (moves.length > 0) deliverer.ring();
    await bell.wait(clock, LOOK_EVERY_MS, signal);
    await clock.sleep(TOGETHER_MS, signal);
    return 0;
  }

  async function planDigests(channels: Parameters<typeof dueDigests>[0], now: number): Promise<void> {
    if (!channels.some(({ enabled, digest }) => enabled && digest !== 'never')) return;
    const sites: SiteView[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await records.sites({ limit: 500, after: after ?? undefined });
      sites.push(...page.items);
      after = page.next;
    }
    const due: AlarmMessage[] = dueDigests(channels, sites, now);
    if (due.length > 0 && (await records.addDeliveries(due)) > 0) deliverer.ring();
  }

  async function sayState(): Promise<void> {
    const { items } = await records.alarms({ state: 'open', limit: 100 });
    const alarms = items.map(alarmView).map(({ id, kind, severity, subject, name, siteId, title, raisedAt }) => ({
      id,
      kind,
      severity,
      subject,
      name,
      siteId,
      title,
      raisedAt: new Date(raisedAt).toISOString(),
    }));
    deps.sayState({ open: alarms.length, alarms });
  }

  async function forget(now: number): Promise<void> {
    if (forgottenAt !== null && now - forgottenAt < FORGET_EVERY_MS) return;
    forgottenAt = now;
    await records.forgetAlarms({ alarms: now - KEEP.alarmsMs, deliveries: now - KEEP.deliveriesMs });
  }

  const arrange = createArrange({
    records,
    box: deps.box,
    onChanged() {
      bell.ring();
      deliverer.ring();
      webhooks.ring();
    },
    async tryTarget(target, secret, signal) {
      const message = await compose(testMessage(clock.now()), newDeliveryId());
      if (message !== null) await send({ target, secret, message }, signal);
    },
  });

  return {
    ...arrange,
    view: alarmView,
    rulesInForce,
    lookAgain: bell.ring,
    tellAgain: deliverer.ring,
    hear({ event }) {
      if (TELLING.has(event.type)) bell.ring();
    },
    async run(signal) {
      if (!works) return;
      const onFailure = ({ message: reason, hint }: { message: string; hint: string }, waitMs: number) =>
        log.warn({ reason, hint, waitMs }, 'alarms cannot be looked at; it is tried again');
      await Promise.all([runLoop(lookOnce, { clock, onFailure }, signal), deliverer.run(signal), webhooks.run(signal)]);
    },
  };
}
