/**
 * One connection to the broker of a house, over MQTT 5 or 3.1.1.
 *
 * Promise: while it stands, what is published is acknowledged by the broker before `publish` resolves; when it is lost,
 * everything that waits on it fails at once.
 * Invariants: the same client id each time, so that a new connection ends an old one of ours, and the will of that cannot
 * come after what the new one says; certificates are always checked; nothing is queued for later.
 * When it fails: says why in words, without credentials.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, deadline, Failure, withoutCredentials } from '@slowlight/protocol/kit';
import type { IClientOptions, MqttClient } from 'mqtt';
import { linkFailure } from './link-failure.ts';

export interface LinkOptions {
  url: string;
  mqtt: '5' | '3.1.1';
  username: string | null;
  password: string | null;
  ca: string | null;
  clientId: string;
  /** Said by the broker, retained, when the connection is lost; null: nothing. */
  will: { topic: string; payload: string } | null;
}

export interface Link {
  /** @throws Failure `home.*` */
  publish(topic: string, payload: string | Buffer, how: { retain: boolean; qos?: 0 | 1 }): Promise<void>;
  /** @throws Failure `home.*` also where the broker does not let us hear it */
  subscribe(topics: readonly string[]): Promise<void>;
  unsubscribe(topics: readonly string[]): Promise<void>;
}

export interface LinkWork {
  /** `kept`: the broker had kept it for whoever comes. */
  onMessage(topic: string, payload: Buffer, kept: boolean): void;
  /** Goes on until its signal aborts: the connection was lost, or somebody wants to stop. */
  work(link: Link, signal: AbortSignal): Promise<void>;
  /** The last words, when somebody wants to stop and the connection still stands. */
  farewell(link: Link): Promise<void>;
}

const CONNECT_WITHIN_MS = 10_000;
const KEEPALIVE_SECONDS = 15;
const FAREWELL_WITHIN_MS = 3000;
/** A trial: for all of it, and for what was said to come back, ms. */
const TRY_WITHIN_MS = 12_000;
const ECHO_WITHIN_MS = 2500;

/** From its beginning to its end. Resolves when the signal aborted. @throws Failure `home.*` */
export async function holdLink(
  clock: Clock,
  options: LinkOptions,
  { onMessage, work, farewell }: LinkWork,
  signal: AbortSignal,
): Promise<void> {
  // Loaded by whoever has a broker of his own.
  const { default: mqtt } = await import('mqtt');
  if (signal.aborted) return;
  const address = withoutCredentials(options.url);
  const client = mqtt.connect(options.url, connectOptions(options));
  const over = new AbortController();
  let reason: unknown = null;
  const lose = (why: unknown) => {
    reason ??= why;
    over.abort();
    client.end(true);
  };
  client.on('error', lose);
  client.on('disconnect', (packet) => lose(Object.assign(new Error('disconnected'), { code: packet.reasonCode })));
  client.once('close', () => lose(null));
  client.on('message', (topic, payload, packet) => onMessage(topic, payload, packet.retain));
  const lost = new Promise<never>((_, reject) => {
    over.signal.addEventListener('abort', () => reject(linkFailure(address, reason)), { once: true });
  });
  lost.catch(() => {});
  const stopConnecting = () => lose(null);
  signal.addEventListener('abort', stopConnecting, { once: true });
  const link = makeLink(client, address, lost);
  try {
    await Promise.race([new Promise<void>((resolve) => client.once('connect', () => resolve())), lost]);
    signal.removeEventListener('abort', stopConnecting);
    await work(link, AbortSignal.any([signal, over.signal]));
    if (over.signal.aborted) throw linkFailure(address, reason);
    // Last words that nobody hears hold up nobody's stop.
    const limit = deadline(clock, FAREWELL_WITHIN_MS, new AbortController().signal);
    const late = new Promise<void>((resolve) => {
      limit.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([farewell(link), late]).finally(limit.clear);
    await Promise.race([client.endAsync(), lost.catch(() => {})]);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener('abort', stopConnecting);
    client.end(true);
  }
}

function makeLink(client: MqttClient, address: string, lost: Promise<never>): Link {
  const done = async <Result>(topic: string, act: Promise<Result>): Promise<Result> => {
    try {
      return await Promise.race([act, lost]);
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw isDenied(cause) ? notAllowed(address, topic) : linkFailure(address, cause);
    }
  };
  return {
    async publish(topic, payload, { retain, qos = 1 }) {
      await done(topic, client.publishAsync(topic, payload, { qos, retain }));
    },
    async subscribe(topics) {
      for (const topic of topics) {
        const granted = await done(topic, client.subscribeAsync(topic, { qos: 1 }));
        if (granted.some((one) => one.qos >= 128)) throw notAllowed(address, topic);
      }
    },
    async unsubscribe(topics) {
      await done(topics.join(' '), client.unsubscribeAsync([...topics]));
    },
  };
}

function connectOptions({ mqtt: spoken, username, password, ca, clientId, will }: LinkOptions): IClientOptions {
  return {
    protocolVersion: spoken === '5' ? 5 : 4,
    clean: true,
    clientId,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_WITHIN_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    rejectUnauthorized: true,
    ...(will !== null && { will: { ...will, payload: Buffer.from(will.payload), qos: 1 as const, retain: true } }),
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(ca !== null && { ca }),
  };
}

/** MQTT 5 says in its acknowledgement what 3.1.1 keeps to itself. */
const isDenied = (cause: unknown) =>
  typeof cause === 'object' && cause !== null && 'code' in cause && (cause.code === 0x87 || cause.code === 0x80);

const notAllowed = (address: string, topic: string) =>
  new Failure({
    code: 'home.not-allowed',
    message: `the broker at ${address} lets this user in, but not speak and hear on ${topic}`,
    hint: 'Give the user the right to read and write below the topic root and the discovery prefix in the broker’s access list.',
    retry: 'later',
  });

/**
 * Connects once, and says something on topics of ours: it works when that comes back, because brokers acknowledge also what
 * they keep from everybody.
 * @param topics nobody else listens there, or takes notice
 * @throws Failure `home.*`
 */
export async function tryLink(
  clock: Clock,
  { options, topics }: { options: LinkOptions; topics: readonly string[] },
  signal: AbortSignal,
): Promise<{ tookMs: number }> {
  const began = clock.monotonicMs();
  const waiting = new Map(topics.map((topic) => [topic, randomUUID()]));
  const heardAll = new AbortController();
  const limit = deadline(clock, TRY_WITHIN_MS, signal);
  try {
    await holdLink(
      clock,
      options,
      {
        onMessage(topic, payload) {
          if (waiting.get(topic) === payload.toString('utf8')) waiting.delete(topic);
          if (waiting.size === 0) heardAll.abort();
        },
        async work(link, lost) {
          await link.subscribe(topics);
          for (const [topic, said] of [...waiting]) await link.publish(topic, said, { retain: false });
          await clock.sleep(ECHO_WITHIN_MS, AbortSignal.any([lost, heardAll.signal]));
          const [mute] = waiting.keys();
          if (mute !== undefined && !lost.aborted) throw notAllowed(withoutCredentials(options.url), mute);
        },
        farewell: async () => {},
      },
      AbortSignal.any([limit.signal, heardAll.signal]),
    );
  } finally {
    limit.clear();
  }
  if (!heardAll.signal.aborted)
    throw linkFailure(withoutCredentials(options.url), Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' }));
  return { tookMs: Math.round(clock.monotonicMs() - began) };
}
