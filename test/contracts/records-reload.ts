import { expect, test } from 'vitest';
import { frameOf, spanOf } from '../rig/edge.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import { until } from '../rig/until.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;

export function recordsReload(openHouse: OpenHouse): void {
  test('a fresh database is empty, and one that is opened again is as it was', async (context) => {
    const house = await openHouse(context);
    const empty = await house.open(createHandClock());
    expect(await empty.totals()).toEqual({ frames: 0, bytes: 0 });
    expect([await empty.firstPosition(), await empty.lastPosition()]).toEqual([0, 0]);
    await empty.ping();
    await empty.close();
    await empty.close();

    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, agent, clock, now } = scene;
    const event = edge.captured(timelapse.id, cameraId, now);
    await records.recordEvents([edge.applied([spanOf(timelapse.id, 1, { from: now })]), event]);
    await records.pictureStored(frameOf(event));
    await clock.advance(3 * MINUTE);
    const look = async (from: typeof records) => ({
      feed: await from.feedAfter(0, 1000),
      frames: await from.frames({ order: 'oldest', limit: 100 }),
      timelapse: await from.timelapse(timelapse.id),
      coverage: await from.coverage(timelapse.id, now, now + MINUTE),
      receipt: await from.receiptState(agent.id),
      settings: await from.settingsOf(agent.id),
      jobs: await from.jobCounts(),
    });
    const before = await look(records);
    await records.close();
    const again = await scene.house.open(clock);
    expect(await look(again)).toEqual(before);
    expect(await again.recordEvents([event])).toMatchObject([{ kind: 'duplicate' }]);
    expect(await again.pictureStored(frameOf(event))).toBe(false);
  });

  test('a database of a newer version is refused with what to do', async (context) => {
    const house = await openHouse(context);
    await (await house.open(createHandClock())).close();
    await house.execute("insert into migrations (number, name, applied_at) values (999, 'future', 1)");
    await expect(house.open(createHandClock())).rejects.toMatchObject({
      code: 'records.newer-version',
      hint: expect.stringContaining('newer'),
    });
    await house.execute('delete from migrations where number = 999');
    await (await house.open(createHandClock())).ping();
  });

  test('what is closed while somebody listens ends all the same', async (context) => {
    const house = await openHouse(context);
    const clock = createHandClock();
    const records = await house.open(clock);
    records.onAppended(() => {});
    records.onPlanned(() => {});
    await until('it watches', () => clock.sleepers === 1);
    await records.close();
    expect(clock.sleepers).toBe(0);
  });
}
