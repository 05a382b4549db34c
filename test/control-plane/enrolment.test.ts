import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Identity, openIdentity, readIdentity } from '@slowlight/agent/src/identity.ts';
import { createLogins, type Logins } from '@slowlight/agent/src/logins.ts';
import { createUplink } from '@slowlight/agent/src/uplink/uplink.ts';
import { createBrokerDoor } from '@slowlight/control-plane/src/broker/door.ts';
import { createEmbeddedBroker } from '@slowlight/control-plane/src/broker/embedded-broker.ts';
import { createRightsFolder } from '@slowlight/control-plane/src/broker/rights-folder.ts';
import { createEnrolment, type EnrolmentDeps } from '@slowlight/control-plane/src/enrolment/enrolment.ts';
import { createIngest } from '@slowlight/control-plane/src/ingest/ingest.ts';
import { createTeller } from '@slowlight/control-plane/src/ingest/teller.ts';
import { makeSecret } from '@slowlight/control-plane/src/wire-enrolment.ts';
import {
  type AgentCommand,
  credentialContext,
  newCredentialId,
  newSessionId,
  topics,
  userNameBefore,
} from '@slowlight/protocol';
import { type Clock, seal, systemClock } from '@slowlight/protocol/kit';
import { expect, onTestFinished, test } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { openDirectoryStore } from '../rig/directory-store.ts';
import { start } from '../rig/flow.ts';
import { openFolder } from '../rig/folder.ts';
import { openMosquitto } from '../rig/mosquitto.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import { writeIdentity } from '../rig/running-agent.ts';
import { openSqliteHouse } from '../rig/sqlite-house.ts';
import { until } from '../rig/until.ts';

const DAY_MS = 86_400_000;
const reach = () => ({ url: 'https://192.0.2.1:8443', brokerUrl: 'mqtts://192.0.2.1:8883', pin: null, ca: null });

test('a token never begins with a dash, which a command line would read as an option', async (context) => {
  const { records, clock, site } = await openRecordsScene(openSqliteHouse, context);
  // Of random ones, one in 64 does.
  const random = ['-', '-', 'A'].map((first) => `${first}${randomBytes(32).toString('base64url').slice(1)}`);
  const made = [...random];
  const hashOf = (secret: string) => `hash of ${secret}`;
  const deps: EnrolmentDeps = {
    clock,
    log: createQuietLog(),
    records,
    makeSecret() {
      const secret = made.shift() ?? 'no more';
      return { secret, secretHash: hashOf(secret), brokerHash: '' };
    },
    sendCommand: async () => {},
    tellBroker: async () => {},
    reach,
  };
  const enrolment = createEnrolment(deps, { rotateAfterMs: null });
  const created = await enrolment.create({ siteId: site.id, name: 'Mast', needsAcceptance: false, lifeMinutes: 60 });
  expect(created.token).toBe(random[2]);
  expect(created.command).toBe(`slowlight-agent enroll https://192.0.2.1:8443 ${random[2]}`);
  // What is kept is that of the token that was shown.
  const device = { publicKey: `${'A'.repeat(43)}=`, device: { name: 'pi', version: '1', system: 'x' } };
  const shown = { ...device, address: '::1', waitsUntil: clock.now() };
  expect(await records.showToken(hashOf(created.token), shown)).toMatchObject({ kind: 'welcome' });
});

test('when a credential has its days, an agent is handed another one: both are good until the new one is used, then the old one is dead', async (context) => {
  const log = createQuietLog();
  const { records, clock, site } = await openRecordsScene(openSqliteHouse, context);
  const { secret: oldSecret, ...hashes } = makeSecret();
  const agent = await records.createAgent({ siteId: site.id, name: 'Mast', ...hashes });
  const broker = await createEmbeddedBroker({ log }, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => broker.close());
  const door = createBrokerDoor(null);
  const tellBroker = async () => {
    const logins = await records.agentLogins();
    broker.setLogins(logins);
    door.setLogins(logins);
  };
  const comesInWith = (secret: string) => door.mayEnter({ username: agent.id, clientId: agent.id, password: secret });
  await tellBroker();
  const { store } = await openDirectoryStore();
  const teller = createTeller({ clock: systemClock, log, publish: broker.publish, records });
  start(createIngest({ clock: systemClock, log, broker, records, objects: store, teller, onClaimed() {} }).run);

  const brokerUrl = `mqtt://127.0.0.1:${broker.port}`;
  const folder = await openFolder();
  const file = await writeIdentity(folder, { agentId: agent.id, brokerUrl, secret: oldSecret });
  const identity = await openIdentity(file);
  const logins = createLogins({ log: createHeardLog() }, file, identity);
  const { uplink, commands } = openUplink({ logins, identity, brokerUrl });
  await until('it is online', async () => (await records.agent(agent.id))?.state === 'online');

  const enrolment = createEnrolment(
    {
      clock,
      log,
      records,
      makeSecret,
      reach: () => ({ ...reach(), brokerUrl }),
      tellBroker,
      sendCommand: (to, command) =>
        broker.publish(topics.agentCommands(to), JSON.stringify(command), { qos: 1, retain: false }),
    },
    { rotateAfterMs: 30 * DAY_MS },
  );
  start(enrolment.run);
  const madeAt = clock.now();
  const lookAfter = async (days: number) => {
    clock.setWall(madeAt + days * DAY_MS);
    await clock.advance(600_000);
  };
  await lookAfter(29.9);
  expect(await records.credentials(agent.id)).toHaveLength(1);
  await lookAfter(30.1);
  const [command] = await until('it is offered another one', () => commands.length > 0 && commands);
  if (command?.type !== 'take-credential') throw new Error(`it was told to ${command?.type}`);
  expect(comesInWith(oldSecret)).toBe(true);

  await logins.take(command.body);
  const written = await readIdentity(file);
  expect(written).toMatchObject({ credentialId: command.body.credentialId, previous: { secret: oldSecret } });
  expect([written.secret, oldSecret].map(comesInWith), 'both are good').toEqual([true, true]);
  expect(await records.credentials(agent.id)).toMatchObject([
    { id: command.body.credentialId, usedAt: null },
    { madeBy: 'creation', revokedAt: null },
  ]);

  uplink.reconnect();
  await until('the new one is used', async () => (await records.credentials(agent.id))[0]?.usedAt !== null);
  await tellBroker();
  expect([written.secret, oldSecret].map(comesInWith), 'the old one is dead').toEqual([true, false]);
  const old = openMqttAgent(brokerUrl, { username: agent.id, password: oldSecret });
  await until('it is answered', () => old.state() !== 'waiting');
  expect(old.state()).toBe('refused');
  await until('the agent has forgotten it', async () => (await readIdentity(file)).previous === undefined);
  expect(broker.agents()).toEqual([agent.id]);
  await lookAfter(30.2);
  expect(commands, 'no other one until it has its days').toHaveLength(1);
});

