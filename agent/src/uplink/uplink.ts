/**
 * The line to the control plane: one outbound MQTT 3.1.1 connection.
 *
 * Promise: what is given to `publish` goes out now or not at all (the buffer keeps it, nobody queues here); nothing is sent
 * while no ingester listens; whoever looks at the agent's status sees the truth, also after an old will.
 * When the line breaks, it is tried again with full jitter for ever; each connection is a session of its own.
 */
import {
  type AgentCommand,
  type AgentId,
  type AgentSettings,
  type AgentStatus,
  type Grants,
  MAX_MESSAGE_BYTES,
  newSessionId,
  type Receipt,
  type SessionId,
  type Still,
  topics,
  WIRE_VERSION,
} from '@slowlight/protocol';
import { backoffMs, type Clock, type Failure, noPulse, type Pulse, toFailure } from '@slowlight/protocol/kit';
import type { MqttClient } from 'mqtt';
import type { Log } from '../frame.ts';
import { connect } from './connect.ts';
import {
  addressOf,
  type Connection,
  type ConnectionState,
  deaf,
  ECHO_WITHIN_MS,
  farewell,
  statusMessage,
} from './connection.ts';
import { readMessage } from './read-message.ts';

export interface UplinkDeps {
  clock: Clock;
  log: Log;
  /** What the status says while this agent is online. */
  online(): Extract<AgentStatus['body'], { status: 'online' }>;
  onReceipt(receipt: Receipt['body']): void;
  onGrants(message: Grants): void;
  onSettings(settings: AgentSettings): void;
  onCommand(command: AgentCommand): void;
  /** True: an ingester listens (again), with nothing of what was sent before; false: nobody does. */
  onListening(listening: boolean): void;
  /** The line broke without our doing, before `onListening(false)`. */
  onCut(): void;
  /** The line stands differently now: see `connection`. */
  onLine?(): void;
  /** The broker did not let this agent in. */
  onRefused?(): void;
  /** Told of the loop's turns. */
  pulse?: Pulse;
}

export interface UplinkOptions {
  url: string;
  agentId: AgentId;
  /** Asked at each connection. The user name is the client id too. */
  login: () => { username: string; secret: string };
  /** Certificate authorities to trust beside the usual ones, PEM; null: the usual ones alone. */
  ca: string | null;
}

/** Back-off between connections, ms. The first tries come quickly, and the last of a fleet is back within half a minute. */
const BACKOFF = { firstMs: 1000, mostMs: 20_000 };
/** A connection that held this long was a success, ms. */
const HELD_MS = 10_000;
/** How often a line that holds is looked at, ms; the library itself closes one that has gone dead. */
const HELD_TURN_MS = 30_000;
/** How long dialling and one wait between two tries take at most, ms. */
const DIAL_TURN_MS = 60_000;

interface Session {
  id: SessionId;
  client: MqttClient;
  /** The ingester that listens; null: none. */
  listener: SessionId | null;
  /** Our own status has come back: the broker passes on what we say, and we hear it. */
  echoed: boolean;
}

