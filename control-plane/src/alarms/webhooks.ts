/**
 * Passes the feed on to programs of others.
 *
 * Promise: each webhook hears every event of its topics at least once and in order, from where it stopped, also over
 * restarts, as far as the feed is kept.
 * Invariants: the position moves only behind what was delivered; webhooks wait for nobody but themselves.
 * When it fails: the same event is tried again with back-off; after three days, or when the receiver says that it is gone,
 * it is paused and somebody is told.
 */
import type { FeedEntry, WebhookId } from '@slowlight/protocol';
import {
  backoffMs,
  type Clock,
  createBell,
  type Failure,
  type Outbound,
  runLoop,
  type SecretBox,
  toFailure,
} from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { FeedRecords } from '../ports.ts';
import type { Webhook, WebhookProgress, WebhookRecords } from '../ports-alarms.ts';
import { postSigned } from './signed-post.ts';

export interface WebhookDeps {
  clock: Clock;
  log: Log;
  records: WebhookRecords & Pick<FeedRecords, 'feedAfter' | 'firstPosition' | 'onAppended'>;
  box: SecretBox;
  outbound: Outbound;
}

const AT_ONCE = 100;
const LOOK_AGAIN_MS = 30_000;
const BACKOFF = { firstMs: 5_000, mostMs: 1_800_000 };
const PAUSE_AFTER_MS = 3 * 86_400_000;
const WORKS = { attempts: 0, failingSince: null, lastError: null, nextTryAt: null };

/** Pure. What is noted of a webhook whose event could not be delivered. @param random 0 to 1 */
export function afterFault(
  { attempts, failingSince }: Pick<Webhook, 'attempts' | 'failingSince'>,
  { code, message, hint }: Pick<Failure, 'code' | 'message' | 'hint'>,
  { now, random }: { now: number; random?: number },
): WebhookProgress {
  const since = failingSince ?? now;
  const isOver = code === 'receiver.gone' || now - since >= PAUSE_AFTER_MS;
  const waitMs = BACKOFF.firstMs / 2 + backoffMs(attempts + 1, BACKOFF, random);
  return {
    attempts: attempts + 1,
    failingSince: since,
    lastError: `${message} ${hint}`,
    nextTryAt: isOver ? null : now + Math.round(waitMs),
    ...(isOver && { pausedAt: now, pausedReason: message }),
  };
}

/** Pure. @param topics types or their first words; empty: everything */
export const isWanted = (type: string, topics: readonly string[]): boolean =>
  topics.length === 0 || topics.some((topic) => type === topic || type.startsWith(`${topic}.`));

export interface WebhookFollower {
  /** Something was arranged anew. */
  ring(): void;
  run(signal: AbortSignal): Promise<void>;
}

export function createWebhookFollower({ clock, log, records, box, outbound }: WebhookDeps): WebhookFollower {
  const bell = createBell();
  const busy = new Map<WebhookId, Promise<void>>();
  /** Something may have happened while they were busy. */
  const missed = new Set<WebhookId>();

  function post(webhook: Webhook, { position, at, event: { type, body: data } }: FeedEntry, signal: AbortSignal) {
    const { id, url } = webhook;
    const secret = box.open(webhook.sealedSecret, id);
    const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), position, data });
    return postSigned(outbound, { url, secret, id: `${id}-${position}`, body, at: clock.now() }, signal);
  }

  /** Delivers some of the feed. False: it cannot go on now. */
  async function advance(webhook: Webhook, entries: readonly FeedEntry[], signal: AbortSignal): Promise<boolean> {
    let position = webhook.position;
    let state: Pick<Webhook, 'attempts' | 'failingSince'> = webhook;
    const move = async (to: number, progress: WebhookProgress) => {
      const moved = await records.moveWebhook(webhook.id, position, to, progress);
      position = to;
      return moved;
    };
    for (const entry of entries) {
      if (signal.aborted) return false;
      if (!isWanted(entry.event.type, webhook.topics)) continue;
      try {
        await post(webhook, entry, signal);
      } catch (thrown) {
        if (signal.aborted) return false;
        const failure = toFailure(thrown);
        const progress = afterFault(state, failure, { now: clock.now() });
        tellFault(webhook, failure, {
          isFirst: state.failingSince === null,
          isPaused: progress.pausedAt !== undefined,
        });
        await move(position, progress);
        return false;
      }
      // Each on its own, so that a restart says no more than one again.
      if (!(await move(entry.position, { ...WORKS, lastDeliveredAt: clock.now() }))) return false;
      state = WORKS;
    }
    const last = entries.at(-1)?.position ?? position;
    return last === position || (await move(last, {}));
  }

  function tellFault(
    { name }: Webhook,
    { message: reason, hint }: Failure,
    { isFirst, isPaused }: { isFirst: boolean; isPaused: boolean },
  ): void {
    const fields = { webhook: name, reason, hint };
    if (isPaused) log.error(fields, 'a webhook is paused, because nothing gets through');
    else if (isFirst) log.warn(fields, 'a webhook cannot be delivered; it is tried again');
  }

  async function serve(webhook: Webhook, signal: AbortSignal): Promise<void> {
    let failed = false;
    try {
      for (let now: Webhook | null = webhook; now !== null && isReady(now); now = await records.webhook(webhook.id)) {
        const entries = await records.feedAfter(now.position, AT_ONCE);
        const first = entries[0]?.position ?? 0;
        if (first > now.position + 1 && first === (await records.firstPosition()))
          log.warn({ webhook: now.name }, 'a webhook may miss events: it stood still for longer than the feed is kept');
        if (entries.length === 0) break;
        failed = !(await advance(now, entries, signal));
        if (failed) break;
      }
    } catch (thrown) {
      log.warn({ webhook: webhook.name, reason: toFailure(thrown).message }, 'a webhook waits; it is tried again');
    } finally {
      busy.delete(webhook.id);
      // The time of its next try may be nearer than what is slept for.
      if (missed.delete(webhook.id) || failed) bell.ring();
    }
  }

  const isReady = ({ enabled, pausedAt, nextTryAt }: Webhook): boolean =>
    enabled && pausedAt === null && (nextTryAt === null || nextTryAt <= clock.now());

  async function turn(signal: AbortSignal): Promise<number> {
    const all = await records.webhooks();
    for (const webhook of all) {
      if (busy.has(webhook.id)) missed.add(webhook.id);
      else if (isReady(webhook)) busy.set(webhook.id, serve(webhook, signal));
    }
    const waits = all.flatMap(({ id, nextTryAt, pausedAt, enabled }) =>
      enabled && pausedAt === null && nextTryAt !== null && !busy.has(id) ? Math.max(100, nextTryAt - clock.now()) : [],
    );
    await bell.wait(clock, Math.min(LOOK_AGAIN_MS, ...waits), signal);
    return 0;
  }

  return {
    ring: bell.ring,
    async run(signal) {
      const stopListening = records.onAppended(bell.ring);
      await runLoop(
        turn,
        {
          clock,
          onFailure: ({ message: reason, hint }, waitMs) =>
            log.warn({ reason, hint, waitMs }, 'webhooks cannot be read; it is tried again'),
        },
        signal,
      );
      stopListening();
      await Promise.all(busy.values());
    },
  };
}
