/** What a revoked agent still has in its hands is worth nothing, on the embedded broker and on one that lets it go on. */
import { createHash } from 'node:crypto';
import { connectExternalBroker } from '@slowlight/control-plane/src/broker/external-broker.ts';
import { mosquittoAcl } from '@slowlight/control-plane/src/broker/mosquitto-acl.ts';
import { createShutOut } from '@slowlight/control-plane/src/broker/shut-out.ts';
import { type Grants, grants, newAgentId, newSessionId, topics } from '@slowlight/protocol';
import { newKeyPair, systemClock } from '@slowlight/protocol/kit';
import { expect, it, onTestFinished } from 'vitest';
import { createEdge } from '../rig/edge.ts';
import { openSecureHouse } from '../rig/enrolling.ts';
import { openFolder } from '../rig/folder.ts';
import { openMosquitto } from '../rig/mosquitto.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { put } from '../rig/put.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { until } from '../rig/until.ts';

it('a revoked agent is disconnected within two seconds, a grant that it holds uploads nothing, and nothing of it stays retained', async () => {
  const house = await openSecureHouse(await openFolder(), { SLOWLIGHT_TLS: 'off' });
  const site = (await house.ask('POST', '/api/sites', { name: 'Garden', timeZone: 'UTC' })).body;
  const make = async () => (await house.ask('POST', '/api/agents', { siteId: site.id, name: 'Shed' })).body;
  const [{ agent, secret }, other] = [await make(), await make()];
  const camera = (
    await house.ask('POST', '/api/cameras', { agentId: agent.id, name: 'Roses', source: { kind: 'test' } })
  ).body;
  const come = async (username: string, password: string) => {
    const opened = await until('it is let in', async () => {
      const tried = openMqttAgent(house.plane.brokerUrl, { username, password });
      await until('it is answered', () => tried.state() !== 'waiting');
      return tried.state() === 'in' && tried;
    });
    return opened;
  };
  const mine = await come(agent.id, secret);
  await mine.client.subscribeAsync([topics.agentGrants(agent.id), topics.agentSettings(agent.id)], { qos: 1 });
  const body = {
    status: 'online',
    bootId: '11111111-boot',
    version: '1',
    startedAt: 1,
    settingsVersion: 0,
    capabilities: [],
    publicKey: newKeyPair().publicKey,
  };
  const status = { v: 1, session: newSessionId(), sentAt: Date.now(), type: 'agent.status', body };
  await mine.client.publishAsync(topics.agentStatus(agent.id), JSON.stringify(status), { qos: 1, retain: true });
  const edge = createEdge(agent.id, Date.now());
  const bytes = Buffer.from('a picture, as far as the store knows');
  const facts = { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  const say = async () => {
    const { event } = edge.taken(camera.id, Date.now());
    if (event.type !== 'frame.taken') throw new Error('another event');
    const frame = { ...event.body.frame, ...facts };
    await mine.client.publishAsync(
      topics.agentEvents(agent.id),
      JSON.stringify({ ...event, body: { ...event.body, frame } }),
      { qos: 1 },
    );
  };
  const granted = () =>
    mine.heard.flatMap(({ topic, text }): Grants['body']['grants'] =>
      topic === topics.agentGrants(agent.id) ? grants.parse(JSON.parse(text)).body.grants : [],
    );
  await say();
  await say();
  const [used, kept] = await until('two grants', () => (granted().length === 2 ? granted() : false));
  if (used === undefined || kept === undefined) throw new Error('no grants');
  expect(
    kept.expiresAt - Date.now(),
    'where a store cannot take it back, it lives out its minutes',
  ).toBeLessThanOrEqual(15 * 60_000);
  const upload = (grant: Grants['body']['grants'][number]) => put(grant.url, grant.headers, bytes);
  expect((await upload(used)).status).toBe(201);

  const since = performance.now();
  await house.ask('POST', `/api/agents/${agent.id}/revoke`, {});
  await until('it is out', () => mine.state() === 'closed');
  expect(performance.now() - since).toBeLessThan(2000);
  const refused = await upload(kept);
  expect(refused.status).toBe(403);
  const again = openMqttAgent(house.plane.brokerUrl, { username: agent.id, password: secret });
  await until('it is answered', () => again.state() !== 'waiting');
  expect(again.state()).toBe('refused');
  const looker = await come(other.agent.id, other.secret);
  expect(looker.state(), 'the others stay').toBe('in');
});

it('on a broker that lets it go on, nothing of a revoked agent is heard or said, and what it retains is cleared', async (context) => {
  const id = newAgentId();
  const users = { slowlight: 'own secret', [id]: 'its secret', looker: 'x' };
  const acl = `${mosquittoAcl('slowlight')}\nuser looker\ntopic read slowlight/v1/#\n`;
  const mosquitto = await openMosquitto(context, { users, acl });
  const inner = connectExternalBroker(
    { clock: systemClock, log: createQuietLog() },
    {
      url: mosquitto.url,
      username: 'slowlight',
      password: 'own secret',
      clientId: 'slowlight',
      ca: null,
      will: () => ({ topic: topics.cloudStatus, payload: 'away' }),
    },
  );
  const { broker, set, has } = createShutOut(inner);
  onTestFinished(() => broker.close());
  const heard: string[] = [];
  broker.onMessage((_topic, payload) => heard.push(Buffer.from(payload).toString()));
  await until('it is connected', () => broker.connected());
  const agent = openMqttAgent(mosquitto.url, { username: id, password: 'its secret' });
  await until('it is in', () => agent.state() === 'in');
  await agent.client.subscribeAsync([topics.agentGrants(id), topics.agentSettings(id), topics.agentStatus(id)], {
    qos: 1,
  });
  await broker.publish(topics.agentSettings(id), 'settings', { qos: 1, retain: true });
  await agent.client.publishAsync(topics.agentStatus(id), 'online', { qos: 1, retain: true });
  await until('both are known', () => heard.length === 1 && agent.heard.length === 2);

  set([id]);
  expect(has(id)).toBe(true);
  await until('both are cleared', () => agent.heard.filter(({ text }) => text === '').length === 2);
  await agent.client.publishAsync(topics.agentEvents(id), 'an event', { qos: 1 });
  await agent.client.publishAsync(topics.agentStatus(id), 'online again', { qos: 1, retain: true });
  await broker.publish(topics.agentGrants(id), 'a grant', { qos: 1, retain: false });
  await until('its status is cleared again', () => agent.heard.filter(({ text }) => text === '').length > 2);
  const looker = openMqttAgent(mosquitto.url, { username: 'looker', password: 'x' });
  await until('somebody looks', () => looker.state() === 'in');
  await looker.client.subscribeAsync([topics.agentStatus(id), topics.agentSettings(id), topics.cloudStatus], {
    qos: 1,
  });
  set([]);
  await broker.publish(topics.cloudStatus, 'fence', { qos: 1, retain: false });
  await until('the fence is heard', () => looker.heard.some(({ text }) => text === 'fence'));
  expect(looker.heard.map(({ text }) => text)).toEqual(['fence']);
  expect(heard).toEqual(['online']);
  expect(agent.heard.map(({ text }) => text)).not.toContain('a grant');
});
