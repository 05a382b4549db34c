/** Every message of the wire, spoilt, in both directions: nothing of it ends a program or stands in the way of the rest. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { createLive } from '@slowlight/control-plane/src/live/live.ts';
import { MAX_MESSAGE_BYTES, newAgentId, newCommandId, topics } from '@slowlight/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { announce, capture, openFlow } from '../rig/flow.ts';
import { openFolder } from '../rig/folder.ts';
import { openAgent, writeIdentity } from '../rig/running-agent.ts';
import { seeded } from '../rig/seeded.ts';
import { openTinyCloud } from '../rig/tiny-cloud.ts';
import { until } from '../rig/until.ts';
import { damage, longRunMs, mutate, nasty, pick, type Random, seeds, toBytes } from './mutate.ts';

const folder = path.join(import.meta.dirname, '../../protocol/golden/v1');
const golden = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name,
    message: JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>,
  }));
const timeout = (longRunMs ?? 0) + 90_000;

/** What would end a program that does not catch it. */
function watchForCrashes(): unknown[] {
  const crashes: unknown[] = [];
  const note = (thrown: unknown) => crashes.push(thrown);
  process.on('unhandledRejection', note);
  process.on('uncaughtExceptionMonitor', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
  });
  return crashes;
}

const spoilt = (message: unknown, random: Random): Buffer => damage(toBytes(mutate(message, random)), random);

test('whatever an agent says, the control plane records what comes after it', { timeout }, async () => {
  const crashes = watchForCrashes();
  const flow = await openFlow();
  const said = golden.filter(({ name }) => /^(event|status|still)\./.test(name));
  expect(said.length).toBeGreaterThan(20);
  const live = createLive({ clock: flow.clock, log: flow.log, send: async () => {} });
  for (const seed of seeds(400, 0.5)) {
    const random = seeded(seed);
    const { name, message } = pick(random, said);
    const own = { ...message, seq: 1000 + Math.floor(random() * 100_000) };
    const bytes = spoilt(JSON.parse(JSON.stringify(own).replaceAll(/agt-[0-9a-z]+/g, flow.agent.id)), random);
    // What is larger never reaches it: the broker closes the line.
    if (bytes.length > MAX_MESSAGE_BYTES) continue;
    if (name.startsWith('event')) await flow.sayRaw(bytes);
    else if (name.startsWith('status')) await flow.sayStatus(bytes.toString('latin1'));
    else live.hear(topics.agentStills(flow.agent.id), bytes);
  }
  // Spoilt events may have used the first numbers of what is never used twice.
  for (let used = 0; used < 500; used += 1) capture(flow, Buffer.from('never said'), used);
  const { frame } = await announce(flow, Buffer.from('a picture after all that'));
  expect(await flow.records.frame(frame)).toMatchObject({ picture: 'at-edge' });
  expect(flow.ingest.counts().deadLetters).toBeGreaterThan(50);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(crashes).toEqual([]);
});

test('whatever the control plane says, an agent obeys what comes after it', { timeout }, async () => {
  const crashes = watchForCrashes();
  const agentId = newAgentId();
  const cloud = await openTinyCloud(agentId);
  const home = await openFolder();
  await writeIdentity(home, { agentId, brokerUrl: cloud.brokerUrl });
  const { log, level } = await openAgent(home);
  cloud.listen(true);
  await until('it is online', () => cloud.statuses.length > 0);
  const told = golden.filter(({ name }) => /^(command|settings|grants|receipt|cloud-status)\b/.test(name));
  expect(told.length).toBeGreaterThan(10);
  const kinds = {
    command: topics.agentCommands,
    settings: topics.agentSettings,
    grants: topics.agentGrants,
    receipt: topics.agentReceipts,
  };
  const [reportBacklog] = golden.filter(({ name }) => name === 'command.report-backlog.json');
  /** Also keeps what is said from growing faster than it can be heard. */
  const obeys = async (after: string) => {
    const fresh = { ...reportBacklog?.message, id: newCommandId(), expiresAt: Date.now() + 60_000 };
    const isAnswered = () =>
      cloud.heard.some((event) => event.type === 'command.done' && event.body.commandId === fresh.id);
    // The status of the cloud may have been told as away. One after the other: this broker is the bare library.
    const turns = async () => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    cloud.listen(true);
    await turns();
    cloud.publish(topics.agentCommands(agentId), fresh);
    await until(`it answers a command after ${after}`, isAnswered, 30_000);
    cloud.heard.length = 0;
  };
  for (const seed of seeds(600, 0.3)) {
    if (seed % 200 === 199) await obeys(`seed ${seed}`);
    const random = seeded(seed);
    const { name, message } = pick(random, told);
    const kind = /^[a-z]+/.exec(name)?.[0] ?? '';
    // A restart that is asked for is right, and would end the test.
    if (message.type === 'restart') continue;
    const topic = kind in kinds ? kinds[kind as keyof typeof kinds](agentId) : topics.cloudStatus;
    const current = message.expiresAt === undefined ? message : { ...message, expiresAt: Date.now() + 60_000 };
    const bytes = spoilt(JSON.parse(JSON.stringify(current).replaceAll(/agt-[0-9a-z]+/g, agentId)), random);
    cloud.publish(topic, bytes);
    // The agent is in this process: it has its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await obeys('all of it');
  expect(log.lines.filter(({ message }) => message.startsWith('left a message that')).length).toBeGreaterThan(50);
  expect(level()).toBeDefined();
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(crashes).toEqual([]);
});

test('whatever bytes reach the broker, before a login or after it, the others are heard', { timeout }, async () => {
  const crashes = watchForCrashes();
  const flow = await openFlow();
  const port = Number(new URL(flow.brokerUrl).port);
  for (const seed of seeds(80, 0.2)) {
    const random = seeded(seed);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const logsIn = random() < 0.3;
    if (logsIn) socket.write(loginPacket(`fuzz-${seed}`, String(nasty(random)).slice(0, 50)));
    for (let packets = 0; packets < 1 + random() * 6; packets += 1) socket.write(randomPacket(random, flow.agent.id));
    // Some go at once, some after what they said was read; none waits for an answer.
    if (random() < 0.5) socket.end();
    await until('it was written', () => socket.writableLength === 0 || socket.destroyed);
    socket.destroy();
  }
  const { frame } = await announce(flow, Buffer.from('a picture after all that'));
  expect(await flow.records.frame(frame)).toMatchObject({ picture: 'at-edge' });
  expect(crashes).toEqual([]);
});

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

function loginPacket(id: string, password: string): Buffer {
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text(id), text(id), text(password)]);
  return Buffer.concat([Buffer.from([0x10, body.length & 127]), body]);
}

/** A packet of any type, with a length that is mostly right and a body that is mostly not. */
function randomPacket(random: Random, agent: string): Buffer {
  const body = Buffer.alloc(Math.floor(random() * 60), Math.floor(random() * 256));
  if (random() < 0.5) text(`slowlight/v1/agents/${agent}/events`).copy(body);
  for (let byte = 0; byte < body.length; byte += 1) if (random() < 0.3) body[byte] = Math.floor(random() * 256);
  const length = random() < 0.8 ? body.length : Math.floor(random() * 256);
  const head = [Math.floor(random() * 256), length & 127];
  if (random() < 0.1) head.push(0xff, 0xff, 0xff, 0xff);
  return Buffer.concat([Buffer.from(head), body]);
}
