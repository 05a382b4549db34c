/**
 * The broker of a small house: aedes on TCP, in this process. The control plane speaks to it directly, not over a socket.
 *
 * Promise: an agent comes in with its own secret only, says and hears exactly its own topics, and cannot harm the others:
 * not by size, not by silence, not by number.
 * Invariants: logins are in memory, and every right is decided synchronously; a login that is taken away ends its
 * connection at once; sessions are clean, so that nothing outlives a connection but the retained topics.
 * When it fails: it acknowledges before anybody has stored anything, and forgets retained topics with the process. Agents
 * keep what no receipt names, and the control plane says its retained topics again when it starts.
 */
import { createServer, type Server, Socket } from 'node:net';
import { type AgentId, MAX_MESSAGE_BYTES, topics } from '@slowlight/protocol';
import { type Clock, Failure, systemClock, systemCode } from '@slowlight/protocol/kit';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket } from 'aedes';
import type { Log } from '../frame.ts';
import type { AgentLogin } from '../ports.ts';
import { type Broker, createListeners, type MessageListener } from './broker.ts';
import {
  canBeAskedAgain,
  isStillGood,
  judgeLogin,
  knownAgent,
  type LoginAnswer,
  type Logins,
  makeLogins,
  mayHear,
  whyNotPublish,
} from './rights.ts';
import { createSeldom } from './seldom.ts';
import { createSocketGuard } from './socket-guard.ts';
import { createTlsDoor, type TlsDoorOptions } from './tls-door.ts';

export interface EmbeddedBrokerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** That have not logged in. */
  mostWaitingPerAddress?: number;
  mostWaiting?: number;
  mostConnections?: number;
  /** A second, encrypted door; null: none. */
  secure?: TlsDoorOptions | null;
}

export interface EmbeddedBroker extends Broker {
  /** Who may come in from now on; whoever may not any more, or has a new secret, is disconnected. */
  setLogins(logins: readonly AgentLogin[]): void;
  /** The agents that are connected now. */
  agents(): AgentId[];
  host: string;
  port: number;
  /** Of the encrypted door; null: there is none. */
  securePort: number | null;
}

const CONNECT_TIMEOUT_MS = 10_000;
const DRAIN_TIMEOUT_MS = 10_000;
/** A login is a few hundred bytes. */
const BYTES_BEFORE_LOGIN = 16 * 1024;
/** A packet is its payload, its topic and a few bytes more. */
const MOST_PACKET_BYTES = MAX_MESSAGE_BYTES + 1024;
/** Return code 5 of MQTT 3.1.1: not authorised. */
const NOT_AUTHORISED = 5;

