import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Writable } from 'node:stream';
import { createAlarms } from '@slowlight/control-plane/src/alarms/alarms.ts';
import { mosquittoHash } from '@slowlight/control-plane/src/broker/mosquitto-hash.ts';
import { createEnrolment } from '@slowlight/control-plane/src/enrolment/enrolment.ts';
import { createFeed, type FeedOptions } from '@slowlight/control-plane/src/feed/feed.ts';
import { createHomeAutomation } from '@slowlight/control-plane/src/home-automation/home-automation.ts';
import type { BrokerAsks, OpenIdDoor, PartState } from '@slowlight/control-plane/src/http/deps.ts';
import { createMetrics } from '@slowlight/control-plane/src/http/metrics.ts';
import { createPasswords } from '@slowlight/control-plane/src/http/passwords.ts';
import { createPeople } from '@slowlight/control-plane/src/http/people.ts';
import { hashSecret } from '@slowlight/control-plane/src/http/secrets.ts';
import { createServer } from '@slowlight/control-plane/src/http/server.ts';
import { createLive } from '@slowlight/control-plane/src/live/live.ts';
import { createLogs } from '@slowlight/control-plane/src/logs/logs.ts';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import type { Records } from '@slowlight/control-plane/src/ports.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { deflicker } from '@slowlight/control-plane/src/render/deflicker.ts';
import { canvasOf } from '@slowlight/control-plane/src/render/film-plan.ts';
import { createOverlays } from '@slowlight/control-plane/src/render/overlay/overlays.ts';
import { createSheets } from '@slowlight/control-plane/src/render/sheet.ts';
import { createTitlePreview } from '@slowlight/control-plane/src/render/title-preview.ts';
import { createRetention } from '@slowlight/control-plane/src/retention/retention.ts';
import { createStocktake } from '@slowlight/control-plane/src/stocktake/stocktake.ts';
import { makeSecret } from '@slowlight/control-plane/src/wire-enrolment.ts';
import type { AgentCommand, AgentId } from '@slowlight/protocol';
import { type Clock, createOutbound, createSecretBox, systemClock } from '@slowlight/protocol/kit';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { openFolder } from './folder.ts';

/** What a hash costs here; a real one takes 128 MB and half a second. */
const QUICK = { logN: 10, r: 8, p: 1 };
export const PASSWORD = 'a-password-for-tests';

export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape and compare them
  body: any;
}
export interface Ask {
  body?: unknown;
  headers?: Record<string, string>;
}
/** Asks as one person or program. */
export type Client = (method: string, address: string, ask?: Ask) => Promise<Reply>;

export interface HttpServerOptions {
  clock?: Clock;
  feed?: FeedOptions;
  minIntervalMs?: number;
  publicUrl?: string;
  metricsOpen?: boolean;
  firstUser?: boolean;
  mostIdleMs?: number;
  readiness?: () => Promise<PartState[]>;
  brokerAsks?: BrokerAsks;
  /** The built dashboard; nothing: none is built. */
  dashboardFolder?: string;
  /** Nothing: people log in with their passwords only. */
  openId?: (records: Records) => OpenIdDoor;
  /** Verbs that stand in for the records' own. */
  records?: Partial<Records>;
}

