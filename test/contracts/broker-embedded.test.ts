import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import {
  createEmbeddedBroker,
  type EmbeddedBrokerOptions,
} from '@slowlight/control-plane/src/broker/embedded-broker.ts';
import { createSeldom } from '@slowlight/control-plane/src/broker/seldom.ts';
import { topics } from '@slowlight/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { until } from '../rig/until.ts';
import { type AgentIdentity, brokerContract, newIdentity } from './broker.ts';

const loginOf = ({ id, secret }: AgentIdentity) => ({
  agentId: id,
  secretHash: createHash('sha256').update(secret).digest('hex'),
});

async function openBroker(agents: readonly AgentIdentity[], change: Partial<EmbeddedBrokerOptions> = {}) {
  const broker = await createEmbeddedBroker({ log: createQuietLog() }, { host: '127.0.0.1', port: 0, ...change });
  onTestFinished(() => broker.close());
  broker.setLogins(agents.map(loginOf));
  return { broker, url: `mqtt://127.0.0.1:${broker.port}` };
}

brokerContract('the embedded broker', (_context, agents) => openBroker(agents));

const enter = (url: string, { id, secret }: AgentIdentity, options = {}) =>
  openMqttAgent(url, { username: id, password: secret }, options);

test('an agent whose login is taken away is disconnected at once and stays out; the others stay in', async () => {
  const [gone, stays] = [newIdentity(), newIdentity()];
  const { broker, url } = await openBroker([gone, stays]);
  const agents = [enter(url, gone), enter(url, stays)];
  await until('both are in', () => agents.every((agent) => agent.state() === 'in'));
  expect(broker.agents().sort()).toEqual([gone.id, stays.id].sort());
  broker.setLogins([loginOf(stays)]);
  await until('it is out', () => agents[0]?.state() === 'closed');
  expect(agents[1]?.state()).toBe('in');
  const again = enter(url, gone);
  await until('it is refused', () => again.state() === 'refused');
  expect(broker.agents()).toEqual([stays.id]);
});

test('an agent with a new secret has to come in again', async () => {
  const agent = newIdentity();
  const { broker, url } = await openBroker([agent]);
  const before = enter(url, agent);
  await until('it is in', () => before.state() === 'in');
  broker.setLogins([loginOf(agent)]);
  const renewed = { ...agent, secret: 'another secret' };
  broker.setLogins([loginOf(renewed)]);
  await until('it is out', () => before.state() === 'closed');
  const after = enter(url, renewed);
  await until('it is in with the new one', () => after.state() === 'in');
});

test.for([
  ['another client id than its own', { clientId: 'somebody' }],
  ['a session that should outlive the connection', { clean: false }],
  ['a retained will that is not its status', { will: { topic: 'x', payload: Buffer.from('x'), qos: 0, retain: true } }],
] as const)('%s is refused at the login', async ([, options]) => {
  const agent = newIdentity();
  const { url } = await openBroker([agent]);
  const client = enter(url, agent, options);
  await until('it is refused', () => client.state() === 'refused');
});

test('retained events and QoS 2 are refused', async () => {
  const agent = newIdentity();
  const { broker, url } = await openBroker([agent]);
  const heard: string[] = [];
  broker.onMessage((topic) => heard.push(topic));
  for (const options of [{ qos: 1, retain: true }, { qos: 2 }] as const) {
    const client = enter(url, agent);
    await until('it is in', () => client.state() === 'in');
    client.client.publish(topics.agentEvents(agent.id), 'x', options);
    await until('it is closed', () => client.state() === 'closed');
  }
  expect(heard).toEqual([]);
});

async function openSocket(url: string): Promise<{ socket: Socket; closed: () => boolean }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let closed = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  onTestFinished(() => {
    socket.destroy();
  });
  await until('the socket is connected', () => !socket.connecting);
  return { socket, closed: () => closed };
}

test('whoever sends much before a login is cut off', async () => {
  const { url } = await openBroker([]);
  const { socket, closed } = await openSocket(url);
  // A CONNECT that announces 200 KB and never ends.
  socket.write(Buffer.from([0x10, 0xc0, 0x9a, 0x0c]));
  for (let piece = 0; piece < 10 && !closed(); piece += 1) socket.write(Buffer.alloc(10_000));
  await until('it is cut off', closed, 3000);
});

test('whoever announces a packet that is too large is cut off before it has sent it', async () => {
  const { url } = await openBroker([]);
  const { socket, closed } = await openSocket(url);
  socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
  await until('it is cut off', closed, 3000);
});

test('whoever connects and says nothing is cut off after ten seconds', { timeout: 20_000 }, async () => {
  const { url } = await openBroker([]);
  const { closed } = await openSocket(url);
  const start = performance.now();
  await until('it is cut off', closed, 15_000);
  expect(performance.now() - start).toBeGreaterThan(9000);
});

