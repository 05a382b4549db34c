import type { FrameId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import { until } from '../rig/until.ts';
import type { OpenHouse } from './records.ts';
import { filmOf, LEASE, MINUTE, storeFrames, wanted } from './stored-frames.ts';

export function recordsWork(openHouse: OpenHouse): void {
  test('thumbnails of new frames go before a film that waits longer', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock, timelapse } = scene;
    await storeFrames(scene, 2);
    await records.createVideo(filmOf(timelapse.id));
    await clock.advance(1000);
    await storeFrames({ ...scene, now: clock.now() }, 2);
    const kinds: string[] = [];
    for (let job = await records.lease(['video', 'thumbnail'], LEASE); job !== null; ) {
      kinds.push(job.kind);
      job = await records.lease(['video', 'thumbnail'], LEASE);
    }
    expect(kinds).toEqual(['thumbnail', 'thumbnail', 'thumbnail', 'thumbnail', 'video']);
  });

  test('thumbnails of a backlog go after those of new frames, and whoever is in a hurry leaves them', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock } = scene;
    await clock.advance(60 * MINUTE);
    const old = await storeFrames(scene, 3);
    await clock.advance(1000);
    const [fresh] = await storeFrames({ ...scene, now: clock.now() }, 1);
    expect(await records.lease(['thumbnail'], LEASE, { urgent: true })).toMatchObject({ subject: fresh });
    expect(await records.lease(['thumbnail'], LEASE, { urgent: true })).toBeNull();
    const rest = [await wanted(records.lease(['thumbnail'], LEASE)), await wanted(records.lease(['thumbnail'], LEASE))];
    for (const job of rest) expect(old).toContain(job.subject);
  });

  test('pictures that are stored together count as they would one by one', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, now } = scene;
    const events = [3, 1, 2].map((minute) =>
      (minute === 1 ? edge.flagged : edge.captured)(timelapse.id, cameraId, now + minute * MINUTE),
    );
    await records.recordEvents(events);
    const frames = events.map(frameOf);
    const before = await records.lastPosition();
    await records.picturesStored([...frames, ...frames]);
    await records.picturesStored(frames);
    const newest = frames[0];
    expect(await records.totals()).toMatchObject({ frames: 3 });
    expect(await records.timelapse(timelapse.id)).toMatchObject({
      frames: 3,
      flagged: 1,
      firstFrameAt: now + MINUTE,
      lastFrameAt: now + 3 * MINUTE,
    });
    expect((await records.camera(cameraId))?.newest?.frameId).toBe(newest);
    const told = (await records.feedAfter(before, 100)).map(({ event }) => event);
    expect(told.map(({ type }) => type)).toEqual(['frame.captured', 'frame.flagged', 'frame.captured']);
    expect(told.map(({ body }) => 'frameId' in body && body.frameId)).toEqual(frames);
    expect((await records.jobCounts()).waiting).toBe(3);
  });

  test('each job is leased to one worker', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    const frames = await storeFrames(scene, 20);
    const video = await records.createVideo(filmOf(timelapse.id));
    expect(await records.jobCounts()).toEqual({ waiting: 21, running: 0, dead: 0 });
    const leased = await Promise.all(Array.from({ length: 30 }, () => records.lease(['thumbnail', 'video'], LEASE)));
    const jobs = leased.filter((job) => job !== null);
    expect(jobs.map((job) => job.subject).sort()).toEqual([...frames, video.id].sort());
    expect(new Set(jobs.map((job) => `${job.attempt} ${job.fence}`))).toEqual(new Set(['1 1']));
    expect(await records.jobCounts()).toEqual({ waiting: 0, running: 21, dead: 0 });
    for (const job of jobs) expect(await records.finish(job)).toBe(true);
    for (const job of jobs) expect(await records.finish(job)).toBe(false);
    expect((await records.jobs({ limit: 50, state: 'done' })).items).toHaveLength(21);
    expect(await records.lease([], LEASE)).toBeNull();
  });

  test('a lease that nobody renews is taken over, and the old holder can do nothing more', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock } = scene;
    await storeFrames(scene, 1);
    const first = await wanted(records.lease(['thumbnail'], LEASE));
    await clock.advance(LEASE - 1);
    expect(await records.heartbeat(first, LEASE)).toBe(true);
    await clock.advance(LEASE - 1);
    expect(await records.lease(['thumbnail'], LEASE)).toBeNull();
    await clock.advance(1);
    const second = await wanted(records.lease(['thumbnail'], LEASE));
    expect(second).toMatchObject({ id: first.id, attempt: 2 });
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(await records.heartbeat(first, LEASE)).toBe(false);
    expect(await records.finish(first)).toBe(false);
    expect(await records.fail(first, { message: 'late', retry: 'never' })).toBe('lost');
    expect(await records.finish(second)).toBe(true);
  });

  test('several jobs are taken and ended by one commit each; of a lost one nothing is taken in', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock } = scene;
    const frames: FrameId[] = [];
    for (let frame = 0; frame < 5; frame += 1) {
      frames.push(...(await storeFrames(scene, 1)));
      await clock.advance(1);
    }
    const taken = await records.leaseSome(['thumbnail'], LEASE, { most: 3 });
    expect(taken.map(({ subject }) => subject)).toEqual(frames.slice(0, 3));
    expect(await records.jobCounts()).toMatchObject({ waiting: 2, running: 3 });
    await clock.advance(LEASE);
    const [again] = await records.leaseSome(['thumbnail'], LEASE, { most: 1 });
    expect(again).toMatchObject({ id: taken[0]?.id, attempt: 2 });
    const said = (index: number) => ({ frameId: frames[index] as FrameId, failed: index === 1 ? 'no' : null });
    const before = await records.lastPosition();
    const ends = taken.map((job, index) => ({ job, thumbnail: said(index) }));
    expect(await records.finishAll(ends)).toEqual([false, true, true]);
    const told = await Promise.all(frames.map(async (id) => (await records.frame(id))?.thumbnail));
    expect(told).toEqual(['pending', 'failed', 'ready', 'pending', 'pending']);
    const feed = (await records.feedAfter(before, 10)).map(({ at, event }) => [at, event.type]);
    expect(feed).toEqual([
      [clock.now(), 'thumbnail.failed'],
      [clock.now(), 'thumbnail.ready'],
    ]);
    expect(await records.finishAll([])).toEqual([]);
    expect(await records.leaseSome(['thumbnail'], LEASE, { most: 9 })).toHaveLength(2);
  });

  test('what fails is tried again after 30 s, 2 min and 5 min, then it is dead, and can be revived by hand', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock } = scene;
    const [frame] = await storeFrames(scene, 1);
    for (const waitMs of [30_000, 120_000, 300_000]) {
      const job = await wanted(records.lease(['thumbnail'], LEASE));
      expect(await records.fail(job, { message: 'no memory', retry: 'soon' })).toBe('again');
      await clock.advance(waitMs - 1);
      expect(await records.lease(['thumbnail'], LEASE)).toBeNull();
      await clock.advance(1);
    }
    const last = await wanted(records.lease(['thumbnail'], LEASE));
    expect(await records.fail(last, { message: 'no memory', retry: 'later' })).toBe('dead');
    expect(await records.jobCounts()).toEqual({ waiting: 0, running: 0, dead: 1 });
    expect((await records.jobs({ limit: 1, state: 'dead' })).items).toMatchObject([
      { subject: frame, attempts: 4, lastError: 'no memory' },
    ]);
    expect((await records.frame(frame as never))?.thumbnail).toBe('failed');
    expect(await records.retryJob(last.id)).toBe(true);
    expect(await records.retryJob(last.id)).toBe(false);
    const again = await wanted(records.lease(['thumbnail'], LEASE));
    expect(again).toMatchObject({ id: last.id, attempt: 1 });
    expect(again.fence).toBeGreaterThan(last.fence);
    expect(await records.finish(last)).toBe(false);
    expect(await records.fail(again, { message: 'not a picture', retry: 'never' })).toBe('dead');
  });

  test('a job that keeps killing its worker is given up', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock, timelapse } = scene;
    await storeFrames(scene, 2);
    const video = await records.createVideo(filmOf(timelapse.id));
    let leases = 0;
    while ((await records.lease(['video'], LEASE)) !== null) {
      leases += 1;
      await clock.advance(LEASE);
    }
    expect(leases).toBe(20);
    expect(await records.video(video.id)).toMatchObject({ state: 'failed', reason: expect.stringContaining('20') });
    expect((await records.jobCounts()).dead).toBe(1);
  });

  test('listeners hear of planned jobs and of jobs whose time has come', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock } = scene;
    let rings = 0;
    const end = records.onPlanned(() => {
      rings += 1;
    });
    await storeFrames(scene, 1);
    expect(rings).toBeGreaterThan(0);
    const job = await wanted(records.lease(['thumbnail'], LEASE));
    await records.fail(job, { message: 'once more', retry: 'soon' });
    const before = rings;
    await until('the time of the job has come', async () => {
      await clock.advance(1000);
      return rings > before;
    });
    expect(await records.lease(['thumbnail'], LEASE)).not.toBeNull();
    end();
    end();
    const after = rings;
    await storeFrames(scene, 1);
    expect(rings).toBe(after);
  });

  test('the feed is replayed from any point, in the order of the commits', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, cameraId, now } = scene;
    const seen: number[] = [];
    let reading = Promise.resolve();
    const read = async () => {
      const last = seen.at(-1) ?? 0;
      for (const entry of await records.feedAfter(last, 1000)) seen.push(entry.position);
    };
    const end = records.onAppended(() => {
      reading = reading.then(read);
    });
    await Promise.all(
      Array.from({ length: 25 }, (_, index) => records.recordEvents([edge.taken(cameraId, now + index)])),
    );
    await reading;
    end();
    const all = await records.feedAfter(0, 1000);
    expect(seen).toEqual(all.map((entry) => entry.position));
    expect(all.filter((entry) => entry.event.type === 'frame.announced')).toHaveLength(25);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(await records.firstPosition()).toBe(seen[0]);
    expect(await records.lastPosition()).toBe(seen.at(-1));
    expect(await records.feedAfter(seen[3] ?? 0, 2)).toEqual(all.slice(4, 6));
  });
}
