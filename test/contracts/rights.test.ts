import { createHash } from 'node:crypto';
import { createBrokerDoor } from '@slowlight/control-plane/src/broker/door.ts';
import { createEmbeddedBroker } from '@slowlight/control-plane/src/broker/embedded-broker.ts';
import { mosquittoAcl } from '@slowlight/control-plane/src/broker/mosquitto-acl.ts';
import { mosquittoHash } from '@slowlight/control-plane/src/broker/mosquitto-hash.ts';
import { dynamicSecurity, mosquittoPasswords } from '@slowlight/control-plane/src/broker/mosquitto-rights.ts';
import { type AgentId, topics } from '@slowlight/protocol';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { openMosquitto } from '../rig/mosquitto.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { until } from '../rig/until.ts';
import { newIdentity } from './broker.ts';
import {
  cells,
  expectedAt,
  type HearRow,
  type Identity,
  keyOf,
  type LoginRow,
  type Outcome,
  RIGHTS,
  type SayRow,
} from './rights-table.ts';

interface Scene {
  url: string;
  me: Identity;
  other: Identity;
  /** Says something as whoever may. */
  say(topic: string, text: string): Promise<void>;
  /** What has been heard of by others so far, beside this agent itself. */
  heard(): readonly string[];
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const loginsOf = (agents: Identity[]) => agents.map(({ id, secret }) => ({ agentId: id, secretHash: hashOf(secret) }));

interface Line {
  client: MqttClient;
  heard: string[];
  state(): 'waiting' | 'in' | 'out';
}

function dial(url: string, options: IClientOptions): Line {
  const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0, clean: true, ...options });
  const heard: string[] = [];
  let state: ReturnType<Line['state']> = 'waiting';
  client.on('connect', () => {
    state = 'in';
  });
  client.on('error', () => {
    state = 'out';
  });
  client.on('close', () => {
    state = 'out';
  });
  client.on('message', (_topic, payload) => heard.push(textOf(payload)));
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  return { client, heard, state: () => state };
}

/** Large ones are told by their beginning. */
const textOf = (payload: Uint8Array) => Buffer.from(payload).toString('utf8').slice(0, 36);

async function enter(scene: Scene, who: Identity, options: IClientOptions = {}): Promise<Line> {
  const line = dial(scene.url, { username: who.id, password: who.secret, clientId: who.id, ...options });
  await until('the broker has answered', () => line.state() !== 'waiting');
  return line;
}

async function tryLogin({ url, me, other }: Scene, row: LoginRow): Promise<Outcome> {
  const { clientId, ...login } = row.login(me, other);
  const line = dial(url, { clientId: clientId ?? login.username ?? 'nobody', ...login });
  await until('the broker has answered', () => line.state() !== 'waiting');
  const came = line.state() === 'in';
  await line.client.endAsync(true);
  return came ? 'allowed' : 'denied';
}

const readBy = (agent: AgentId) => [
  topics.cloudStatus,
  topics.agentStatus(agent),
  topics.agentReceipts(agent),
  topics.agentGrants(agent),
  topics.agentSettings(agent),
  topics.agentCommands(agent),
];

/** Says it, and looks who heard it, now or on coming later. */
async function trySaying(scene: Scene, witness: Line, row: SayRow): Promise<Outcome> {
  const { me, other } = scene;
  const text = crypto.randomUUID();
  const topic = row.topic(me.id, other.id);
  const payload = Buffer.alloc(row.bytes ?? 36, text);
  const said = { topic, payload, qos: row.qos ?? 1, retain: row.retain ?? false } as const;
  const line = await enter(scene, me, row.act === 'will' ? { will: said } : {});
  if (row.act === 'will') line.client.stream?.destroy();
  else if (line.state() === 'in') {
    await line.client.subscribeAsync(readBy(me.id), { qos: 1 });
    let answered = false;
    line.client.publish(topic, payload, { qos: said.qos, retain: said.retain }, () => {
      answered = true;
    });
    await until('it has been answered or thrown out', () => answered || line.state() === 'out');
  }
  await fence(scene, witness);
  await line.client.endAsync(true);
  const known = [...scene.heard(), ...line.heard, ...witness.heard];
  if (said.retain) {
    const later = await enter(scene, me);
    await later.client.subscribeAsync(readBy(me.id), { qos: 1 });
    await fence(scene, later, me.id);
    await later.client.endAsync(true);
    known.push(...later.heard);
  }
  return known.includes(text) ? 'allowed' : 'denied';
}

