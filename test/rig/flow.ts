import { createHash } from 'node:crypto';
import path from 'node:path';
import { createEmbeddedBroker } from '@slowlight/control-plane/src/broker/embedded-broker.ts';
import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import { createIngest, type IngestOptions } from '@slowlight/control-plane/src/ingest/ingest.ts';
import { createTeller } from '@slowlight/control-plane/src/ingest/teller.ts';
import { createVerifier } from '@slowlight/control-plane/src/ingest/verifier.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import {
  type AgentId,
  type FrameId,
  type Grant,
  grants as grantsSchema,
  newCameraId,
  type Receipt,
  receipt as receiptSchema,
  topics,
} from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { openDirectoryStore } from './directory-store.ts';
import { createEdge, frameOf } from './edge.ts';
import { openFolder } from './folder.ts';
import { openMqttAgent } from './mqtt-agent.ts';
import { put } from './put.ts';
import { createQuietLog } from './quiet-log.ts';
import { aCamera, everyMinute } from './records-scene.ts';
import { until } from './until.ts';

/** Starts something that runs until its signal aborts; gives the way to stop it, which also happens when the test ends. */
export function start(run: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const stop = new AbortController();
  const running = run(stop.signal);
  const stopped = async () => {
    stop.abort();
    await running;
  };
  onTestFinished(stopped);
  return stopped;
}

/**
 * Broker, ingest, verifier, SQLite records and directory store, as the page puts them together, with one agent, one camera
 * and one running timelapse. `records` and `store` are objects of this test's own: a verb of theirs may be made to fail.
 */
export async function openFlow(options: IngestOptions & { verify?: boolean } = {}) {
  const clock = systemClock;
  const log = createQuietLog();
  const opened = await openSqliteRecords({ path: path.join(await openFolder(), 'records.sqlite'), clock });
  onTestFinished(() => opened.close());
  const records = { ...opened };
  const { store, url } = await openDirectoryStore();
  const secret = crypto.randomUUID();
  const secretHash = createHash('sha256').update(secret).digest('hex');
  const site = await records.createSite({ name: 'Bridge', timeZone: 'UTC', latitude: null, longitude: null });
  const agent = await records.createAgent({ siteId: site.id, name: 'Pi', secretHash });
  const cameraId = newCameraId();
  await records.createCamera(cameraId, agent.id, aCamera);
  const timelapse = await records.startTimelapse({ cameraId, name: 'The bridge', schedule: everyMinute });

  const broker = await createEmbeddedBroker({ log }, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => broker.close());
  broker.setLogins(await records.agentLogins());
  const teller = createTeller({ clock, log, publish: broker.publish, records });
  const verifier = createVerifier({ clock, log, records, objects: store, teller });
  const ingest = createIngest(
    { clock, log, broker, records, objects: store, teller, onClaimed: verifier.wake },
    options,
  );
  const stopIngest = start(ingest.run);
  if (options.verify !== false) start(verifier.run);
  const brokerUrl = `mqtt://127.0.0.1:${broker.port}`;
  const line = await openLine(brokerUrl, agent.id, secret);
  const edge = createEdge(agent.id, clock.now());
  return {
    clock,
    log,
    records,
    store,
    storeUrl: url,
    site,
    agent,
    secret,
    cameraId,
    timelapse,
    broker,
    brokerUrl,
    teller,
    verifier,
    ingest,
    stopIngest,
    edge,
    ...line,
  };
}

export type Flow = Awaited<ReturnType<typeof openFlow>>;

const FIRST_SLOT = Date.UTC(2026, 5, 1, 12);

/** The announcement of a picture, of the slot with this number. */
export function capture({ edge, timelapse, cameraId }: Flow, bytes: Uint8Array, slot = 0): IncomingEvent {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return edge.captured(timelapse.id, cameraId, FIRST_SLOT + slot * 60_000, { sha256, sizeBytes: bytes.length });
}

/** Announces a picture and gives its grant. */
export async function announce(flow: Flow, bytes: Uint8Array) {
  const event = capture(flow, bytes);
  await flow.say(event);
  const frame = frameOf(event);
  const grant = await until('the upload is granted', () => flow.grants(frame)[0]);
  return { event, frame, grant };
}

export const pictureOf = async ({ records }: Flow, frame: FrameId) => (await records.frame(frame))?.picture;

/** An agent's line: what it says, and what it is told. */
export async function openLine(brokerUrl: string, agent: AgentId, secret: string) {
  const { client, heard, state } = openMqttAgent(brokerUrl, { username: agent, password: secret });
  await until('the agent is in', () => state() === 'in');
  await client.subscribeAsync([topics.cloudStatus, topics.agentReceipts(agent), topics.agentGrants(agent)], { qos: 1 });
  const of = (topic: string) =>
    heard.filter((message) => message.topic === topic).map(({ text }) => JSON.parse(text) as unknown);
  const receipts = (): Receipt['body'][] => of(topics.agentReceipts(agent)).map((one) => receiptSchema.parse(one).body);
  const grants = (frame?: FrameId): Grant[] =>
    of(topics.agentGrants(agent))
      .flatMap((one) => grantsSchema.parse(one).body.grants)
      .filter(({ frameId }) => frame === undefined || frameId === frame);
  return {
    receipts,
    grants,
    cloud: () => of(topics.cloudStatus).map((one) => (one as { body: { status: string } }).body.status),
    say: (...events: IncomingEvent[]) =>
      Promise.all(
        events.map(({ event }) => client.publishAsync(topics.agentEvents(agent), JSON.stringify(event), { qos: 1 })),
      ),
    sayRaw: (payload: string | Buffer) => client.publishAsync(topics.agentEvents(agent), payload, { qos: 1 }),
    sayStatus: (payload: string) => client.publishAsync(topics.agentStatus(agent), payload, { qos: 1, retain: true }),
    isRecorded: (seq: number) =>
      receipts().some(({ recordedUpTo, recordedAlso }) => recordedUpTo >= seq || recordedAlso.includes(seq)),
    mayForget: (frame: FrameId) => receipts().some(({ forget }) => forget.includes(frame)),
    refused: () => receipts().flatMap(({ refused }) => refused),
    upload: (grant: Grant, bytes: Uint8Array) => put(grant.url, grant.headers, bytes),
  };
}
