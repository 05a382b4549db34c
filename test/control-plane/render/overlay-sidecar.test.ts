import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createWorker } from '@slowlight/control-plane/src/jobs/worker.ts';
import { createOverlays } from '@slowlight/control-plane/src/render/overlay/overlays.ts';
import { createSegmentRunner } from '@slowlight/control-plane/src/render/segment.ts';
import { createVideoRunner } from '@slowlight/control-plane/src/render/video.ts';
import { openWorkFolder } from '@slowlight/control-plane/src/render/work-folder.ts';
import {
  assetKey,
  type FrameId,
  frameKey,
  type OverlayTemplateId,
  overlayLayout,
  videoInput,
} from '@slowlight/protocol';
import { Failure, systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeFilm, meanOff } from '../../rig/decode-film.ts';
import { frameOf } from '../../rig/edge.ts';
import { openFolder } from '../../rig/folder.ts';
import { openOverlayRecords } from '../../rig/overlay-records.ts';
import { until } from '../../rig/until.ts';

const CLOCK = 'ovt-builtin-timestamp' as OverlayTemplateId;
const never = new AbortController().signal;

test('a new frame gets a sidecar of its size, transparent where nothing is drawn', async () => {
  const { show, shoot, work, sidecarOf, records } = await openOverlayRecords();
  await show({ templateId: CLOCK });
  const [frame] = (await shoot([0])) as [FrameId];
  await work();
  const { size, seen } = await sidecarOf(frame);
  expect(size).toEqual([640, 360, 4]);
  expect(seen).toBeGreaterThan(300);
  expect(seen).toBeLessThan(640 * 360 * 0.1);
  expect(await records.sidecar(frame)).toEqual({ state: 'ready', reason: null, revision: 1 });
});

test('another template makes all of them again, in portions, with progress', async () => {
  const { show, shoot, work, sidecarOf, records, timelapse } = await openOverlayRecords();
  const frames = await shoot(Array.from({ length: 45 }, (_, index) => index));
  await show({ templateId: CLOCK });
  await work();
  const before = await sidecarOf(frames[44] as FrameId);
  const template = await records.createOverlayTemplate({
    name: 'Names',
    layout: overlayLayout.parse({ elements: [{ kind: 'camera-name', id: 'camera', anchor: 'centre' }] }),
  });
  await show({ templateId: template.id });
  await work();
  expect((await records.timelapseOverlay(timelapse.id))?.progress).toEqual({
    pending: 0,
    ready: 45,
    failed: 0,
    fallback: 0,
  });
  expect((await sidecarOf(frames[44] as FrameId)).data.equals(before.data)).toBe(false);
  const told = (await records.feedAfter(0, 1000)).map(({ event }) => event);
  const progress = told
    .filter((event) => event.type === 'overlay.progressed')
    .map(({ body }) => [body.revision, body.done]);
  expect(progress).toEqual([
    [1, 20],
    [1, 40],
    [1, 45],
    [2, 20],
    [2, 40],
    [2, 45],
  ]);
  expect(told.filter(({ type }) => type === 'overlay.ready')).toEqual([]);

  // Changing the template itself does the same to whoever follows it.
  await records.changeOverlayTemplate(template.id, {
    layout: overlayLayout.parse({ elements: [{ kind: 'site-name', id: 'site', anchor: 'centre' }] }),
  });
  expect((await records.timelapseOverlay(timelapse.id))?.progress).toMatchObject({ pending: 45 });
  await work();
  expect((await records.timelapseOverlay(timelapse.id))?.progress).toMatchObject({ ready: 45 });
});

test('a picture of the overlay that cannot be read leaves a transparent sidecar that says why', async () => {
  const { show, shoot, work, sidecarOf, records, takeAsset, store, log } = await openOverlayRecords();
  const bytes = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
  const asset = await takeAsset({ name: 'Logo', bytes });
  const image = { kind: 'image', id: 'logo', anchor: 'top', assetId: asset.id };
  await show({ templateId: CLOCK, changes: { elements: [image] } });
  await store.remove(assetKey(asset.id, asset.type));
  const [frame] = (await shoot([0])) as [FrameId];
  await work();
  expect(await sidecarOf(frame)).toMatchObject({ size: [640, 360, 4], seen: 0 });
  expect(await records.sidecar(frame)).toMatchObject({ state: 'fallback', reason: expect.stringContaining(asset.id) });
  expect(log.lines.map(({ sentence }) => sentence)).toEqual([expect.stringContaining('transparent one')]);
});