/** What was said before has arrived, or never will. */
async function fence(scene: Scene, line: Line, who = scene.other.id): Promise<void> {
  const text = crypto.randomUUID();
  await line.client.publishAsync(topics.agentEvents(who), text, { qos: 1 });
  await until('the fence is heard', () => scene.heard().includes(text));
  const back = crypto.randomUUID();
  await scene.say(topics.agentCommands(who), back);
  await until('the fence comes back', () => line.heard.includes(back));
}

async function tryHearing(scene: Scene, row: HearRow): Promise<Outcome> {
  const { me, other } = scene;
  const text = crypto.randomUUID();
  const line = await enter(scene, me);
  await line.client.subscribeAsync(row.filter(me.id, other.id), { qos: 1 }).catch(() => {});
  const before = line.heard.length;
  await scene.say(row.said(me.id, other.id), text).catch(() => {});
  if (line.state() === 'in') {
    await line.client.subscribeAsync(topics.agentCommands(me.id), { qos: 1 });
    await fence(scene, line, me.id);
  }
  await line.client.endAsync(true);
  const system = row.name === 'the system' && line.heard.length > before + 1;
  return line.heard.includes(text) || system ? 'allowed' : 'denied';
}

/** Every act of the table at a real broker. */
async function observe(scene: Scene): Promise<Record<string, Outcome>> {
  const seen: Record<string, Outcome> = {};
  for (const row of RIGHTS.logins) seen[keyOf(row)] = await tryLogin(scene, row);
  const witness = await enter(scene, scene.other);
  await witness.client.subscribeAsync(readBy(scene.other.id), { qos: 1 });
  for (const row of [...RIGHTS.sayings, ...RIGHTS.wills]) seen[keyOf(row)] = await trySaying(scene, witness, row);
  for (const row of RIGHTS.hearings) seen[keyOf(row)] = await tryHearing(scene, row);
  return seen;
}

test('every act of the rights table comes out as written at the embedded broker', async () => {
  const [me, other] = [newIdentity(), newIdentity()];
  const broker = await createEmbeddedBroker({ log: createQuietLog() }, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => broker.close());
  broker.setLogins(loginsOf([me, other]));
  const heard: string[] = [];
  broker.onMessage((_topic, payload) => heard.push(textOf(payload)));
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const say = (topic: string, text: string) => broker.publish(topic, text, { qos: 1, retain: false });
  const seen = await observe({ url, me, other, say, heard: () => heard });
  expect(seen).toEqual(expectedAt('embedded'));
  expect(Object.keys(seen)).toHaveLength(cells.length);
});

const CONTROL_PLANE = { name: 'control-plane', secret: 'own secret of the control plane' };
/** Hears everything, so that nothing which gets through goes unseen. */
const WITNESS = { name: 'witness', secret: 'secret of the witness' };

async function openScene(context: TestContext, kind: 'files' | 'plugin'): Promise<Scene> {
  const [me, other] = [newIdentity(), newIdentity()];
  const users = {
    controlPlane: { name: CONTROL_PLANE.name, hash: mosquittoHash(CONTROL_PLANE.secret) },
    agents: [me, other].map(({ id, secret }) => ({ agentId: id, hash: mosquittoHash(secret) })),
  };
  const witness = { username: WITNESS.name, hash: mosquittoHash(WITNESS.secret) };
  const access = {
    users: `${mosquittoPasswords(users)}${witness.username}:${witness.hash}\n`,
    acl: `${mosquittoAcl(CONTROL_PLANE.name)}\nuser ${witness.username}\ntopic read #\ntopic read $SYS/#\ntopic read $CONTROL/#\n`,
    ...(kind === 'plugin' && { dynamicSecurity: withWitness(dynamicSecurity(users)) }),
  };
  const { url } = await openMosquitto(context, access);
  const cloud = dial(url, { username: CONTROL_PLANE.name, password: CONTROL_PLANE.secret });
  const all = dial(url, { username: WITNESS.name, password: WITNESS.secret });
  await until('both are in', () => cloud.state() === 'in' && all.state() === 'in');
  await cloud.client.subscribeAsync([topics.allStatus, topics.allEvents, topics.allStills], { qos: 1 });
  await all.client.subscribeAsync(['#', '$SYS/broker/uptime', '$CONTROL/#'], { qos: 1 }).catch(() => {});
  const say = async (topic: string, text: string) => {
    await cloud.client.publishAsync(topic, text, { qos: 1 });
  };
  return {
    url,
    me,
    other,
    say,
    heard: () => [...cloud.heard, ...all.heard],
  };
}

