import { homeTopics } from '@slowlight/control-plane/src/home-automation/topics.ts';
import { describe, expect, test } from 'vitest';
import { type HomeScene, inputFor, openHomeScene } from '../../rig/home-scene.ts';
import { openHouseBroker } from '../../rig/house-broker.ts';
import { type HouseClient, openHouseClient } from '../../rig/house-client.ts';
import { until } from '../../rig/until.ts';

const topicsOf = ({ houseId }: HomeScene) =>
  homeTopics({ topicRoot: 'slowlight', discoveryPrefix: 'homeassistant', houseId });
const text = (client: HouseClient, topic: string) => client.kept.get(topic)?.toString('utf8');
const isOnline = (scene: HomeScene, client: HouseClient) => text(client, topicsOf(scene).status) === 'online';
const CAMERA_ENTITIES = [
  ...['backlog', 'capture', 'coverage', 'interval', 'last_capture', 'online', 'paused', 'problem', 'quality', 'render'],
];

describe.each([
  { mqtt: '5' as const, tls: false },
  { mqtt: '3.1.1' as const, tls: false },
  { mqtt: '5' as const, tls: true },
])('at a real broker, MQTT $mqtt, TLS: $tls', ({ mqtt, tls }) => {
  test('a house is told of everything, and follows: picture, pause, interval, another name, removal', async (context) => {
    const broker = await openHouseBroker(context, { tls });
    const client = await openHouseClient(broker);
    const scene = await openHomeScene({ publicUrl: 'https://slowlight.example.org' });
    const { records, cameraId, timelapse, agent } = scene;
    const topics = topicsOf(scene);
    const { home } = await scene.start();
    await scene.takePicture(120);
    await home.add(inputFor(broker, { mqtt, pictures: [cameraId] }));
    await until('everything is told', () => isOnline(scene, client));

    const node = topics.node(cameraId);
    const keys = client.entities().filter((one) => one.startsWith(`${node}/`));
    expect(keys).toEqual([...CAMERA_ENTITIES, 'newest'].sort().map((key) => `${node}/${key}`));
    expect(client.devices().get(node)?.device).toMatchObject({
      name: 'Crane',
      via_device: topics.node(agent.id),
      suggested_area: 'Bridge',
      configuration_url: `https://slowlight.example.org/cameras/${cameraId}`,
    });
    const state = () => client.json(topics.camera(cameraId).state);
    expect(state()).toMatchObject({ online: 'ON', problem: 'OFF', paused: 'OFF', interval: 60, quality: 96 });

    const { thumbnail } = await scene.takePicture(200);
    await until('the newest picture is there', () =>
      client.kept.get(topics.camera(cameraId).picture)?.equals(thumbnail),
    );

    await client.publish(topics.command(cameraId, 'paused'), 'ON');
    await until('it shows that it is paused', () => state()?.paused === 'ON');
    expect((await records.timelapse(timelapse.id))?.state).toBe('paused');
    await client.publish(topics.command(cameraId, 'interval'), '300');
    await until('it shows the new interval', () => state()?.interval === 300);
    expect((await records.timelapse(timelapse.id))?.schedule.rhythm).toEqual({ kind: 'interval', everyMs: 300_000 });
    await client.publish(topics.command(cameraId, 'capture'), 'PRESS');
    await until('the agent is asked for a picture', () => scene.sent.length === 1);
    expect(scene.sent[0]).toMatchObject({ agent: agent.id, command: { type: 'capture-now', body: { cameraId } } });
    await client.publish(topics.command(cameraId, 'render'), 'PRESS');
    await until(
      'a film is ordered',
      async () => (await records.videos({ timelapseId: timelapse.id, limit: 5 })).items.length,
    );

    await records.changeCamera(cameraId, { name: 'Crane 2' });
    await until('it has its other name', () => client.devices().get(node)?.device.name === 'Crane 2');
    const gone = await scene.addCamera('Gate');
    await until('the new camera is announced', () => client.devices().has(topics.node(gone)));
    await records.deleteCamera(gone);
    await until(
      'the removed camera is gone, whole',
      () => ![...client.kept.keys()].some((topic) => topic.includes(gone)),
    );
  });
});

