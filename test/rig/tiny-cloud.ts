/**
 * The other end of the line for tests of the agent: a real broker (aedes) and a real HTTP server for the uploads, which
 * remember what they got and answer as the control plane does. What goes wrong is told to it by the test.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  type AgentEvent,
  type AgentId,
  type AgentSettings,
  type AgentStatus,
  type Announcement,
  agentEvent,
  agentStatus,
  type FrameId,
  newSessionId,
  type Receipt,
  readAgentTopic,
  topics,
} from '@slowlight/protocol';
import { Aedes } from 'aedes';
import { onTestFinished } from 'vitest';
import type { Certificate } from './self-signed.ts';

export interface TinyCloud {
  brokerUrl: string;
  /** Every event by agent-less seq, as first recorded. */
  recorded: Map<number, AgentEvent>;
  /** Every copy of every event, in the order in which they came. */
  heard: AgentEvent[];
  statuses: AgentStatus[];
  /** As they came. */
  stills: string[];
  uploads: Map<FrameId, Buffer>;
  /** In the order in which their uploads ended well. */
  uploadedInOrder: FrameId[];
  forgotten: Set<FrameId>;
  conflicts: string[];
  connections: number;
  publish(topic: string, message: unknown, retain?: boolean): void;
  settings(settings: AgentSettings): void;
  listen(listening: boolean): void;
  /** Cuts all lines. */
  hangUp(): void;
  /** Refuses new lines, or takes them again. */
  reachable(now: boolean): void;
  /** Takes over an upload; undefined: the usual answer. */
  onUpload: ((frame: FrameId, request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>) | null;
  /** False: this event gets no receipt. */
  onEvent: (event: AgentEvent) => boolean;
  /** True: the broker will not have this event, and closes the line for it. */
  denies: (event: AgentEvent) => boolean;
  /** Refusals that the next receipt carries. */
  refuse: Receipt['body']['refused'];
  /** Frames that may be forgotten only later. */
  mayForget: (frame: FrameId) => boolean;
  grantLifeMs: number;
  grantsGiven: Map<FrameId, number>;
  givesGrants: (frame: FrameId) => boolean;
  port: number;
}