function withWitness(config: string): string {
  const read = JSON.parse(config) as { clients: object[]; roles: object[] };
  const [, rounds = '', salt = '', password = ''] =
    /^\$7\$(\d+)\$([^$]+)\$(.+)$/.exec(mosquittoHash(WITNESS.secret)) ?? [];
  read.clients.push({
    username: WITNESS.name,
    iterations: Number(rounds),
    salt,
    password,
    roles: [{ rolename: 'witness' }],
  });
  const acls = ['#', '$SYS/#', '$CONTROL/#'].flatMap((topic) =>
    ['subscribePattern', 'publishClientReceive'].map((acltype) => ({ acltype, topic, priority: 0, allow: true })),
  );
  read.roles.push({ rolename: 'witness', acls });
  return JSON.stringify(read);
}

test.for([
  ['with our password file and access list', 'files'],
  ['with our configuration of its dynamic-security plugin', 'plugin'],
] as const)('every act of the rights table comes out as written at a Mosquitto %s', async ([, kind], context) => {
  const scene = await openScene(context, kind);
  const seen = await observe(scene);
  expect(seen).toEqual(expectedAt(`mosquitto-${kind}`));
  expect(Object.keys(seen)).toHaveLength(cells.length);
});

test('every act of the rights table is answered as written to a broker that asks', () => {
  const [me, other] = [newIdentity(), newIdentity()];
  const door = createBrokerDoor({ username: CONTROL_PLANE.name, password: CONTROL_PLANE.secret });
  door.setLogins(loginsOf([me, other]));
  const who = { username: me.id, clientId: me.id };
  const judge = (row: (typeof cells)[number]): boolean => {
    if (row.act === 'login') {
      const { username = '', password = '', clientId = username } = row.login(me, other);
      return door.mayEnter({ username, password, clientId });
    }
    if (row.act === 'subscribe') {
      const filter = row.filter(me.id, other.id);
      return door.mayDo({ ...who, act: 'subscribe', topic: filter, qos: 1, retain: false });
    }
    const topic = row.topic(me.id, other.id);
    return door.mayDo({ ...who, act: 'publish', topic, qos: row.qos ?? 1, retain: row.retain ?? false });
  };
  const expected = expectedAt('http');
  const seen = cells.map((row) => [
    keyOf(row),
    expected[keyOf(row)] === 'not asked' ? 'not asked' : judge(row) ? 'allowed' : 'denied',
  ]);
  expect(Object.fromEntries(seen)).toEqual(expected);
  expect(cells.length).toBeGreaterThan(90);
});

test('whoever is not known to a broker that asks may nothing, and the control plane what is its own', () => {
  const door = createBrokerDoor({ username: CONTROL_PLANE.name, password: CONTROL_PLANE.secret });
  const ask = (username: string, act: 'publish' | 'subscribe', topic: string) =>
    door.mayDo({ username, clientId: username, act, topic, qos: 1, retain: false });
  expect(door.mayEnter({ username: 'control-plane', password: CONTROL_PLANE.secret, clientId: 'any' })).toBe(true);
  expect(door.mayEnter({ username: 'control-plane', password: 'wrong', clientId: 'any' })).toBe(false);
  expect(ask('control-plane', 'publish', topics.cloudStatus)).toBe(true);
  expect(ask('control-plane', 'subscribe', topics.allEvents)).toBe(true);
  expect(ask('control-plane', 'subscribe', '#')).toBe(false);
  expect(ask('control-plane', 'publish', '$SYS/x')).toBe(false);
  expect(ask('somebody', 'publish', topics.cloudStatus)).toBe(false);
  expect(createBrokerDoor(null).mayEnter({ username: '', password: '', clientId: '' })).toBe(false);
});