test('what the agent and its camera are like is shown within a second or two, and the problem in words', async (context) => {
  const broker = await openHouseBroker(context);
  const client = await openHouseClient(broker);
  const scene = await openHomeScene();
  const { records, edge, cameraId, agent } = scene;
  const topics = topicsOf(scene);
  const { home } = await scene.start();
  await home.add(inputFor(broker));
  await until('everything is told', () => isOnline(scene, client));
  const camera = () => client.json(topics.camera(cameraId).state);
  const device = () => client.json(topics.agentState(agent.id));
  expect(device()).toMatchObject({ online: 'ON', version: '0.1.0', latest_version: '0.2.0', temperature: null });

  const hint = 'Nothing answers at the camera’s address.';
  const health = { cameraId, health: 'offline', code: 'unreachable', hint, consecutiveFailures: 5, at: 1 };
  await records.recordEvents([edge.say('camera.health-changed', health)]);
  await until(
    'the camera is off, with the reason',
    () => camera()?.online === 'OFF' && camera()?.problem_text === hint,
  );
  expect(camera()?.problem).toBe('ON');
  await scene.sayStatus('stopped');
  await until('the agent is off', () => device()?.online === 'OFF');
  await until('its camera too', () => /not connected/.test(String(camera()?.problem_text)));
  await client.publish(topics.command(cameraId, 'capture'), 'PRESS');
  const answer = await until('it is answered that nothing can be taken', () =>
    client.heard.find(({ topic }) => topic === topics.camera(cameraId).answer),
  );
  expect(JSON.parse(answer.payload.toString('utf8'))).toMatchObject({
    command: 'capture',
    result: 'refused',
    code: 'agent.offline',
  });
  expect(answer.kept).toBe(false);
  const [entry] = (await records.auditEntries({ limit: 5 })).items;
  expect(entry).toMatchObject({
    actor: { kind: 'home', name: 'House' },
    action: 'home automation: capture',
    subject: cameraId,
    result: 'refused',
    code: 'agent.offline',
  });
  const events = client.heard.filter(({ topic }) => topic === topics.event('camera.health-changed'));
  expect(JSON.parse(String(events[0]?.payload))).toMatchObject({
    type: 'camera.health-changed',
    cameraId,
    health: 'offline',
  });
});

test('a command that was kept, is unknown, wrong or too frequent changes nothing', async (context) => {
  const broker = await openHouseBroker(context);
  const client = await openHouseClient(broker);
  const scene = await openHomeScene();
  const { records, cameraId, timelapse } = scene;
  const topics = topicsOf(scene);
  await client.publish(topics.command(cameraId, 'paused'), 'ON', true);
  const { home } = await scene.start();
  await home.add(inputFor(broker));
  await until('everything is told', () => isOnline(scene, client));
  for (const [name, payload] of [
    ['paused', 'on'],
    ['paused', '{"paused":true}'],
    ['interval', '2'],
    ['interval', '-300'],
    ['interval', '1e3'],
    ['interval', '99999999'],
    ['render', 'yes'],
    ['capture', 'x'.repeat(2000)],
  ] as const)
    await client.publish(topics.command(cameraId, name), payload);
  await client.publish(`slowlight/cameras/${cameraId}/delete/set`, 'PRESS');
  await client.publish('slowlight/cameras/cam-0000000000000000/paused/set', 'ON');
  for (let press = 0; press < 20; press += 1) await client.publish(topics.command(cameraId, 'capture'), 'PRESS');
  const answers = () =>
    client.heard
      .filter(({ topic }) => topic === topics.camera(cameraId).answer)
      .map(({ payload }) => JSON.parse(String(payload)));
  await until(
    'the last ones are refused',
    () => answers().filter(({ code }) => code === 'command.too-many').length >= 14,
  );
  expect(scene.sent.length).toBeLessThanOrEqual(6);
  expect(answers().filter(({ command, result }) => command !== 'capture' && result === 'accepted')).toEqual([]);
  expect(await records.timelapse(timelapse.id)).toMatchObject({
    state: 'running',
    schedule: { rhythm: { kind: 'interval', everyMs: 60_000 } },
  });
});

test('Home Assistant that starts is told everything again: all that there is, then all that it is like', async (context) => {
  const broker = await openHouseBroker(context);
  const client = await openHouseClient(broker);
  const scene = await openHomeScene();
  const topics = topicsOf(scene);
  const { home } = await scene.start();
  await home.add(inputFor(broker));
  await until('everything is told', () => isOnline(scene, client));
  client.heard.length = 0;
  await client.publish(topics.birth, 'online');
  const { config, state } = {
    config: topics.config(topics.node(scene.cameraId)),
    state: topics.camera(scene.cameraId).state,
  };
  const at = (topic: string) => client.heard.findIndex((message) => message.topic === topic);
  await until('the state is said again', () => at(state) >= 0);
  expect(at(config)).toBeGreaterThanOrEqual(0);
  expect(at(config)).toBeLessThan(at(state));
  expect((await home.view()).brokers[0]?.link.bornAt).not.toBeNull();
});