/** @param tls speaks `mqtts` with this certificate */
export async function openTinyCloud(
  agentId: AgentId,
  { secret = 'secret-of-the-test', tls = null }: { secret?: string; tls?: Certificate | null } = {},
): Promise<TinyCloud> {
  const session = newSessionId();
  const announced = new Map<FrameId, Announcement>();
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  let taken = true;
  broker.authenticate = (client, username, password, done) => {
    done(null, client.id === agentId && username === agentId && password?.toString() === secret);
  };
  broker.authorizePublish = (_client, packet, done) => {
    const isEvent = readAgentTopic(packet.topic)?.kind === 'events';
    const denied = isEvent && cloud.denies(agentEvent.parse(JSON.parse(packet.payload.toString())));
    done(denied ? new Error('not allowed') : null);
  };
  const welcome = (socket: Socket) => {
    if (!taken) return void socket.destroy();
    cloud.connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    broker.handle(socket);
  };
  const lines = tls === null ? createNetServer(welcome) : createTlsServer(tls, welcome);
  lines.on('tlsClientError', () => {});

  const store = createServer((request, response) => {
    void (async () => {
      const frame = (request.url ?? '').split('/').at(-1) as FrameId;
      if (cloud.onUpload !== null && (await cloud.onUpload(frame, request, response))) return;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const expected = announced.get(frame);
      if (request.method !== 'PUT' || request.headers['x-amz-meta-frame'] !== frame) response.statusCode = 403;
      else if (cloud.uploads.has(frame)) response.statusCode = 412;
      else if (createHash('sha256').update(bytes).digest('hex') !== expected?.sha256) response.statusCode = 400;
      else {
        cloud.uploads.set(frame, bytes);
        cloud.uploadedInOrder.push(frame);
      }
      response.end();
    })().catch(() => response.destroy());
  });

  const waiting: AgentEvent[] = [];
  let answering = false;
  function answer(): void {
    answering = false;
    const events = waiting.splice(0);
    if (events.length === 0) return;
    const forget: FrameId[] = [];
    const grants: object[] = [];
    for (const event of events) {
      const frame = frameOf(event);
      if (frame !== null) announced.set(frame.frameId, frame);
      const expires = Date.now() + cloud.grantLifeMs;
      if (frame !== null && !cloud.uploads.has(frame.frameId) && cloud.givesGrants(frame.frameId)) {
        cloud.grantsGiven.set(frame.frameId, (cloud.grantsGiven.get(frame.frameId) ?? 0) + 1);
        grants.push(grantOf(frame, expires));
      }
      if (
        event.type === 'frame.uploaded' &&
        cloud.uploads.has(event.body.frameId) &&
        cloud.mayForget(event.body.frameId)
      )
        forget.push(event.body.frameId);
    }
    for (const id of forget) cloud.forgotten.add(id);
    let upTo = 0;
    while (cloud.recorded.has(upTo + 1)) upTo += 1;
    const also = [...cloud.recorded.keys()].filter((seq) => seq > upTo).slice(0, 1000);
    notice(topics.agentReceipts(agentId), 'receipt', {
      recordedUpTo: upTo,
      recordedAlso: also,
      forget,
      refused: cloud.refuse.splice(0),
      serverTime: Date.now(),
    });
    for (let at = 0; at < grants.length; at += 200)
      notice(topics.agentGrants(agentId), 'grants', { grants: grants.slice(at, at + 200) });
  }

  function grantOf(frame: Announcement, expiresAt: number) {
    const { frameId, sizeBytes, sha256 } = frame;
    const { port } = store.address() as { port: number };
    const url = `http://127.0.0.1:${port}/frames/${frameId}`;
    const headers = { 'content-type': frame.type, 'content-length': String(sizeBytes), 'x-amz-meta-frame': frameId };
    return { frameId, method: 'PUT', url, headers, sizeBytes, sha256, expiresAt };
  }

  const notice = (topic: string, type: string, body: object, retain = false) =>
    cloud.publish(topic, { v: 1, session, sentAt: Date.now(), type, body }, retain);

  broker.on('publish', (packet, client) => {
    if (client === null) return;
    const topic = readAgentTopic(packet.topic);
    const text = packet.payload.toString();
    if (topic?.kind === 'stills') cloud.stills.push(text);
    if (topic?.kind === 'status') cloud.statuses.push(agentStatus.parse(JSON.parse(text)));
    if (topic?.kind !== 'events') return;
    const event = agentEvent.parse(JSON.parse(text));
    cloud.heard.push(event);
    if (!cloud.onEvent(event)) return;
    const known = cloud.recorded.get(event.seq);
    if (known === undefined) cloud.recorded.set(event.seq, event);
    else if (JSON.stringify(known.body) !== JSON.stringify(event.body)) cloud.conflicts.push(`event ${event.seq}`);
    waiting.push(event);
    if (!answering) setImmediate(answer);
    answering = true;
  });

  const cloud: TinyCloud = {
    brokerUrl: '',
    port: 0,
    recorded: new Map(),
    heard: [],
    statuses: [],
    stills: [],
    uploads: new Map(),
    uploadedInOrder: [],
    forgotten: new Set(),
    conflicts: [],
    connections: 0,
    publish(topic, message, retain = false) {
      const payload = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
      broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => {});
    },
    settings: (settings) => cloud.publish(topics.agentSettings(agentId), settings, true),
    listen: (listening) =>
      notice(topics.cloudStatus, 'cloud.status', { status: listening ? 'listening' : 'away' }, true),
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    reachable(now) {
      taken = now;
    },
    onUpload: null,
    onEvent: () => true,
    denies: () => false,
    refuse: [],
    mayForget: () => true,
    grantLifeMs: 600_000,
    grantsGiven: new Map(),
    givesGrants: () => true,
  };

  await new Promise<void>((resolve) => lines.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  cloud.port = (lines.address() as { port: number }).port;
  cloud.brokerUrl = `${tls === null ? 'mqtt' : 'mqtts'}://127.0.0.1:${cloud.port}`;
  onTestFinished(async () => {
    cloud.hangUp();
    store.closeAllConnections();
    await Promise.all([
      new Promise((resolve) => broker.close(() => resolve(null))),
      new Promise((resolve) => lines.close(resolve)),
      new Promise((resolve) => store.close(resolve)),
    ]);
  });
  return cloud;
}

export function frameOf(event: AgentEvent): Announcement | null {
  if (event.type === 'frame.taken') return event.body.frame;
  return event.type === 'slot.settled' && 'frame' in event.body ? event.body.frame : null;
}