test('one address cannot take all connections', async () => {
  const agent = newIdentity();
  const { url } = await openBroker([agent], { mostWaitingPerAddress: 3 });
  const sockets = await Promise.all([1, 2, 3].map(() => openSocket(url)));
  const fourth = await openSocket(url);
  await until('the fourth is cut off', fourth.closed);
  expect(sockets.some(({ closed }) => closed())).toBe(false);
  sockets[0]?.socket.destroy();
  await until('there is room again', async () => {
    const client = enter(url, agent);
    await until('it is answered', () => client.state() !== 'waiting');
    return client.state() === 'in';
  });
});

test('a port that is taken is a clear failure', async () => {
  const { broker } = await openBroker([]);
  await expect(openBroker([], { port: broker.port })).rejects.toMatchObject({ code: 'broker.port-taken' });
});

test('a broker that is closed says so, and closing leaves no connection', async () => {
  const agent = newIdentity();
  const { broker, url } = await openBroker([agent]);
  const client = enter(url, agent);
  const { closed } = await openSocket(url);
  await until('it is in', () => client.state() === 'in');
  await broker.close();
  await until('all are closed', () => client.state() === 'closed' && closed());
  expect(broker.connected()).toBe(false);
  await expect(broker.ping()).rejects.toMatchObject({ code: 'broker.unreachable' });
});

test('an agent that does not read does not hold up the others', async () => {
  const [frozen, other] = [newIdentity(), newIdentity()];
  const { broker, url } = await openBroker([frozen, other]);
  const agents = [enter(url, frozen), enter(url, other)] as const;
  await until('both are in', () => agents.every((agent) => agent.state() === 'in'));
  await agents[0].client.subscribeAsync(topics.agentReceipts(frozen.id), { qos: 1 });
  await agents[1].client.subscribeAsync(topics.agentReceipts(other.id), { qos: 1 });
  agents[0].client.stream.pause();
  const start = performance.now();
  const flood = 'x'.repeat(20_000);
  for (let sent = 0; sent < 2000; sent += 1)
    void broker.publish(topics.agentReceipts(frozen.id), flood, { qos: 1, retain: false }).catch(() => {});
  await broker.publish(topics.agentReceipts(other.id), 'to the other', { qos: 1, retain: false });
  await until('the other one hears', () => agents[1].heard.length === 1);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(agents[0].state()).toBe('in');
});

test('agents that are in leave room for others of their address', async () => {
  const agents = [1, 2, 3, 4, 5].map(newIdentity);
  const { url, broker } = await openBroker(agents, { mostWaitingPerAddress: 2 });
  for (const agent of agents) {
    const client = enter(url, agent);
    await until('it is in', () => client.state() === 'in');
  }
  expect(broker.agents()).toHaveLength(5);
});

test('when too many wait, the one that has waited longest goes, and an agent comes in', async () => {
  const agent = newIdentity();
  const { url } = await openBroker([agent], { mostWaiting: 3 });
  const waiting = [await openSocket(url), await openSocket(url), await openSocket(url)];
  const client = enter(url, agent);
  await until('it is in', () => client.state() === 'in');
  await until('the oldest is cut off', () => waiting[0]?.closed() ?? false);
  expect(waiting.map(({ closed }) => closed())).toEqual([true, false, false]);
});

test('a login byte by byte is cut off after ten seconds like silence', { timeout: 20_000 }, async () => {
  const { url } = await openBroker([]);
  const { socket, closed } = await openSocket(url);
  socket.write(Buffer.from([0x10, 0x80, 0x20]));
  const start = performance.now();
  await until(
    'it is cut off',
    () => {
      if (!closed()) socket.write(Buffer.alloc(1));
      return closed();
    },
    15_000,
  );
  expect(performance.now() - start).toBeGreaterThan(9000);
});

test('a flood of wrong logins is one line in the log, and what was kept quiet is counted', async () => {
  const lines = createQuietLog();
  const broker = await createEmbeddedBroker({ log: lines }, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => broker.close());
  const url = `mqtt://127.0.0.1:${broker.port}`;
  for (let number = 0; number < 20; number += 1) {
    const client = enter(url, newIdentity());
    await until('it is refused', () => client.state() === 'refused');
  }
  expect(lines.lines.map(({ sentence }) => sentence)).toEqual(['a login to the broker was refused']);
});

test('what happens too often to be told is told again after a minute, with how often it was', () => {
  let nowMs = 0;
  const seldom = createSeldom({ monotonicMs: () => nowMs });
  const said: number[] = [];
  const happen = () => seldom.about('a', (kept) => said.push(kept));
  for (let number = 0; number < 5; number += 1) happen();
  nowMs = 60_000;
  happen();
  for (let number = 0; number < 2000; number += 1) seldom.about(`other ${number}`, () => {});
  expect(said).toEqual([0, 4]);
});