test('whoever comes back to the broker after us hears what was taken away meanwhile, and again at every start', async (context) => {
  const broker = await openHouseBroker(context);
  const first = await openHouseClient(broker);
  const scene = await openHomeScene();
  const topics = topicsOf(scene);
  const leaving = await scene.addCamera('Soon gone');
  const config = topics.config(topics.node(leaving));
  const { home } = await scene.start();
  await home.add(inputFor(broker));
  await until('it is announced', () => first.kept.has(config) && isOnline(scene, first));
  await first.close();
  await broker.kill();
  await scene.records.deleteCamera(leaving);
  await broker.start();
  const spokenWith = async () => (await home.view()).brokers[0]?.link.state === 'connected';
  await until('we are back', spokenWith, 20_000);

  const late = await openHouseClient(broker);
  const isTakenAway = () => late.heard.some(({ topic, payload }) => topic === config && payload.length === 0);
  await until('it is said again that it is gone', isTakenAway);
  late.heard.length = 0;
  await late.publish(topics.birth, 'online');
  await until('and again, when Home Assistant starts', isTakenAway);
});

test('a picture that is not wanted any more is taken away, its entity first by name', async (context) => {
  const broker = await openHouseBroker(context);
  const client = await openHouseClient(broker);
  const scene = await openHomeScene();
  const { cameraId } = scene;
  const topics = topicsOf(scene);
  const { picture } = topics.camera(cameraId);
  const { home, stop } = await scene.start();
  await scene.takePicture(90);
  const made = await home.add(inputFor(broker, { pictures: [cameraId] }));
  await until('the picture is there', () => client.kept.has(picture));
  const config = topics.config(topics.node(cameraId));
  const components = () =>
    client.heard
      .filter(({ topic }) => topic === config)
      .map(({ payload }) => JSON.parse(String(payload)).components.newest);
  await home.change(made.id, { pictures: [] });
  await until('the picture is gone', () => !client.kept.has(picture));
  await until('its entity is gone', () => client.devices().get(topics.node(cameraId))?.components.newest === undefined);
  expect(components().slice(-2)).toEqual([{ platform: 'image' }, undefined]);
  // The same when it is said while nobody listens here: what the broker kept is looked at before anything is said.
  await home.change(made.id, { pictures: [cameraId] });
  await until('the picture is there again', () => client.kept.has(picture));
  await stop();
  expect(text(client, topics.status)).toBe('stopped');
  await scene.records.changeHomeBroker(made.id, { pictures: [] });
  await scene.start();
  await until('the picture is gone', () => isOnline(scene, client) && !client.kept.has(picture));
  await until('its entity is gone', () => client.devices().get(topics.node(cameraId))?.components.newest === undefined);
  expect(components().slice(-2)).toEqual([{ platform: 'image' }, undefined]);
});

test('a house that is spoken with no more, or under other topics, keeps nothing of ours and all of others’', async (context) => {
  const broker = await openHouseBroker(context);
  const client = await openHouseClient(broker);
  const scene = await openHomeScene();
  const { home } = await scene.start();
  await scene.takePicture(90);
  const foreign = JSON.stringify({ origin: { name: 'Slowlight' }, device: { identifiers: ['x'] }, components: {} });
  const others = ['homeassistant/device/slowlight_hse-0000000000000000/config', 'slowlight/cameras/other/state'];
  for (const topic of others) await client.publish(topic, foreign, true);
  const made = await home.add(inputFor(broker, { pictures: [scene.cameraId] }));
  await until('everything is told', () => isOnline(scene, client));
  await home.change(made.id, { topicRoot: 'house/slowlight', discoveryPrefix: 'ha' });
  const moved = homeTopics({ topicRoot: 'house/slowlight', discoveryPrefix: 'ha', houseId: scene.houseId });
  await until('it speaks under its other topics', () => text(client, moved.status) === 'online');
  const ours = () => [...client.kept.keys()].filter((topic) => !others.includes(topic));
  expect(ours().filter((topic) => !topic.startsWith('house/slowlight/') && !topic.startsWith('ha/'))).toEqual([]);
  expect(ours().length).toBeGreaterThan(6);
  await home.change(made.id, { enabled: false });
  await until('nothing is left', () => ours().length === 0);
  expect([...client.kept.keys()].sort()).toEqual(others.toSorted());
  expect((await home.view()).brokers[0]?.link.state).toBe('off');
  await home.change(made.id, { enabled: true });
  await until('it speaks again', () => text(client, moved.status) === 'online');
  await home.remove(made.id);
  await until('nothing is left', () => ours().length === 0);
  expect((await home.view()).brokers).toEqual([]);
});
