import { newVideoId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import { address, madePiece, piece } from './films-arrange.ts';
import type { OpenHouse } from './records.ts';
import { filmOf, LEASE, MINUTE, storeFrames, wanted } from './stored-frames.ts';

export function recordsVideos(openHouse: OpenHouse): void {
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
    const job = await wanted(records.lease(['video'], LEASE));
    expect(await records.planSegments(job, id, [piece('a', 8)])).toBe('waits');
    await records.segmentProgressed(address('a'), 4);
    await records.segmentReady(address('a'), madePiece('a', 8));
    expect(await records.video(id)).toMatchObject({ state: 'rendering', framesDone: 8 });
    const film = { widthPx: 1920, heightPx: 1080, durationMs: 333, sizeBytes: 5e9, framesDone: 8, framesLeftOut: 0 };
    expect(await records.videoReady(id, { ...made, ...film })).toEqual({ wanted: true, replaced: [] });
    expect(await records.videoReady(id, { ...made, ...film })).toEqual({ wanted: true, replaced: [] });
    expect(await records.video(id)).toMatchObject({ state: 'ready', ...film, playable: true, finishedAt: scene.now });
    await records.segmentProgressed(address('a'), 2);
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
      expect(await records.planSegments(job, id, [])).toBe('ready');
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
    expect(await records.planSegments(job, id, [])).toBe('ready');
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
}

const made = {
  framesTotal: 8,
  fps: 24,
  speedReason: null,
  key: 'videos/made.mp4',
  posterKey: null,
  ffmpeg: '5.1.9',
  encoder: 'software' as const,
  encoderReason: null,
  joinMs: 10,
};
