import { MOMENT_MARKS } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf, spanOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';
import { MINUTE, storeFrames } from './stored-frames.ts';

export function recordsWatching(openHouse: OpenHouse): void {
  test('the wall tells of every camera the verdict of its newest picture, what waits at the edge, and its timelapse', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now } = scene;
    expect(await records.wall()).toMatchObject([
      {
        cameraId,
        verdict: null,
        waiting: { frames: 0, bytes: 0 },
        timelapse: { id: timelapse.id, nothingPlanned: false },
      },
    ]);
    await records.recordEvents([edge.applied([spanOf(timelapse.id, 1, { from: now, until: now + 60 * MINUTE })])]);
    await storeFrames(scene, 5);
    const late = [5, 6].map((minute) =>
      edge.captured(timelapse.id, cameraId, now + minute * MINUTE, { sizeBytes: 70 }),
    );
    await records.recordEvents(late);
    const other = await records.createSite({ name: 'Elsewhere', timeZone: 'UTC', latitude: null, longitude: null });
    const [item] = await records.wall([site.id]);
    expect(item).toMatchObject({
      verdict: { score: 20, faults: ['black'] },
      waiting: { frames: 2, bytes: 140 },
      timelapse: { state: 'running', nothingPlanned: false },
    });
    expect(await records.wall([other.id])).toEqual([]);
    await scene.clock.advance(61 * MINUTE);
    expect((await records.wall())[0]?.timelapse, 'its only span is over').toMatchObject({ nothingPlanned: true });
  });

  test('the moments of a day come as columns, oldest first; of too many, some of each part of the day', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, cameraId, now } = scene;
    const ids = await storeFrames(scene, 60);
    await records.recordEvents([edge.taken(cameraId, now + 30 * MINUTE + 1)]);
    const all = await records.moments(cameraId, { from: now, to: now + 60 * MINUTE, most: 100 });
    expect(all).toMatchObject({ thinned: false, ratio: 640 / 360 });
    expect(all.ids.filter((id) => ids.includes(id))).toEqual(ids);
    expect(all.at).toEqual(all.at.toSorted((a, b) => a - b));
    expect(all.marks.slice(3, 5)).toEqual([MOMENT_MARKS.stored, MOMENT_MARKS.stored + MOMENT_MARKS.flagged]);
    expect(all.marks[31], 'taken by hand, still at the edge').toBe(MOMENT_MARKS.manual);
    expect(all.scores.slice(3, 5)).toEqual([96, 20]);
    const few = await records.moments(cameraId, { from: now, to: now + 60 * MINUTE, most: 6 });
    expect(few.thinned).toBe(true);
    expect(few.at).toEqual([0, 10, 20, 30, 40, 50].map((minute) => now + minute * MINUTE));
    expect(await records.moments(cameraId, { from: 0, to: 1, most: 6 })).toMatchObject({ ids: [], ratio: null });
  });

  test('only frames of the camera itself come onto its sheet', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, now } = scene;
    const [first] = await storeFrames(scene, 1);
    const waiting = edge.captured(timelapse.id, cameraId, now + MINUTE);
    const foreign = edge.captured(timelapse.id, 'cam-0000000000000000' as typeof cameraId, now + 2 * MINUTE);
    await records.recordEvents([waiting, foreign]);
    const found = await records.sheetFrames(cameraId, [
      first as NonNullable<typeof first>,
      frameOf(waiting),
      frameOf(foreign),
    ]);
    expect([...found.keys()].toSorted()).toEqual([first, frameOf(waiting)].toSorted());
    expect(found.get(frameOf(waiting))).toMatchObject({ key: null, thumbnail: false });
    expect(found.get(first as NonNullable<typeof first>)?.key).toContain(String(first));
  });
}