/** @throws Failure `broker.port-taken` | `broker.cannot-listen` */
export async function createEmbeddedBroker(
  { log, clock = systemClock }: { log: Log; clock?: Clock },
  options: EmbeddedBrokerOptions,
): Promise<EmbeddedBroker> {
  const { host, port, secure = null } = options;
  const { mostWaitingPerAddress = 500, mostWaiting = 2000, mostConnections = 10_000 } = options;
  const seldom = createSeldom(clock);
  let logins: Logins = new Map();
  const attempts = new WeakMap<Client, LoginAnswer>();
  const clients = new Map<string, Client>();
  const messages = createListeners<Parameters<MessageListener>>();

  const aedes = await Aedes.createBroker({
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    maxClientsIdLength: 64,
    preConnect(client, packet, done) {
      attempts.set(client, judgeLogin(attemptOf(packet), logins));
      done(null, true);
    },
    authenticate(client, _username, _password, done) {
      const answer = attempts.get(client);
      if (answer?.kind === 'welcome') return done(null, true);
      const reason = answer?.reason ?? 'no login';
      seldom.about(addressOf(client), (kept) =>
        log.warn({ client: client.id, reason, moreOfThisAddress: kept }, 'a login to the broker was refused'),
      );
      done(Object.assign(new Error(reason), { returnCode: NOT_AUTHORISED }) as AuthenticateError, false);
    },
    authorizePublish(client, packet, done) {
      const agent = client === null ? null : knownAgent(client.id, logins);
      const { topic, qos, retain, payload } = packet;
      const reason =
        agent === null ? 'no login' : whyNotPublish(agent, { topic, qos, retain, sizeBytes: payload.length });
      if (reason === null) {
        if (!retain) return done(null);
        const keptFirst = () => {
          packet.retain = false;
          done(null);
        };
        return void keep(packet).then(keptFirst, done);
      }
      if (agent !== null)
        seldom.about(agent, (kept) =>
          log.warn({ agent, topic, reason, moreOfIt: kept }, 'an agent tried to say what it may not'),
        );
      done(new Error(reason));
    },
    authorizeSubscribe: (client, wanted, done) => done(null, mayHear(client.id, wanted.topic, logins) ? wanted : null),
    // An agent that does not read is not waited for with what it can ask for again: it would hold up everybody.
    authorizeForward: (client, packet) =>
      mayHear(client.id, packet.topic, logins) && !(client.conn.writableNeedDrain && canBeAskedAgain(packet.topic))
        ? packet
        : null,
  });
  const { persistence: store } = aedes as unknown as { persistence: { storeRetained(packet: object): Promise<void> } };
  /**
   * What is retained is kept here and then said as if it were not, which is how those who listen already get it. The library
   * would keep it while what is said next overtakes it, and would then take it for an old one and drop it.
   */
  const keep = (packet: object): Promise<void> => store.storeRetained({ ...packet, retain: true });

  aedes.on('clientReady', (client) => {
    clients.set(client.id, client);
    if (client.conn instanceof Socket) guard.letIn(client.conn);
  });
  aedes.on('clientDisconnect', (client) => {
    if (clients.get(client.id) === client) clients.delete(client.id);
  });
  // A broken or refused connection ends itself; an agent's reason is in the log already.
  aedes.on('clientError', () => {});
  aedes.on('connectionError', () => {});
  for (const topic of [topics.allStatus, topics.allEvents, topics.allStills])
    await new Promise<void>((resolve) =>
      aedes.subscribe(
        topic,
        (packet, done) => {
          messages.call(packet.topic, Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload));
          done();
        },
        resolve,
      ),
    );

  const guard = createSocketGuard({
    mostConnections,
    mostWaitingPerAddress,
    mostWaiting,
    mostBytesBeforeLogin: BYTES_BEFORE_LOGIN,
    mostPacketBytes: MOST_PACKET_BYTES,
  });
  const serve = (socket: Socket) => {
    const client = aedes.handle(socket);
    guard.watch(socket, () => attempts.get(client)?.kind === 'welcome');
  };
  const server = createServer({ noDelay: true }, (socket) => {
    if (guard.admit(socket)) serve(socket);
  });
  const secureServer = secure === null ? null : createTlsDoor(secure, { admit: guard.admit, serve });
  const doors = [{ server, host, port }, ...(secureServer && secure ? [{ ...secure, server: secureServer }] : [])];
  for (const door of doors)
    try {
      await listen(door.server, door.host, door.port);
    } catch (cause) {
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const { server: opened } of doors) opened.close();
      throw cannotListen(cause, door.host, door.port);
    }

  return {
    host,
    port: portOf(server) ?? port,
    securePort: secureServer && portOf(secureServer),
    async publish(topic, payload, { qos, retain }) {
      if (aedes.closed) throw closed();
      const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: false, dup: false } as const;
      if (retain) await keep(packet);
      await new Promise<void>((resolve, reject) =>
        aedes.publish(packet, (cause) => (cause ? reject(closed(cause)) : resolve())),
      );
    },
    onMessage: (listener) => messages.add(listener),
    onConnected(listener) {
      listener();
      return () => {};
    },
    connected: () => !aedes.closed,
    async ping() {
      if (aedes.closed) throw closed();
    },
    setLogins(next) {
      logins = makeLogins(next);
      for (const client of clients.values()) if (!isStillGood(attempts.get(client), logins)) client.close();
    },
    agents: () => [...clients.keys()].flatMap((id) => knownAgent(id, logins) ?? []),
    async close() {
      const stopped = Promise.all(
        doors.map((door) => new Promise<void>((resolve) => door.server.close(() => resolve()))),
      );
      await new Promise<void>((resolve) => aedes.close(resolve));
      guard.closeAll();
      await stopped;
    },
  };
}

const addressOf = ({ conn }: Client): string => (conn instanceof Socket ? (conn.remoteAddress ?? 'gone') : 'unknown');

function attemptOf(packet: ConnectPacket): Parameters<typeof judgeLogin>[0] {
  const { will } = packet;
  return {
    clientId: packet.clientId,
    username: packet.username,
    password: packet.password,
    clean: packet.clean !== false,
    will: will
      ? { topic: will.topic, qos: will.qos ?? 0, retain: will.retain ?? false, sizeBytes: will.payload.length }
      : null,
  };
}

function portOf(server: Server): number | null {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : null;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function cannotListen(cause: unknown, host: string, port: number): Failure {
  const code = systemCode(cause);
  if (code === 'EADDRINUSE')
    return new Failure({
      code: 'broker.port-taken',
      message: `port ${port} of ${host}, where agents should reach the broker, is taken by another program`,
      hint: 'Stop the other program (is a second control plane running?), or give the broker another port.',
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'broker.cannot-listen',
    message: `the broker cannot listen on ${host}, port ${port} (${code ?? 'unknown error'})`,
    hint: 'Give the broker an address of this machine, and a port above 1023 unless it may use lower ones.',
    retry: 'later',
    cause,
  });
}

const closed = (cause?: unknown): Failure =>
  new Failure({
    code: 'broker.unreachable',
    message: 'the embedded broker is closed',
    hint: 'The control plane is stopping: it will be there again when it has started.',
    retry: 'soon',
    cause,
  });
