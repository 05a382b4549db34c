/**
 * A connection to a broker of a larger house (Mosquitto, EMQX, HiveMQ, VerneMQ, …) over MQTT 3.1.1.
 *
 * Promise: as long as the broker can be reached, messages flow; when it cannot, it is tried again with full jitter, and
 * `onConnected` says when what is retained should be said again.
 * Invariants: one connection at a time, each with a session and a will of its own; nothing is queued in memory while there
 * is none: a publish fails at once, and whoever wanted it decides.
 * When it fails: the broker's will tells the agents that nobody listens, so they hold their outboxes.
 */
import { randomUUID } from 'node:crypto';
import { TOPIC_ROOT, topics } from '@slowlight/protocol';
import { type Clock, deadline, Failure, runLoop, withoutCredentials } from '@slowlight/protocol/kit';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Log } from '../frame.ts';
import { type Broker, createListeners, type MessageListener } from './broker.ts';

export interface ExternalBrokerOptions {
  /** `mqtt://` or `mqtts://`, without credentials. */
  url: string;
  username: string | null;
  password: string | null;
  /** Unique among all clients of the broker: two with the same one throw each other out. */
  clientId: string;
  /** PEM of the authority that signed the broker's certificate; null: the usual ones. */
  ca: string | null;
  /** What the broker says when this connection is lost; asked for each connection. Retained. */
  will: () => { topic: string; payload: string };
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 30;
/** What is said on the own echo comes back within this time, ms. */
const ECHO_WITHIN_MS = 1500;
/** A connection that has held this long ends a row of failures. */
const RETRY = { firstMs: 500, mostMs: 30_000 };

/** Connects in the background, now and after each loss, until it is closed; `connected` and `ping` say how it stands. */
export function connectExternalBroker(
  { clock, log }: { clock: Clock; log: Log },
  options: ExternalBrokerOptions,
): Broker {
  const address = withoutCredentials(options.url);
  const messages = createListeners<Parameters<MessageListener>>();
  const connections = createListeners<[]>();
  // Brokers acknowledge also what they keep from everybody: only what comes back proves that this user may speak and hear.
  const echo = `${TOPIC_ROOT}/cloud/echo/${options.clientId}`;
  const echoes = createListeners<[text: string]>();
  const closing = new AbortController();
  let client: MqttClient | null = null;
  let lastFailure: Failure = unreachable(address, null);

  /** One connection, from its beginning to its end. Throws unless it was closed on purpose. */
  async function connection(signal: AbortSignal): Promise<number> {
    const opened = mqtt.connect(options.url, connectOptions(options));
    const lost = new Promise<unknown>((resolve) => {
      let reason: unknown = null;
      opened.on('error', (error) => {
        reason ??= error;
        opened.end(true);
      });
      opened.once('close', () => resolve(reason));
    });
    const stop = () => opened.end();
    signal.addEventListener('abort', stop, { once: true });
    opened.on('message', (topic, payload) => {
      if (topic === echo) echoes.call(payload.toString('utf8'));
      else messages.call(topic, payload);
    });
    opened.once('connect', () => {
      opened.subscribe([topics.allStatus, topics.allEvents, topics.allStills, echo], { qos: 1 }, (error) => {
        if (error) {
          opened.end(true);
          return;
        }
        client = opened;
        log.info({ broker: address }, 'connected to the broker');
        connections.call();
        hearEcho(opened).catch((failure: Failure) => {
          if (client === opened)
            log.error({ broker: address, reason: failure.message, hint: failure.hint }, 'the broker is of no use');
        });
      });
    });
    const reason = await lost;
    client = null;
    opened.end(true);
    signal.removeEventListener('abort', stop);
    if (signal.aborted) return 0;
    throw unreachable(address, reason);
  }

  async function hearEcho(through: MqttClient): Promise<void> {
    const said = randomUUID();
    const heard = Promise.withResolvers<void>();
    heard.promise.catch(() => {});
    const stop = echoes.add((text) => {
      if (text === said) heard.resolve();
    });
    const limit = deadline(clock, ECHO_WITHIN_MS, closing.signal);
    limit.signal.addEventListener('abort', () => heard.reject(deaf(address)), { once: true });
    try {
      await through.publishAsync(echo, said, { qos: 0 }).catch((cause: unknown) => {
        throw unreachable(address, cause);
      });
      await heard.promise;
    } finally {
      stop();
      limit.clear();
    }
  }

  const running = runLoop(
    connection,
    {
      clock,
      backoff: RETRY,
      onFailure(failure, waitMs) {
        lastFailure = failure;
        log.warn(
          { broker: address, reason: failure.message, hint: failure.hint, waitMs },
          'no connection to the broker; it is tried again',
        );
      },
    },
    closing.signal,
  );

  return {
    async publish(topic, payload, { qos, retain }) {
      if (client === null) throw lastFailure;
      try {
        await client.publishAsync(topic, payload, { qos, retain });
      } catch (cause) {
        throw unreachable(address, cause);
      }
    },
    onMessage: (listener) => messages.add(listener),
    onConnected(listener) {
      if (client !== null) listener();
      return connections.add(listener);
    },
    connected: () => client !== null,
    async ping() {
      if (client === null) throw lastFailure;
      await hearEcho(client);
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

function connectOptions({ username, password, clientId, ca, will }: ExternalBrokerOptions): IClientOptions {
  const { topic, payload } = will();
  return {
    protocolVersion: 4,
    clean: true,
    clientId,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // The loop above decides when to try again, and what is not sent is not kept.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    will: { topic, payload: Buffer.from(payload), qos: 1, retain: true },
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(ca !== null && { ca }),
  };
}

function deaf(address: string): Failure {
  return new Failure({
    code: 'broker.unreachable',
    message: `the broker at ${address} lets the control plane in and passes nothing on`,
    hint: `Give the control plane’s user the right to read and write ${TOPIC_ROOT}/# in the broker’s access list.`,
    retry: 'later',
    cause: null,
  });
}

function unreachable(address: string, cause: unknown): Failure {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  if (code === 4 || code === 5)
    return new Failure({
      code: 'broker.unreachable',
      message: `the broker at ${address} refuses the login`,
      hint: 'Look at the user name and password of the control plane in the settings, and at the broker’s own list of users.',
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'broker.unreachable',
    message: `there is no connection to the broker at ${address}${code === null || code === undefined ? '' : ` (${String(code)})`}`,
    hint: 'Look whether the broker runs, and whether its address in the settings is right: mqtt:// or mqtts://, host and port.',
    retry: 'soon',
    cause,
  });
}
