/**
 * THE PAGE: the only place that knows every room, and introduces each to the next.
 *
 *     agent ─ broker ─▶ ingest ─▶ records ─▶ jobs ─▶ render ─▶ objects
 *                                    └─▶ feed ─▶ http ─▶ people
 *
 * What is opened first is closed last. Nothing runs before `run`; until then agents wait, because nobody says `listening`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type AgentCommand, type AgentId, type FeedEntry, topics } from '@slowlight/protocol';
import { type Clock, createClosing, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { Logger } from 'pino';
import type { Broker } from './broker/broker.ts';
import { mosquittoHash } from './broker/mosquitto-hash.ts';
import type { Config } from './config.ts';
import { createFeed } from './feed/feed.ts';
import { createMetrics } from './http/metrics.ts';
import { createPasswords } from './http/passwords.ts';
import { createPeople } from './http/people.ts';
import { createServer } from './http/server.ts';
import { composeCloudStatus } from './ingest/compose.ts';
import { createIngest } from './ingest/ingest.ts';
import { createPresence } from './ingest/presence.ts';
import { createTeller, type Publish } from './ingest/teller.ts';
import { createVerifier } from './ingest/verifier.ts';
import { createLive } from './live/live.ts';
import { ensureLocalAgent } from './local-agent/ensure-local-agent.ts';
import { createLogs, type Logs } from './logs/logs.ts';
import { dialUrl, openBroker, openDataFolder, openObjects, openRecords } from './open-parts.ts';
import { askParts } from './readiness.ts';
import { createRetention } from './retention/retention.ts';
import { createSettingsPublisher } from './settings/settings-publisher.ts';
import { createStocktake } from './stocktake/stocktake.ts';
import { createOpenMeteo, OPEN_METEO } from './weather/open-meteo.ts';
import { createWeather } from './weather/weather.ts';
import { wireAlarms } from './wire-alarms.ts';
import { wireBrokerRights } from './wire-broker-rights.ts';
import { makeSecret, wireCertificates, wireEnrolment } from './wire-enrolment.ts';
import { wireHome } from './wire-home.ts';
import { wireMaking } from './wire-making.ts';
import { wirePeople } from './wire-people.ts';

/** How often timelapses that have reached their end are looked for, ms. */
const LOOK_FOR_ENDED_MS = 5000;
/** How often the ledger counts days that are over, ms. */
const CLOSE_DAYS_MS = 60_000;