/** The http room on real records, a real directory store and a real feed; no broker. Goes with the test. */
export async function openHttpServer(options: HttpServerOptions = {}) {
  const clock = options.clock ?? systemClock;
  const folder = await openFolder();
  const own = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock });
  const records: Records = { ...own, ...options.records };
  const closers: (() => unknown)[] = [() => own.close()];
  onTestFinished(async () => {
    for (const close of closers.toReversed()) await close();
  });
  let address = '';
  const objects = await openDirectoryObjectStore(
    { clock },
    { folder: path.join(folder, 'objects'), signingKeyFile: path.join(folder, 'key'), publicUrl: () => address },
  );
  const logged: string[] = [];
  const logs = createLogs({ startedAt: clock.now() });
  const log = pino(
    { level: 'debug' },
    new Writable({
      write(chunk, _encoding, done) {
        logged.push(String(chunk));
        logs.write(String(chunk));
        done();
      },
    }),
  );
  const feed = createFeed({ records, clock, onFailure: () => {} }, options.feed);
  const ended = new AbortController();
  const following = feed.run(ended.signal);
  closers.push(() => {
    ended.abort();
    return following;
  });
  const sent: { agent: AgentId; command: AgentCommand }[] = [];
  const metrics = createMetrics();
  metrics.watch({
    jobs: records.jobCounts,
    totals: records.totals,
    feedViewers: feed.viewers,
    agentsConnected: () => 0,
    ingest: () => ({ events: 7 }),
  });
  const live = createLive({ clock, log, send: async (agent, command) => void sent.push({ agent, command }) });
  const sendCommand = async (agent: AgentId, command: AgentCommand) => void sent.push({ agent, command });
  const enrolment = createEnrolment(
    {
      clock,
      log,
      records,
      sendCommand,
      tellBroker: async () => {},
      makeSecret,
      reach: () => ({ url: address, brokerUrl: 'mqtt://127.0.0.1:1883', pin: null, ca: null }),
    },
    { rotateAfterMs: null },
  );
  const stocktake = createStocktake({ clock, log, records, objects });
  closers.push(stocktake.close);
  const server = await createServer(
    {
      records,
      openId: options.openId?.(records) ?? null,
      people: createPeople({ records, passwords: createPasswords(QUICK), clock }),
      objects,
      overlays: createOverlays({ clock, log, objects, records }),
      drawSheet: createSheets({ objects }),
      filmSight: { gains: deflicker, canvas: canvasOf, title: createTitlePreview({ objects }) },
      receiveUpload: objects.receiveUpload,
      serveFeed: feed.serve,
      sendCommand,
      live,
      brokerAsks: options.brokerAsks ?? null,
      home: createHomeAutomation(
        { clock, log, records, objects, box: createSecretBox(randomBytes(32)), execute: async () => {} },
        { version: '0.0.0-test', publicUrl: null, minIntervalMs: 5000, speaks: false },
      ),
      alarms: createAlarms(
        {
          clock,
          log,
          records,
          objects,
          box: createSecretBox(randomBytes(32)),
          outbound: createOutbound({ clock }),
          certificateExpiresAt: () => null,
          storage: async () => null,
          sayState: () => {},
        },
        { publicUrl: null, works: false },
      ),
      brokerUrl: () => 'mqtt://127.0.0.1:1883',
      brokerHash: mosquittoHash,
      enrolment: {
        ...enrolment,
        show: (request, from) => enrolment.show(request, { tokenHash: hashSecret(request.token), address: from }),
      },
      readiness: options.readiness ?? (async () => []),
      previewRetention: createRetention({ clock, log, records, objects }).preview,
      stocktake,
      metrics,
      logs,
      clock,
      log,
    },
    {
      version: '0.0.0-test',
      minIntervalMs: options.minIntervalMs ?? 5000,
      publicUrl: options.publicUrl ?? null,
      dashboardFolder: options.dashboardFolder ?? path.join(folder, 'dashboard'),
      metricsOpen: options.metricsOpen ?? false,
      trustedProxies: [],
      ...(options.mostIdleMs !== undefined && { mostIdleMs: options.mostIdleMs }),
    },
  );
  closers.push(() => server.close());
  const passwordHash = await createPasswords(QUICK).hash(PASSWORD);
  if (options.firstUser ?? true)
    await records.createUser({ name: 'admin', role: 'admin', passwordHash, mustChangePassword: false });
  address = await server.listen({ host: '127.0.0.1', port: 0 });

  const anybody: Client = (method, at, { body, headers = {} } = {}) => ask(`${address}${at}`, method, body, headers);

  /** Logs in; what it gives asks with that session. */
  async function logIn(name = 'admin', password = PASSWORD): Promise<{ client: Client; cookie: string }> {
    const reply = await anybody('POST', '/api/session', { body: { name, password } });
    if (reply.status !== 200) throw new Error(`cannot log in: ${JSON.stringify(reply.body)}`);
    const [cookie = ''] = (reply.headers.get('set-cookie') ?? '').split(';');
    const client: Client = (method, at, { body, headers = {} } = {}) =>
      anybody(method, at, { body, headers: { cookie, ...headers } });
    return { client, cookie };
  }

  return { address, folder, records, objects, feed, server, live, sent, log, logged, anybody, logIn };
}

export type HttpServer = Awaited<ReturnType<typeof openHttpServer>>;

async function ask(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const json = body !== undefined && !(body instanceof Uint8Array);
  const reply = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(json && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as Uint8Array<ArrayBuffer>) }),
  });
  const type = reply.headers.get('content-type') ?? '';
  const bytes = Buffer.from(await reply.arrayBuffer());
  const readable = type.includes('json') && bytes.length > 0;
  return { status: reply.status, headers: reply.headers, body: readable ? JSON.parse(bytes.toString()) : bytes };
}