test('at a Mosquitto with our files an agent that was handed a credential and never heard of it stays in with the one it has', async (context) => {
  const log = createQuietLog();
  const { records, site } = await openRecordsScene(openSqliteHouse, context);
  const [old, next] = [makeSecret(), makeSecret()];
  const agent = await records.createAgent({ siteId: site.id, name: 'Mast', ...old });
  const rights = await openFolder();
  const own = { username: 'slowlight', password: 'own-secret' };
  const files = createRightsFolder({ log }, { folder: rights, own });
  const written = async () => {
    await files.write(await records.agentLogins());
    const [users, acl] = await Promise.all(
      ['passwords', 'acl'].map((name) => readFile(path.join(rights, name), 'utf8')),
    );
    return { users: users ?? '', acl: acl ?? '' };
  };
  const broker = await openMosquitto(context, await written());
  const folder = await openFolder();
  const file = await writeIdentity(folder, { agentId: agent.id, brokerUrl: broker.url, secret: old.secret });
  const identity = await openIdentity(file);
  const logins = createLogins({ log: createHeardLog() }, file, identity);
  const { uplink } = openUplink({ logins, identity, brokerUrl: broker.url });
  const isIn = (username: string) => () =>
    uplink.connection().state === 'connected' && logins.login().username === username;
  await until('it is in', isIn(agent.id));

  // The command with the new one is lost, and the broker is told of it.
  const credential = { id: newCredentialId(), secretHash: next.secretHash, brokerHash: next.brokerHash };
  await records.addCredential(agent.id, credential);
  await broker.stop();
  await broker.allow(await written());
  await broker.start();
  await until('it is in with the one it has, under its second name', isIn(userNameBefore(agent.id)));
  const cloud = openMqttAgent(broker.url, own);
  await until('the control plane is in', () => cloud.state() === 'in');
  await cloud.client.subscribeAsync(topics.agentStatus(agent.id), { qos: 1 });
  await until('it is heard', () => cloud.heard.some(({ text }) => text.includes(identity.publicKey)));

  // It is handed over after all: the next line is under its own name, and the one before ends with the file's next state.
  const given = { credentialId: credential.id, secret: next.secret, brokerUrl: broker.url, ca: null };
  const sealed = seal(JSON.stringify(given), identity.publicKey, credentialContext(credential.id));
  await logins.take({ credentialId: credential.id, sealed });
  uplink.reconnect();
  await until('it is in with the new one', isIn(agent.id));
  expect(logins.credentialId()).toBe(credential.id);
  const boot = {
    bootId: 'boot-of-the-test' as never,
    version: '0',
    startedAt: 0,
    settingsVersion: 0,
    capabilities: [],
  };
  const body = { status: 'online' as const, ...boot, publicKey: identity.publicKey, credentialId: credential.id };
  const session = newSessionId();
  await records.recordStatus(agent.id, { v: 1, session, sentAt: 1, type: 'agent.status', body });
  await broker.allow(await written());
  await until('the old one is refused under either name', async () => {
    const tried = [agent.id, userNameBefore(agent.id)].map((username) =>
      openMqttAgent(broker.url, { username, password: old.secret }),
    );
    await until('they are answered', () => tried.every(({ state }) => state() !== 'waiting'));
    return tried.every(({ state }) => state() === 'refused');
  });
  await until('it is in', isIn(agent.id));
});

interface Line {
  logins: Logins;
  identity: Identity;
  brokerUrl: string;
}

/** An agent's line; it keeps the commands that it hears. */
function openUplink({ logins, identity, brokerUrl }: Line) {
  const commands: AgentCommand[] = [];
  // Waits between two tries are not what is looked at.
  const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 10, signal) };
  const uplink = createUplink(
    {
      clock,
      log: createHeardLog(),
      online: () => ({
        status: 'online',
        bootId: 'boot-of-the-test' as never,
        version: '0',
        startedAt: 0,
        settingsVersion: 0,
        capabilities: [],
        publicKey: identity.publicKey,
        credentialId: logins.credentialId(),
      }),
      onReceipt() {},
      onGrants() {},
      onSettings() {},
      onCommand: (command) => void commands.push(command),
      onListening: (listening) => void (listening && logins.accepted()),
      onCut() {},
      onRefused: logins.refused,
    },
    { url: brokerUrl, agentId: identity.agentId, login: logins.login, ca: null },
  );
  start(uplink.run);
  return { uplink, commands };
}
