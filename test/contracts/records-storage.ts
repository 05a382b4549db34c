import { expect, test } from 'vitest';
import { spanOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';
import { MINUTE, storeFrames } from './stored-frames.ts';

export function recordsStorage(openHouse: OpenHouse): void {
  test('what is stored is told by what it is, and what an agent takes a day from the pictures of its running timelapses', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, now } = scene;
    expect(await records.storage()).toMatchObject({
      classes: [{ what: 'pictures', count: 0, bytes: 0 }, {}, {}, {}],
      growth: [],
    });
    await records.recordEvents([edge.applied([spanOf(timelapse.id, 1, { from: now, until: now + 60 * MINUTE })])]);
    await storeFrames(scene, 5);
    const { classes, growth } = await records.storage();
    const { bytes } = await records.totals();
    expect(bytes).toBeGreaterThan(0);
    expect(classes[0]).toEqual({ what: 'pictures', count: 5, bytes });
    expect(classes.map(({ what }) => what)).toEqual(['pictures', 'films', 'pieces', 'assets']);
    expect(growth, 'a picture a minute').toEqual([{ agentId: scene.agent.id, bytesPerDay: (bytes / 5) * 1440 }]);
    await records.moveTimelapse(timelapse.id, 'completed');
    expect((await records.storage()).growth, 'what is over takes no more').toEqual([]);
  });
}
