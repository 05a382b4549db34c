import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const LEASE = 30_000;
const film = { fps: 24, heightPx: null, quality: 'low', from: null, to: null, flagged: false } as const;

export function recordsGiveBack(openHouse: OpenHouse): void {
  test('a job that is given back is due at once, is no death of its worker, and only its holder gives it back', async (context) => {
    const { records, ...scene } = await openRecordsScene(openHouse, context);
    for (const at of [scene.now, scene.now + 60_000]) {
      const event = scene.edge.captured(scene.timelapse.id, scene.cameraId, at);
      await records.recordEvents([event]);
      await records.pictureStored(frameOf(event));
    }
    const { id } = await records.createVideo({ timelapseId: scene.timelapse.id, ...film });
    for (let stops = 0; stops < 25; stops += 1) {
      const job = await records.lease(['video'], LEASE);
      if (job === null) throw new Error('it is not due');
      expect(job).toMatchObject({ subject: id, attempt: 1, fence: stops + 1 });
      expect(await records.planSegments(job, id, [])).toBe('ready');
      expect(await records.giveBack({ ...job, fence: job.fence - 1 })).toBe(false);
      expect(await records.giveBack(job)).toBe(true);
      expect(await records.giveBack(job)).toBe(false);
      expect(await records.heartbeat(job, LEASE)).toBe(false);
      expect((await records.video(id))?.state).toBe('queued');
    }
    expect(await records.jobCounts()).toEqual({ waiting: 3, running: 0, dead: 0 });
  });
}
