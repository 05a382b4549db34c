import { homeTopics } from '@slowlight/control-plane/src/home-automation/topics.ts';
import type { CameraId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { inputFor, openHomeScene } from '../../rig/home-scene.ts';
import { openHouseBroker } from '../../rig/house-broker.ts';
import { openHouseClient } from '../../rig/house-client.ts';
import { openNodeRed } from '../../rig/node-red.ts';
import { until } from '../../rig/until.ts';

/** Of each part: after it is started again, everything is right within this time. */
const RIGHT_AGAIN_MS = 15_000;

test('a flow of Node-RED gets the picture, presses the buttons, sees what changes, and outlives every restart', async (context) => {
  const broker = await openHouseBroker(context);
  const scene = await openHomeScene();
  const { cameraId, records, timelapse } = scene;
  const topics = homeTopics({ topicRoot: 'slowlight', discoveryPrefix: 'homeassistant', houseId: scene.houseId });
  const [nodeRed, client] = await Promise.all([openNodeRed(broker), openHouseClient(broker)]);
  const camera = async () => (await nodeRed.get('cameras'))[cameraId];
  let control = await scene.start();
  const first = await scene.takePicture(50);
  await control.home.add(inputFor(broker, { pictures: [cameraId] }));
  await until('the flow has the picture', async () => (await nodeRed.picture(cameraId))?.equals(first.thumbnail));

  await nodeRed.press(cameraId, 'capture');
  await until('the agent is asked', () => scene.sent.length === 1);
  await nodeRed.press(cameraId, 'paused', 'ON');
  await until('the flow sees the pause', async () => (await camera())?.paused === 'ON');
  expect((await records.timelapse(timelapse.id))?.state).toBe('paused');
  await nodeRed.press(cameraId, 'paused', 'OFF');
  await until('the flow sees that it goes on', async () => (await camera())?.paused === 'OFF');
  await nodeRed.press(cameraId, 'render');
  await until(
    'a film is ordered',
    async () => (await records.videos({ timelapseId: timelapse.id, limit: 5 })).items.length,
  );
  await until('the flow is told so', async () => (await nodeRed.get('answers'))[cameraId]?.command === 'render');

  const entities = client.entities();
  const wanted = Object.keys(await nodeRed.get('devices')).sort();
  expect(wanted).toHaveLength(3);
  const rightAgain = async (number: number) => {
    // Something changed while one was away: what is right is what is now.
    const seen = async () => ({
      status: client.kept.get(topics.status)?.toString('utf8'),
      name: (await camera())?.name,
      devices: Object.keys(await nodeRed.get('devices')).sort(),
      picture: (await nodeRed.picture(cameraId)) !== null,
    });
    const right = { status: 'online', name: `Crane ${number}`, devices: wanted, picture: true };
    await expect.poll(seen, { timeout: RIGHT_AGAIN_MS, interval: 50 }).toEqual(right);
    expect(client.entities()).toEqual(entities);
  };
  /** A camera that is announced, and will be removed while somebody is away. */
  const addLeaving = async () => {
    const id = await scene.addCamera('Soon gone');
    await until('it is announced', async () => topics.node(id) in (await nodeRed.get('devices')));
    return id;
  };
  const changeWhileAway = async (number: number, leaving: CameraId) => {
    await records.changeCamera(cameraId, { name: `Crane ${number}` });
    await records.deleteCamera(leaving);
  };

  let leaving = await addLeaving();
  await control.stop();
  await changeWhileAway(1, leaving);
  control = await scene.start();
  await rightAgain(1);

  leaving = await addLeaving();
  await nodeRed.kill();
  await changeWhileAway(2, leaving);
  await nodeRed.start();
  await rightAgain(2);

  // Nothing is written down: whatever it kept is gone.
  leaving = await addLeaving();
  await broker.kill();
  await changeWhileAway(3, leaving);
  await broker.start();
  await rightAgain(3);
});
