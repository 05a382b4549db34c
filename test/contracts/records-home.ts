import { newHomeBrokerId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const broker = {
  name: 'House',
  url: 'mqtt://192.168.1.10',
  mqtt: '5' as const,
  username: null,
  sealedPassword: 'c2VhbGVk',
  ca: null,
  discoveryPrefix: 'homeassistant',
  topicRoot: 'slowlight',
  enabled: true,
  pictures: [],
};

export function recordsHome(openHouse: OpenHouse): void {
  test('brokers of houses are kept as they were arranged, oldest first', async (context) => {
    const { records, cameraId, clock } = await openRecordsScene(openHouse, context);
    const [first, second] = [newHomeBrokerId(), newHomeBrokerId()];
    const made = await records.createHomeBroker(first, { ...broker, pictures: [cameraId] });
    expect(made).toEqual({ ...broker, pictures: [cameraId], id: first, createdAt: clock.now() });
    await clock.advance(1000);
    await records.createHomeBroker(second, { ...broker, name: 'Other', mqtt: '3.1.1' });
    expect(await records.changeHomeBroker(first, { enabled: false, sealedPassword: null })).toMatchObject({
      ...broker,
      pictures: [cameraId],
      enabled: false,
      sealedPassword: null,
    });
    expect((await records.homeBrokers()).map(({ id, enabled, mqtt }) => [id, enabled, mqtt])).toEqual([
      [first, false, '5'],
      [second, true, '3.1.1'],
    ]);
    expect(await records.deleteHomeBroker(first)).toBe(true);
    expect(await records.deleteHomeBroker(first)).toBe(false);
    expect(await records.homeBroker(first)).toBeNull();
    expect(await records.changeHomeBroker(first, { name: 'x' })).toBeNull();
  });

  test('the id under which houses know us is made once', async (context) => {
    const { records, house, clock } = await openRecordsScene(openHouse, context);
    const ids = await Promise.all([records.houseId(), records.houseId()]);
    await records.close();
    const again = await house.open(clock);
    expect(new Set([...ids, await again.houseId()]).size).toBe(1);
  });

  test('pictures that wait at the edge are counted by camera', async (context) => {
    const { records, edge, timelapse, cameraId, agent, now } = await openRecordsScene(openHouse, context);
    const events = [0, 1, 2].map((minute) => edge.captured(timelapse.id, cameraId, now + minute * 60_000));
    await records.recordEvents(events);
    expect(await records.waitingPictures(agent.id)).toEqual(new Map([[cameraId, 3]]));
    for (const event of events.slice(0, 2)) await records.pictureStored(frameOf(event));
    expect(await records.waitingPictures(agent.id)).toEqual(new Map([[cameraId, 1]]));
  });
}
