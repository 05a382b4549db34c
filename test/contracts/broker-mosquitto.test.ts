import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connectExternalBroker } from '@slowlight/control-plane/src/broker/external-broker.ts';
import { mosquittoAcl } from '@slowlight/control-plane/src/broker/mosquitto-acl.ts';
import { topics } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { openMosquitto } from '../rig/mosquitto.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { until } from '../rig/until.ts';
import { type AgentIdentity, brokerContract, newIdentity } from './broker.ts';

const CONTROL_PLANE = 'control-plane';

async function openBroker(context: TestContext, agents: readonly AgentIdentity[], password = 'own secret') {
  const users = Object.fromEntries([[CONTROL_PLANE, 'own secret'], ...agents.map(({ id, secret }) => [id, secret])]);
  const mosquitto = await openMosquitto(context, { users, acl: mosquittoAcl(CONTROL_PLANE) });
  const log = createQuietLog();
  const broker = connectExternalBroker(
    { clock: systemClock, log },
    {
      url: mosquitto.url,
      username: CONTROL_PLANE,
      password,
      clientId: CONTROL_PLANE,
      ca: null,
      will: () => ({ topic: topics.cloudStatus, payload: 'away' }),
    },
  );
  onTestFinished(() => broker.close());
  return { broker, mosquitto, url: mosquitto.url, log };
}

brokerContract('a connection to Mosquitto', openBroker);

test('a broker that goes and comes back is connected again, and says so each time', async (context) => {
  const agent = newIdentity();
  const { broker, mosquitto, url } = await openBroker(context, [agent]);
  let connections = 0;
  const heard: string[] = [];
  broker.onConnected(() => {
    connections += 1;
  });
  broker.onMessage((_topic, payload) => heard.push(Buffer.from(payload).toString('utf8')));
  await until('it is connected', () => connections === 1);
  await mosquitto.stop();
  await until('the loss is seen', () => !broker.connected());
  await expect(broker.publish('x', 'y', { qos: 1, retain: false })).rejects.toMatchObject({
    code: 'broker.unreachable',
  });
  await expect(broker.ping()).rejects.toMatchObject({ code: 'broker.unreachable' });
  await mosquitto.start();
  await until('it is connected again', () => connections === 2, 40_000);
  const client = openMqttAgent(url, { username: agent.id, password: agent.secret });
  client.client.publish(topics.agentEvents(agent.id), 'after the outage', { qos: 1 });
  await until('messages flow again', () => heard.includes('after the outage'));
});

test('when the control plane goes without a word, its will says that nobody listens', async (context) => {
  const agent = newIdentity();
  const { broker, mosquitto } = await openBroker(context, [agent]);
  await until('it is connected', () => broker.connected());
  const witness = openMqttAgent(mosquitto.url, { username: agent.id, password: agent.secret });
  await until('the witness is in', () => witness.state() === 'in');
  await witness.client.subscribeAsync(topics.cloudStatus);
  // A second client of the same name throws the first one out, as a broken line would.
  openMqttAgent(mosquitto.url, { username: CONTROL_PLANE, password: 'own secret' });
  await until('the will has been said', () => witness.heard.some(({ text }) => text === 'away'));
});

test('a wrong password is told in words', async (context) => {
  const { broker, log } = await openBroker(context, [], 'wrong');
  await until('it was tried', () => log.lines.length > 0);
  await expect(broker.ping()).rejects.toMatchObject({ message: expect.stringContaining('refuses the login') });
});

test('a user without rights, whom Mosquitto lets in and keeps from everything, is told in words', async (context) => {
  const { mosquitto, broker, log } = await openBroker(context, []);
  await until('it is connected', () => broker.connected());
  await broker.ping();
  await mosquitto.allow({ users: { [CONTROL_PLANE]: 'own secret' }, acl: mosquittoAcl('somebody-else') });
  await mosquitto.stop();
  await mosquitto.start();
  await until('it is told', () => JSON.stringify(log.lines).includes('passes nothing on'), 40_000);
  await expect(broker.ping()).rejects.toMatchObject({ hint: expect.stringContaining('slowlight/v1/#') });
});

test('the access list is the one in the README, and takes no user name that could add a line', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8');
  const indented = mosquittoAcl('slowlight').replaceAll(/^(?=.)/gm, '    ');
  expect(indented.match(/^ {4}(user|topic|pattern) /gm)).toHaveLength(10);
  expect(readme).toContain(indented);
  expect(() => mosquittoAcl('x\ntopic readwrite #')).toThrow(RangeError);
});
