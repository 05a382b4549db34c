import { newVideoId, type VideoInput } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import { until } from '../rig/until.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const LEASE = 30_000;

/** Frames of consecutive minutes, every fifth one flagged, all stored. */
async function storeFrames({ records, edge, timelapse, cameraId, now }: RecordsScene, count: number) {
  const events = Array.from({ length: count }, (_, index) =>
    index % 5 === 4
      ? edge.flagged(timelapse.id, cameraId, now + index * MINUTE)
      : edge.captured(timelapse.id, cameraId, now + index * MINUTE),
  );
  await records.recordEvents(events);
  for (const event of events) await records.pictureStored(frameOf(event));
  return events.map(frameOf);
}

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

  test('a film remembers which frames it shows, in the order of their slots', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, now } = scene;
    await expect(records.createVideo(filmOf(timelapse.id))).rejects.toMatchObject({ code: 'video.too-few-frames' });
    expect((await records.videos({ limit: 10 })).items).toEqual([]);
    const frames = await storeFrames(scene, 10);
    const waiting = edge.captured(timelapse.id, cameraId, now + 10 * MINUTE);
    await records.recordEvents([waiting]);
    const video = await records.createVideo(filmOf(timelapse.id));
    expect(video).toMatchObject({ state: 'queued', framesTotal: 8, framesDone: 0, name: 'The bridge 2026-06-01' });
    // What comes later belongs to the next film.
    await records.pictureStored(frameOf(waiting));
    const plan = await wanted(records.videoPlan(video.id));
    expect(plan.frames.map((frame) => frame.frameId)).toEqual(frames.filter((_, index) => index % 5 !== 4));
    expect(plan.frames[0]).toEqual({
      ...(await records.framePicture(frames[0] as never)),
      at: now,
      brightness: null,
    });
    expect(plan.input).toEqual(filmOf(timelapse.id));
    const part = await records.createVideo({
      ...filmOf(timelapse.id),
      name: 'Part',
      from: now + 3 * MINUTE,
      to: now + 6 * MINUTE,
      flagged: true,
    });
    expect((await records.videoPlan(part.id))?.frames.map((frame) => frame.frameId)).toEqual(frames.slice(3, 6));
    const all = await records.videos({ limit: 1, timelapseId: timelapse.id });
    const rest = await records.videos({ limit: 1, timelapseId: timelapse.id, after: all.next ?? undefined });
    expect([...all.items, ...rest.items].map((item) => item.id).sort()).toEqual([video.id, part.id].sort());
    expect(await records.videoPlan(newVideoId())).toBeNull();
    expect(await records.video(newVideoId())).toBeNull();
  });

  test('a film is queued, rendered and ready, and says so once', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    await storeFrames(scene, 10);
    const { id } = await records.createVideo(filmOf(timelapse.id));
    const position = await records.lastPosition();
    for (const done of [0, 0, 4, 4, 8]) await records.videoProgressed(id, done);
    expect(await records.video(id)).toMatchObject({ state: 'rendering', framesDone: 8 });
    const film = { widthPx: 1920, heightPx: 1080, durationMs: 333, sizeBytes: 5e9, framesDone: 8, framesLeftOut: 0 };
    expect(await records.videoReady(id, { ...made, ...film })).toEqual({ wanted: true, replaced: [] });
    expect(await records.videoReady(id, { ...made, ...film })).toEqual({ wanted: true, replaced: [] });
    expect(await records.video(id)).toMatchObject({ state: 'ready', ...film, playable: true, finishedAt: scene.now });
    await records.videoProgressed(id, 2);
    await records.videoFailed(id, 'too late');
    expect(await records.cancelVideo(id)).toBe(false);
    expect(await records.video(id)).toMatchObject({ state: 'ready', framesDone: 8, reason: null });
    expect((await records.feedAfter(position, 50)).map((entry) => entry.event.type)).toEqual([
      'video.progressed',
      'video.progressed',
      'video.progressed',
      'video.completed',
    ]);
    expect(await records.deleteVideo(id)).toBe(true);
    expect(await records.deleteVideo(id)).toBe(false);
    expect(await records.videoPlan(id)).toBeNull();
  });

  test('a cancelled or deleted film stops its worker and takes no result', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    await storeFrames(scene, 3);
    const film = { widthPx: 2, heightPx: 2, durationMs: 1, sizeBytes: 1, framesDone: 3, framesLeftOut: 0 };
    for (const end of ['cancelVideo', 'deleteVideo'] as const) {
      const { id } = await records.createVideo(filmOf(timelapse.id));
      const job = await wanted(records.lease(['video'], LEASE));
      await records.videoProgressed(id, 1);
      expect(await records[end](id)).toBe(true);
      expect(await records.heartbeat(job, LEASE)).toBe(false);
      expect(await records.finish(job)).toBe(false);
      expect(await records.videoReady(id, { ...made, ...film })).toEqual({ wanted: false, replaced: [] });
      await records.videoFailed(id, 'stopped');
      expect((await records.video(id))?.state).toBe(end === 'cancelVideo' ? 'cancelled' : undefined);
      expect(await records.cancelVideo(id)).toBe(false);
      expect(await records.retryJob(job.id)).toBe(false);
    }
    const waiting = await records.createVideo(filmOf(timelapse.id));
    await records.cancelVideo(waiting.id);
    expect(await records.lease(['video'], LEASE)).toBeNull();
    expect((await records.jobs({ limit: 9, state: 'cancelled' })).items).toHaveLength(3);
  });

  test('a film whose job fails waits again, and fails with its reason when the job is dead', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, clock, timelapse } = scene;
    await storeFrames(scene, 3);
    const { id } = await records.createVideo(filmOf(timelapse.id));
    const job = await wanted(records.lease(['video'], LEASE));
    await records.videoProgressed(id, 1);
    expect(await records.fail(job, { message: 'killed', retry: 'soon' })).toBe('again');
    expect((await records.video(id))?.state).toBe('queued');
    await clock.advance(30_000);
    const again = await wanted(records.lease(['video'], LEASE));
    expect(await records.fail(again, { message: 'no ffmpeg', retry: 'never' })).toBe('dead');
    await records.videoFailed(id, 'no ffmpeg');
    expect(await records.video(id)).toMatchObject({ state: 'failed', reason: 'no ffmpeg' });
    const failed = (await records.feedAfter(0, 200)).filter((entry) => entry.event.type === 'video.failed');
    expect(failed).toHaveLength(1);
    expect(await records.retryJob(again.id)).toBe(true);
    expect(await records.video(id)).toMatchObject({ state: 'queued', reason: null, finishedAt: null });
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

async function wanted<Value>(found: Promise<Value | null>): Promise<Value> {
  const value = await found;
  if (value === null) throw new Error('there is none');
  return value;
}

const made = {
  framesTotal: 8,
  fps: 24,
  speedReason: null,
  key: 'videos/made.mp4',
  posterKey: null,
  ffmpeg: '5.1.9',
  joinMs: 10,
};

const filmOf = (timelapseId: VideoInput['timelapseId']): VideoInput => ({
  timelapseId,
  fps: 24,
  heightPx: 1080,
  quality: 'medium',
  from: null,
  to: null,
  flagged: false,
});
