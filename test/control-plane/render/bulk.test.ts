import { createHash } from 'node:crypto';
import { createBulkRunner } from '@slowlight/control-plane/src/render/bulk.ts';
import { createThumbnailDrawer } from '@slowlight/control-plane/src/render/thumbnail.ts';
import { type BulkInput, type FrameId, frameKey, sidecarKey, thumbnailKey } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../../rig/edge.ts';
import { drawPicture } from '../../rig/film.ts';
import { openOverlayRecords } from '../../rig/overlay-records.ts';

const never = new AbortController().signal;

/** Three stored frames with pictures and thumbnails, and what a worker does with a bulk job. */
async function openBulk() {
  const house = await openOverlayRecords();
  const { records, store, edge, timelapse, cameraId, now } = house;
  const draw = createThumbnailDrawer({ objects: store });
  const run = createBulkRunner({ objects: store, records, drawThumbnails: draw });
  const frames: FrameId[] = [];
  for (const index of [0, 1, 2]) {
    const bytes = await drawPicture(64, 36, index);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const event = edge.captured(timelapse.id, cameraId, now + index * 60_000, { sizeBytes: bytes.length, sha256 });
    await records.recordEvents([event]);
    await store.write(frameKey(frameOf(event), 'image/jpeg'), bytes, 'image/jpeg');
    await records.pictureStored(frameOf(event));
    frames.push(frameOf(event));
  }
  const bulk = async (input: Pick<BulkInput, 'what' | 'which'>) => {
    const { id } = await records.createBulk({ ...input, timelapseId: timelapse.id });
    await run({ subject: id }, never);
    return records.bulk(id);
  };
  return { ...house, frames, bulk, run };
}

test('thumbnails that are not there are found and drawn, and those that are there are left alone', async () => {
  const { records, store, frames, bulk } = await openBulk();
  expect(await bulk({ what: 'thumbnails', which: 'broken' })).toMatchObject({ state: 'done', lookedAt: 3, made: 3 });
  const [first, second, third] = frames as [FrameId, FrameId, FrameId];
  const before = await store.stat(thumbnailKey(first, 'large'));
  await store.remove(thumbnailKey(second, 'small'));
  await store.remove(frameKey(third, 'image/jpeg'));
  await store.remove(thumbnailKey(third, 'large'));
  expect(await bulk({ what: 'thumbnails', which: 'broken' })).toMatchObject({ lookedAt: 3, made: 1, failed: 1 });
  expect(await store.stat(thumbnailKey(second, 'small'))).not.toBeNull();
  expect(await store.stat(thumbnailKey(first, 'large'))).toEqual(before);
  expect(await bulk({ what: 'thumbnails', which: 'all' })).toMatchObject({ lookedAt: 3, made: 2, failed: 1 });
  expect(await records.frame(first)).toMatchObject({ thumbnail: 'ready' });
});

test('overlays that are not there are sent to be drawn again, and only where the timelapse asks for them', async () => {
  const house = await openBulk();
  const { records, store, frames, bulk, timelapse } = house;
  expect(await bulk({ what: 'overlays', which: 'all' })).toMatchObject({ lookedAt: 3, made: 0 });
  await house.show({ templateId: 'ovt-builtin-timestamp' });
  await house.work();
  const [first] = frames as [FrameId];
  await store.remove(sidecarKey(first));
  expect(await bulk({ what: 'overlays', which: 'broken' })).toMatchObject({ lookedAt: 3, made: 1 });
  expect(await records.sidecar(first)).toMatchObject({ state: 'pending' });
  await house.work();
  expect(await records.sidecar(first)).toMatchObject({ state: 'ready' });
  expect(await store.stat(sidecarKey(first))).not.toBeNull();
  expect((await records.timelapseOverlay(timelapse.id))?.progress).toMatchObject({ ready: 3, pending: 0 });
});

test('one that is told to stop stops before the next frame', async () => {
  const { records, run, timelapse } = await openBulk();
  const { id } = await records.createBulk({ what: 'thumbnails', which: 'all', timelapseId: timelapse.id });
  const stop = new AbortController();
  stop.abort(new Error('stop'));
  await expect(run({ subject: id }, stop.signal)).rejects.toThrow('stop');
  expect(await records.bulk(id)).toMatchObject({ state: 'running', lookedAt: 0 });
});
