/**
 * Tells what is to be told.
 *
 * Promise: each message reaches its channel at least once, in the order in which they came while nothing fails, also over
 * restarts; what cannot be delivered is given up after a day and shown, and can be tried again by hand.
 * Invariants: channels wait for nobody but themselves; of several control planes one takes a message.
 * When it fails: the message is due again later; one that is refused for good is given up at once.
 */
import type { ChannelId } from '@slowlight/protocol';
import { backoffMs, type Clock, createBell, runLoop, type SecretBox, toFailure } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { Channel, ChannelRecords, Delivery } from '../ports-alarms.ts';
import { type KeptMessage, type Message, readMessage } from './message.ts';

export interface DeliveryDeps {
  clock: Clock;
  log: Log;
  records: ChannelRecords;
  box: SecretBox;
  /** null: there is nothing to tell any more. */
  compose: (kept: KeptMessage, id: string) => Promise<Message | null>;
  send: (
    what: { target: Channel['target']; secret: string | null; message: Message },
    signal: AbortSignal,
  ) => Promise<void>;
}

export interface Deliverer {
  /** Something may be due. */
  ring(): void;
  run(signal: AbortSignal): Promise<void>;
}

const AT_ONCE = 20;
/** Nobody takes as long as this; then it was forgotten, ms. */
const LEASE_MS = 120_000;
const LOOK_AGAIN_MS = 30_000;
const BACKOFF = { firstMs: 10_000, mostMs: 3_600_000 };
const GIVE_UP_AFTER_MS = 86_400_000;

/** What becomes of a message that could not be told. Pure. @param random 0 to 1 */
export function afterFailure(
  { attempts, createdAt }: Pick<Delivery, 'attempts' | 'createdAt'>,
  retry: 'soon' | 'later' | 'never',
  { now, random }: { now: number; random?: number },
): { state: 'dead' } | { state: 'waiting'; dueAt: number } {
  if (retry === 'never' || now - createdAt >= GIVE_UP_AFTER_MS) return { state: 'dead' };
  // At least half of it, so that nobody is asked again at once.
  const waitMs = BACKOFF.firstMs / 2 + backoffMs(attempts, BACKOFF, random);
  return { state: 'waiting', dueAt: now + Math.round(waitMs) };
}

export function createDeliverer({ clock, log, records, box, compose, send }: DeliveryDeps): Deliverer {
  const bell = createBell();
  const busy = new Map<ChannelId, Promise<void>>();

  async function deliver(channel: Channel, delivery: Delivery, signal: AbortSignal): Promise<void> {
    if (!(await records.takeDelivery(delivery, clock.now() + LEASE_MS))) return;
    try {
      const message = await compose(readMessage(delivery.content), delivery.id);
      const secret = channel.sealedSecret === null ? null : box.open(channel.sealedSecret, channel.id);
      if (message !== null) await send({ target: channel.target, secret, message }, signal);
      await records.endDelivery(delivery.id, { state: 'sent' });
    } catch (thrown) {
      const failure = toFailure(thrown);
      // Whoever stops has done nothing wrong: it is due again at once.
      const next = signal.aborted
        ? ({ state: 'waiting', dueAt: clock.now() } as const)
        : afterFailure({ ...delivery, attempts: delivery.attempts + 1 }, failure.retry, { now: clock.now() });
      const error = `${failure.message} ${failure.hint}`;
      await records.endDelivery(delivery.id, { ...next, error });
      if (next.state === 'dead')
        log.error({ channel: channel.name, reason: failure.message, hint: failure.hint }, 'a message is given up');
    }
  }

  /** Tells a channel what is due, and then rings: something else may be. */
  async function serve(channel: Channel, due: readonly Delivery[], signal: AbortSignal): Promise<void> {
    try {
      for (const delivery of due) if (!signal.aborted) await deliver(channel, delivery, signal);
    } catch (thrown) {
      log.warn({ channel: channel.name, reason: toFailure(thrown).message }, 'a message waits; it is tried again');
    } finally {
      busy.delete(channel.id);
      bell.ring();
    }
  }

  async function turn(signal: AbortSignal): Promise<number> {
    for (const channel of await records.channels()) {
      if (!channel.enabled || busy.has(channel.id)) continue;
      const due = await records.dueDeliveries(channel.id, AT_ONCE);
      if (due.length > 0) busy.set(channel.id, serve(channel, due, signal));
    }
    const next = await records.nextDelivery();
    // What is due belongs to a channel that is busy, and that rings when it is not.
    const waitMs = next === null || next <= clock.now() ? LOOK_AGAIN_MS : Math.min(LOOK_AGAIN_MS, next - clock.now());
    await bell.wait(clock, waitMs, signal);
    return 0;
  }

  return {
    ring: bell.ring,
    async run(signal) {
      await runLoop(
        turn,
        {
          clock,
          onFailure: ({ message: reason, hint }, waitMs) =>
            log.warn({ reason, hint, waitMs }, 'what is to be told cannot be read; it is tried again'),
        },
        signal,
      );
      await Promise.all(busy.values());
    },
  };
}