test('a store out of reach is no fault of the overlay: the job waits, and the sidecar is still pending', async () => {
  const { show, shoot, work, records, deps, store } = await openOverlayRecords();
  await show({ templateId: CLOCK });
  const [frame] = (await shoot([0])) as [FrameId];
  const write = async () => {
    throw new Failure({ code: 'object.store-unreachable', message: 'no store', hint: 'look', retry: 'soon' });
  };
  await work(createOverlays({ ...deps, objects: { ...store, write } }).sidecars);
  expect(await records.sidecar(frame)).toMatchObject({ state: 'pending' });
  const jobs = (await records.jobs({ limit: 10 })).items.filter(({ kind }) => kind === 'overlay');
  expect(jobs).toMatchObject([{ state: 'waiting', lastError: 'no store' }]);
});

test('a frame that comes late changes the numbers of those after it, which are drawn again once, after a pause', async () => {
  const { show, shoot, work, records, clock, sidecarOf, timelapse } = await openOverlayRecords();
  const number = { kind: 'frame-number', id: 'number', anchor: 'top', digits: 1 };
  await show({ templateId: CLOCK, changes: { elements: [number] } });
  const [first, third] = (await shoot([0, 10])) as [FrameId, FrameId];
  await work();
  const before = { first: await sidecarOf(first), third: await sidecarOf(third) };
  const late = await shoot([5, 6]);
  await work();
  expect((await sidecarOf(third)).data.equals(before.third.data)).toBe(true);
  await clock.advance(120_000);
  await work();
  expect((await sidecarOf(third)).data.equals(before.third.data)).toBe(false);
  expect((await sidecarOf(first)).data.equals(before.first.data)).toBe(true);
  expect((await records.timelapseOverlay(timelapse.id))?.progress).toMatchObject({ pending: 0, ready: 4 });
  const jobs = (await records.jobs({ limit: 50 })).items.filter(({ subject }) => subject.includes('.late'));
  expect([jobs.length, late.length]).toEqual([1, 2]);

  // Where no numbers are shown nothing is drawn again but the late frame itself.
  await show({ templateId: CLOCK });
  await work();
  const noted = await records.lastPosition();
  await shoot([7]);
  await clock.advance(120_000);
  await work();
  const told = (await records.feedAfter(noted, 100))
    .map(({ event }) => event.type)
    .filter((type) => type.startsWith('overlay.'));
  expect(told).toEqual(['overlay.ready']);
});

test('what was drawn of a revision that is over is drawn again before it is noted', async () => {
  const { show, shoot, records, deps, store, sidecarOf, timelapse } = await openOverlayRecords();
  await show({ templateId: CLOCK });
  const [frame] = (await shoot([0])) as [FrameId];
  let writes = 0;
  const write: typeof store.write = async (...object) => {
    writes += 1;
    // The overlay changes while the first one is written.
    if (writes === 1) await show({ templateId: CLOCK, changes: { hide: ['date-time'] } });
    return store.write(...object);
  };
  const { sidecars } = createOverlays({ ...deps, objects: { ...store, write } });
  await sidecars.one({ subject: frame }, never);
  expect(writes).toBe(2);
  expect(await sidecarOf(frame)).toMatchObject({ seen: 0 });
  expect(await records.sidecar(frame)).toEqual({ state: 'ready', reason: null, revision: 2 });
  // The job for all has nothing left to do, and one of a revision that is over ends at once.
  await sidecars.all({ subject: `${timelapse.id}.r2` }, never);
  await sidecars.all({ subject: `${timelapse.id}.r1` }, never);
  expect(writes).toBe(2);
});