export function createUplink(deps: UplinkDeps, options: UplinkOptions) {
  const { clock, log, pulse = noPulse } = deps;
  const { agentId } = options;
  const beat = pulse.begin('uplink');
  let session: Session | null = null;
  let unreadable = 0;
  let peer: string | null = null;
  let line: Connection = { state: 'down', since: clock.now(), reason: null };

  function stands(state: ConnectionState, reason: string | null = null): void {
    if (line.state === state && line.reason === reason) return;
    line = { state, since: clock.now(), reason };
    deps.onLine?.();
  }

  function say(client: MqttClient, id: SessionId, body: AgentStatus['body']): void {
    client.publish(topics.agentStatus(agentId), statusMessage(clock, id, body), { qos: 1, retain: true }, () => {});
  }

  function listen(current: Session, listener: SessionId | null): void {
    if (current.listener === listener) return;
    current.listener = listener;
    stands(listener === null ? 'connected' : 'listening');
    log.info({}, listener === null ? 'nobody listens: holding events back' : 'the control plane listens');
    try {
      deps.onListening(listener !== null);
    } catch (cause) {
      // Half begun is worse than not connected: the next connection begins anew.
      current.client.end(true);
      throw cause;
    }
  }

  function hear(current: Session, topic: string, payload: Uint8Array): void {
    const read = readMessage(agentId, topic, payload);
    switch (read.kind) {
      case 'cloud-status': {
        const { body, session: listener } = read.message;
        listen(current, body.status === 'listening' ? listener : null);
        return;
      }
      case 'status':
        // An old will, or another session of ours that was slow to go: say what is true.
        if (read.message.session !== current.id) say(current.client, current.id, deps.online());
        else if (!current.echoed) {
          current.echoed = true;
          if (line.state === 'deaf') stands(current.listener === null ? 'connected' : 'listening');
        }
        return;
      case 'receipt':
        deps.onReceipt(read.message.body);
        return;
      case 'grants':
        deps.onGrants(read.message);
        return;
      case 'settings':
        deps.onSettings(read.message);
        return;
      case 'command':
        deps.onCommand(read.message);
        return;
      case 'empty':
        return;
      case 'unreadable':
        unreadable += 1;
        log.warn({ topic, bytes: payload.length, unreadable }, `left a message that ${read.reason}`);
        return;
    }
  }

  /** One connection, from dialling to its end. Gives how long it held, ms. */
  async function hold(signal: AbortSignal): Promise<number> {
    const id = newSessionId();
    const client = await connect(
      {
        ...options,
        ...options.login(),
        willTopic: topics.agentStatus(agentId),
        will: statusMessage(clock, id, { status: 'offline' }),
      },
      signal,
    );
    const since = clock.monotonicMs();
    const current: Session = { id, client, listener: null, echoed: false };
    session = current;
    peer = addressOf(client.stream) ?? peer;
    let refused: Failure | null = null;
    const ended = new Promise<void>((resolve) => {
      client.once('close', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('message', (topic, payload) => {
      try {
        if (session === current) hear(current, topic, payload);
      } catch (cause) {
        const { code, hint, message } = toFailure(cause);
        log.error({ topic, code, hint }, `a message could not be obeyed: ${message}`);
      }
    });
    try {
      // The status goes first, so that what comes back on its topic is already ours.
      say(client, id, deps.online());
      const heard = [
        topics.cloudStatus,
        topics.agentStatus(agentId),
        topics.agentReceipts(agentId),
        topics.agentGrants(agentId),
        topics.agentSettings(agentId),
        topics.agentCommands(agentId),
      ];
      client.subscribe(heard, { qos: 1 }, (failed) => {
        if (!failed) return;
        if (client.connected) refused = deaf(options.url, agentId, 'subscription', failed);
        client.end(true);
      });
      log.info({ session: id }, 'connected to the broker');
      stands('connected');
      const over = new AbortController();
      void listenForEcho(current, AbortSignal.any([signal, over.signal]));
      let held = true;
      void ended.then(() => {
        held = false;
        over.abort();
      });
      while (held) {
        beat.turn(HELD_TURN_MS);
        await Promise.race([ended, clock.sleep(HELD_TURN_MS, over.signal)]);
      }
      if (refused !== null) throw refused;
      if (signal.aborted) await farewell(clock, client, { agentId, id });
    } finally {
      session = null;
      if (!signal.aborted) deps.onCut();
      if (current.listener !== null) deps.onListening(false);
      client.end(true);
    }
    return clock.monotonicMs() - since;
  }

  /** Some brokers refuse nothing and pass nothing on: only what comes back proves that we are heard. */
  async function listenForEcho(current: Session, signal: AbortSignal): Promise<void> {
    await clock.sleep(ECHO_WITHIN_MS, signal);
    if (signal.aborted || current.echoed || !current.client.connected) return;
    const { code, hint, message } = deaf(options.url, agentId, 'echo');
    stands('deaf', message);
    log.error({ code, hint }, message);
  }

  return {
    listening: () => session !== null && session.listener !== null && session.client.connected,
    /** The IP address where the broker was reached last; null: it has not been yet. */
    peer: () => peer,
    connection: (): Connection => line,
    /** How many messages could not be read since the start. */
    unreadable: () => unreadable,
    /**
     * Sends an event now, or says why it did not go out: nobody listens, or it is larger than a message may be.
     * @param event `body` is JSON text
     * @param onTaken the broker has taken it, which proves nothing but that it did not close the line for it
     */
    publish(
      event: { seq: number; type: string; body: string },
      onTaken: () => void = () => {},
    ): 'sent' | 'held' | 'too-large' {
      if (session === null || session.listener === null || !session.client.connected) return 'held';
      const message = `{"v":${WIRE_VERSION},"seq":${event.seq},"session":"${session.id}","sentAt":${clock.now()},"type":"${event.type}","body":${event.body}}`;
      if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) {
        log.error({ seq: event.seq, type: event.type }, 'an event is too large to be sent and is kept');
        return 'too-large';
      }
      const current = session;
      current.client.publish(topics.agentEvents(agentId), message, { qos: 1 }, (failed) => {
        if (!failed && session === current) onTaken();
      });
      return 'sent';
    },
    /** Shows a still, or not: false when it cannot go out now. Nothing waits for it. */
    sendStill(body: Still['body']): boolean {
      if (session === null || session.listener === null || !session.client.connected) return false;
      const { client, id } = session;
      // A slow line gets fewer of them, not a queue.
      if (client.stream.writableNeedDrain) return true;
      const message: Still = { v: WIRE_VERSION, session: id, sentAt: clock.now(), type: 'still', body };
      client.publish(topics.agentStills(agentId), JSON.stringify(message), { qos: 0 }, () => {});
      return true;
    },
    /** The next connection comes in with the login of then. */
    reconnect: () => void session?.client.end(),
    /** What the status says has changed. */
    refreshStatus(): void {
      if (session !== null) say(session.client, session.id, deps.online());
    },
    async run(signal: AbortSignal): Promise<void> {
      let failures = 0;
      while (!signal.aborted) {
        let failure: Failure | null = null;
        beat.turn(DIAL_TURN_MS);
        try {
          const heldMs = await hold(signal);
          if (heldMs >= HELD_MS) failures = 0;
        } catch (cause) {
          failure = toFailure(cause, 'uplink.failed');
          if (failure.code === 'uplink.unauthorised') deps.onRefused?.();
        }
        if (signal.aborted) return;
        failures += 1;
        const waitMs = backoffMs(failures, BACKOFF);
        stands(failure?.code === 'uplink.deaf' ? 'deaf' : 'down', failure?.message ?? null);
        const fields = { code: failure?.code ?? 'uplink.closed', hint: failure?.hint, tries: failures, waitMs };
        log.warn(fields, `not connected: ${failure?.message ?? 'the broker closed the connection'}`);
        await clock.sleep(waitMs, signal);
      }
    },
  };
}
export type Uplink = ReturnType<typeof createUplink>;
