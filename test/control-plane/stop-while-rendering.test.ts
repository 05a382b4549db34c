import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { frameKey, newCameraId, type VideoId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createEdge, frameOf } from '../rig/edge.ts';
import { openProduct } from '../rig/open-product.ts';
import { aCamera, everyMinute } from '../rig/records-scene.ts';
import { until } from '../rig/until.ts';

const FRAMES = 400;
const START = Date.UTC(2026, 5, 1, 12);

/** The folder of a control plane that owes a film which takes a while. */
async function oweFilm(folder: string): Promise<VideoId> {
  const clock = systemClock;
  await mkdir(folder, { recursive: true });
  const records = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock });
  const store = await openDirectoryObjectStore(
    { clock },
    {
      folder: path.join(folder, 'objects'),
      signingKeyFile: path.join(folder, 'upload-signing.key'),
      publicUrl: () => '',
    },
  );
  const noise = { type: 'gaussian', mean: 120, sigma: 60 } as const;
  const create = { width: 1280, height: 720, channels: 3, background: '#333333', noise } as const;
  const bytes = await sharp({ create }).jpeg().toBuffer();
  const measures = { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  const site = await records.createSite({ name: 'Bridge', timeZone: 'UTC', latitude: null, longitude: null });
  const agent = await records.createAgent({ siteId: site.id, name: 'Pi', secretHash: 'a'.repeat(64) });
  const cameraId = newCameraId();
  await records.createCamera(cameraId, agent.id, aCamera);
  const timelapse = await records.startTimelapse({ cameraId, name: 'The bridge', schedule: everyMinute });
  const edge = createEdge(agent.id, START);
  const events = Array.from({ length: FRAMES }, (_, slot) =>
    edge.captured(timelapse.id, cameraId, START + slot * 60_000, measures),
  );
  await records.recordEvents(events);
  for (const event of events) {
    await store.write(frameKey(frameOf(event), 'image/jpeg'), bytes, 'image/jpeg');
    await records.pictureStored(frameOf(event));
  }
  const choice = { fps: 24, heightPx: null, quality: 'archive', from: null, to: null, flagged: false } as const;
  const video = await records.createVideo({ timelapseId: timelapse.id, ...choice });
  await records.close();
  return video.id;
}

test('a control plane that is stopped while it makes a film ends in time, and begins it again at once when it is back', async () => {
  const product = await openProduct();
  const id = await oweFilm(path.join(product.dataDir, 'control-plane'));
  const rendering = async () => {
    const api = await product.logIn();
    await until(
      'the film is being made',
      async () => {
        const video = await api.get<{ state: string; framesDone: number }>(`/api/videos/${id}`);
        return video.state === 'rendering' && video.framesDone > 0;
      },
      30_000,
    );
  };
  const first = await product.startControlPlane();
  await rendering();
  const asked = performance.now();
  await first.stop();
  expect(performance.now() - asked).toBeLessThan(4000);
  expect(product.lines.filter(({ msg }) => /did not stop in time|gone wrong/.test(msg))).toEqual([]);

  const records = await openSqliteRecords({
    path: path.join(product.dataDir, 'control-plane', 'records.sqlite'),
    clock: systemClock,
  });
  const [job] = (await records.jobs({ limit: 500 })).items.filter(({ kind }) => kind === 'video');
  await records.close();
  expect(job).toMatchObject({ state: 'waiting', attempts: 0 });
  await product.startControlPlane();
  const again = performance.now();
  await rendering();
  expect(performance.now() - again).toBeLessThan(10_000);
}, 90_000);