export interface ControlPlane {
  /** Where people look, such as `http://127.0.0.1:8080`. */
  address: string;
  /** What agents are told to dial. */
  brokerUrl: string;
  /** The password that was generated for the first user at the first start; null ever after. Show it once. */
  firstPassword: string | null;
  /** Works until the signal aborts; then everything that runs has ended. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** `logs`: where the log's newest lines are kept, for people to look at; nothing: none are. */
type World = { clock: Clock; log: Logger; logs?: Logs };

/** Opens everything. @throws Failure what the first part that cannot be opened says; then nothing is left open */
export async function createControlPlane(config: Config, world: World): Promise<ControlPlane> {
  const closing = createClosing();
  try {
    return await open(config, world, closing);
  } catch (thrown) {
    await closing.close();
    throw thrown;
  }
}

async function open(
  config: Config,
  { clock, log, logs = createLogs({ startedAt: clock.now() }) }: World,
  closing: ReturnType<typeof createClosing>,
): Promise<ControlPlane> {
  const version = readVersion();
  const tell = (what: string) => (failure: Failure, waitMs: number) =>
    log.warn({ reason: failure.message, hint: failure.hint, waitMs }, `${what}; it is tried again`);

  await openDataFolder(config.dataDir);
  const records = await openRecords(config, { clock, log });
  closing.push('the records', records.close);

  // Hashing a password takes a while: it goes on beside the rest.
  const people = createPeople({ records, passwords: createPasswords(), clock });
  const firstUser = people.ensureFirstUser(config.adminPassword);
  closing.push('the first user', () => firstUser.catch(() => {}));

  // Uploads go where the http room listens, which is known only when it does.
  let webPorts: { plain: number; secure: number | null } = { plain: 0, secure: null };
  const signingKeyFile = path.join(config.dataDir, 'upload-signing.key');
  const objects = await openObjects(config, { clock, log }, { signingKeyFile, publicUrl: () => entry.webUrl() });
  closing.push('the object store', objects.close);

  // The broker's will and the teller's publish need each other.
  let broker: Broker | null = null;
  const publish: Publish = async (...message) => broker?.publish(...message);
  const teller = createTeller({ clock, log, publish, records });
  const will = () => ({
    topic: topics.cloudStatus,
    payload: JSON.stringify(composeCloudStatus('away', teller.stamp())),
  });
  const certificates = await wireCertificates(config, { clock, log });
  const opened = await openBroker(config, { clock, log, certificates }, will);
  broker = opened.broker;
  closing.push('the broker', opened.broker.close);
  const rights = wireBrokerRights({ log, records, setLogins: opened.setLogins }, config);
  await rights.refresh();

  const verifier = createVerifier({ clock, log, records, objects: objects.store, teller });
  const ingest = createIngest({
    clock,
    log,
    broker: opened.broker,
    records,
    objects: objects.store,
    teller,
    onClaimed: verifier.wake,
  });
  const presence = createPresence({ clock, log, records, connected: opened.connectedAgents });
  const work = { clock, log, objects: objects.store, records };
  const making = await wireMaking(work, { ...config, rush: verifier.rush });
  const feed = createFeed({ records, clock, onFailure: tell('the feed cannot be read') });
  const settings = createSettingsPublisher({
    settingsOf: records.settingsOf,
    publish,
    clock,
    onFailure: tell('settings cannot be published'),
  });

  const sendCommand = (agent: AgentId, command: AgentCommand) =>
    publish(topics.agentCommands(agent), JSON.stringify(command), { qos: 1, retain: false });
  const entry = wireEnrolment(
    { clock, log, records, opened, certificates, sendCommand, tellBroker: rights.refresh, ports: () => webPorts },
    config,
  );
  await entry.refresh();
  const home = await wireHome(
    { ...work, sendCommand },
    { ...config, version, publicUrl: config.http.publicUrl, speaks: config.homeAutomation },
  );
  const alarms = await wireAlarms(
    { ...work, certificates, say: home.say },
    { ...config, publicUrl: config.http.publicUrl, outboundNetworks: config.people.outboundNetworks },
  );
  const live = createLive({ clock, log, send: sendCommand });
  opened.broker.onMessage(live.hear);

  const retention = createRetention({ clock, log, records, objects: objects.store });
  const stocktake = createStocktake({ clock, log, records, objects: objects.store });
  closing.push('the stocktake', stocktake.close);
  const weather = config.weather === 'off' ? null : createWeather({ clock, log, records, provider: askWeather() });
  const metrics = createMetrics();
  metrics.watch({
    jobs: records.jobCounts,
    totals: records.totals,
    feedViewers: feed.viewers,
    agentsConnected: opened.agentsConnected,
    ingest: () => {
      const { waiting: _, ...counts } = ingest.counts();
      const { stored, refused } = verifier.counts();
      return { ...counts, verified: stored, refusedUploads: refused };
    },
  });
  const doors = await wirePeople(work, { people: config.people, publicUrl: config.http.publicUrl });
  const parts = { records: records.ping, objects: objects.store.ping, broker: opened.broker.ping };
  const server = await createServer(
    {
      records,
      people,
      objects: objects.store,
      overlays: making.overlays,
      drawSheet: making.drawSheet,
      storeSpace: objects.space,
      filmSight: making.filmSight,
      receiveUpload: entry.guardUploads(objects.receiveUpload),
      enrolment: entry.desk,
      brokerHash: mosquittoHash,
      serveFeed: feed.serve,
      sendCommand,
      live,
      openId: doors.openId,
      brokerAsks: rights.asks,
      home,
      alarms,
      brokerUrl: () => opened.url,
      readiness: () => askParts(parts, clock),
      previewRetention: retention.preview,
      stocktake,
      metrics,
      logs,
      clock,
      log,
    },
    {
      version,
      minIntervalMs: config.minIntervalMs,
      publicUrl: config.http.publicUrl,
      dashboardFolder: path.join(import.meta.dirname, '../dashboard/dist'),
      metricsOpen: config.metricsOpen,
      trustedProxies: config.http.trustedProxies,
    },
  );
  closing.push('the http server', server.close);
  const port = Number(new URL(await server.listen(config.http)).port);
  const { secure } = config.http;
  const door = secure === null || certificates === null ? null : { ...secure, ...certificates };
  webPorts = { plain: port, secure: door && (await server.listenSecure({ ...door, certificate: door.current })) };

  const firstPassword = await firstUser;
  if (config.localAgentIdentity !== null) await welcomeLocalAgent(config.localAgentIdentity);

  async function welcomeLocalAgent(file: string): Promise<void> {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const given = { file, brokerUrl: opened.localUrl, ca: certificates?.authority ?? null, timeZone };
    const agent = await ensureLocalAgent({ records, makeSecret }, given);
    if (agent.kind === 'foreign')
      log.error(
        { agent: agent.agentId },
        'the identity file of the agent on this machine belongs to other records, so it cannot log in; move it away to make a new one',
      );
    await rights.refresh();
  }

  function askWeather() {
    const { weather: who } = config;
    return createOpenMeteo({ clock }, who === 'open-meteo' ? OPEN_METEO : { forecastUrl: who, archiveUrl: who });
  }

  /** What this process itself does about what happens. */
  async function react(happened: FeedEntry): Promise<void> {
    const { event } = happened;
    home.hear(happened);
    alarms.hear(happened);
    if (event.type === 'settings.changed') settings.publish([event.body.agentId]);
    if (event.type === 'agent.changed') await Promise.all([rights.refresh(), entry.refresh()]);
  }

  async function publishAllSettings(): Promise<void> {
    settings.publish((await records.agentLogins()).map(({ agentId }) => agentId));
  }

  async function closeDays(signal: AbortSignal): Promise<number> {
    await records.closeDays(signal);
    return CLOSE_DAYS_MS;
  }

  async function completeDue(): Promise<number> {
    for (const timelapse of await records.completeDueTimelapses())
      log.info({ timelapse }, 'a timelapse reached its end and is completed');
    return LOOK_FOR_ENDED_MS;
  }

  return {
    address: dialUrl('http', config.http.host, port, '127.0.0.1'),
    brokerUrl: opened.localUrl,
    firstPassword,
    async run(signal) {
      // Read before the settings are published, so that no change falls between the two.
      const from = await records.lastPosition();
      await publishAllSettings();
      const stopConnected = opened.broker.onConnected(() => {
        publishAllSettings().catch((thrown: unknown) => log.warn({ reason: String(thrown) }, 'settings wait'));
      });
      await Promise.all([
        feed.run(signal),
        feed.follow(from, react, signal),
        settings.run(signal),
        ingest.run(signal),
        verifier.run(signal),
        presence.run(signal),
        making.run(signal),
        retention.run(signal),
        home.run(signal),
        alarms.run(signal),
        doors.run(signal),
        entry.run(signal),
        weather?.run(signal),
        runLoop(closeDays, { clock, onFailure: tell('days that are over cannot be counted') }, signal),
        runLoop(completeDue, { clock, onFailure: tell('ended timelapses cannot be completed') }, signal),
      ]);
      stopConnected();
    },
    close: closing.close,
  };
}

function readVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : '0';
}