test('a film shows what the sidecars of its frames show, and encodes nothing again for what is not seen', async () => {
  const { show, records, edge, timelapse, cameraId, now, store, films, log, clock, work, sidecarOf, site } =
    await openOverlayRecords();
  const bytes = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#808080' } })
    .jpeg()
    .toBuffer();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const number = { kind: 'frame-number', id: 'number', anchor: 'centre', digits: 1, style: { sizePercent: 40 } };
  await show({ templateId: CLOCK, changes: { elements: [number] } });
  const frames: FrameId[] = [];
  for (const minute of [0, 1, 2, 3]) {
    const event = edge.captured(timelapse.id, cameraId, now + minute * 60_000, { sizeBytes: bytes.length, sha256 });
    const id = frameOf(event);
    frames.push(id);
    await records.recordEvents([event]);
    await store.write(frameKey(id, 'image/jpeg'), bytes, 'image/jpeg');
    await records.pictureStored(id);
  }
  await work();

  const workFolder = await openWorkFolder(path.join(await openFolder(), 'work'), systemClock);
  const deps = { clock, log, objects: store, records, overlays: films };
  const runners = {
    segment: createSegmentRunner(deps, { workFolder }),
    video: createVideoRunner(deps, { workFolder }),
  };
  const made: string[] = [];
  async function film() {
    const input = videoInput.parse({
      timelapseId: timelapse.id,
      heightPx: null,
      quality: 'high',
      overlay: true,
      grows: true,
    });
    const { id } = await records.createVideo(input);
    for (;;) {
      const job = await records.lease(['segment', 'video'], 10_000);
      if (job === null) break;
      made.push(job.kind);
      await (job.kind === 'segment' ? runners.segment : runners.video)(job, never);
      await records.finish(job);
    }
    return records.video(id);
  }
  const first = await film();
  expect(first).toMatchObject({ state: 'ready', framesDone: 4, framesLeftOut: 0 });
  expect(made).toContain('segment');
  const keys: string[] = [];
  for await (const key of store.list('videos/')) if (key.endsWith('.mp4')) keys.push(key);
  const file = path.join(workFolder, 'look.mp4');
  const parts: Uint8Array[] = [];
  for await (const part of await store.read(keys[0] ?? '')) parts.push(part);
  await writeFile(file, Buffer.concat(parts));
  const shown = await decodeFilm(file, { widthPx: 640, heightPx: 360 });
  const raw = { width: 640, height: 360, channels: 4 } as const;
  const expected = await Promise.all(
    frames.map(async (frame) =>
      sharp({ create: { width: 640, height: 360, channels: 3, background: '#808080' } })
        .composite([{ input: (await sidecarOf(frame)).data, raw }])
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  for (const [index, picture] of shown.entries()) {
    const off = expected.map((one) => meanOff(picture, one));
    expect(off.indexOf(Math.min(...off))).toBe(index);
    expect(Math.min(...off)).toBeLessThan(3);
  }

  // The site's name is not shown.
  made.length = 0;
  await records.changeSite(site.id, { name: 'Another name' });
  expect(await film()).toMatchObject({ state: 'ready' });
  expect(made).toEqual(['video']);

  // Another overlay is as good as new frames for films that grow.
  await records.growVideos(0);
  expect(await records.growVideos(0)).toBe(0);
  await show({ templateId: CLOCK });
  await records.growVideos(0);
  expect(await records.growVideos(0)).toBe(2);
});

test('a worker draws new ones and old ones at the same time, and stops in between when it is told to', async () => {
  const { show, shoot, records, log, sidecars, clock, timelapse } = await openOverlayRecords();
  await shoot([0, 1, 2]);
  await show({ templateId: CLOCK });
  await shoot([3]);
  const stop = new AbortController();
  const nothing = async () => {};
  const runners = {
    thumbnail: nothing,
    segment: nothing,
    video: nothing,
    bulk: nothing,
    animation: nothing,
    overlay: sidecars.one,
    'overlay-remake': sidecars.all,
  };
  const atOnce = { bulk: 0, thumbnail: 0, segment: 0, video: 0, animation: 0, overlay: 1, 'overlay-remake': 1 };
  const running = createWorker({ clock, log, jobs: records, runners }, { atOnce }).run(stop.signal);
  await until('all are drawn', async () => (await records.timelapseOverlay(timelapse.id))?.progress?.ready === 4);
  stop.abort();
  await running;
});
