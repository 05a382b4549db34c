import { newVideoId, type VideoId, type VideoInput } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { aFilm } from '../rig/film.ts';
import { address, LEASE, MINUTE, made, madePiece, openFilmScene, piece, storeFrames } from './films-arrange.ts';
import type { OpenHouse } from './records.ts';

export function recordsFilms(openHouse: OpenHouse): void {
  test('a film waits for its pieces, which any worker makes, and is due again when the last one is there', async (context) => {
    const { records, create, lease, clock } = await openFilmScene(openHouse, context);
    const { id } = await create();
    const job = await lease('video');
    expect(await records.planSegments({ ...job, fence: 9 }, id, [piece('a')])).toBe('lost');
    expect(await records.planSegments(job, id, [piece('a'), piece('b')])).toBe('waits');
    expect(await records.finish(job)).toBe(false);
    expect(await records.lease(['video'], LEASE)).toBeNull();
    const [a, b] = [await lease('segment'), await lease('segment')];
    expect([a.subject, b.subject].sort()).toEqual([address('a'), address('b')]);
    expect(await records.segmentRecipe(a.subject)).toBe(piece(a.subject[0] ?? '').recipe);
    await clock.advance(1000);
    await records.segmentProgressed(a.subject, 5);
    expect(await records.video(id)).toMatchObject({
      state: 'rendering',
      framesDone: 5,
      framesTotal: 20,
      timeLeftMs: 3000,
    });
    expect(await records.segmentReady(a.subject, madePiece('a'))).toBe(true);
    expect(await records.finish(a)).toBe(true);
    // A worker that was thought dead and was not.
    expect(await records.segmentReady(a.subject, madePiece('x'))).toBe(false);
    expect(await records.segmentRecipe(a.subject)).toBeNull();
    expect(await records.lease(['video'], LEASE)).toBeNull();
    // The other worker dies: its piece is taken over.
    await clock.advance(LEASE);
    const taken = await lease('segment');
    expect(taken.subject).toBe(b.subject);
    await records.segmentReady(b.subject, madePiece('b', 9));
    const again = await lease('video');
    expect(again).toMatchObject({ id: job.id, attempt: 1 });
    expect(await records.planSegments(again, id, [piece('a'), piece('b')])).toBe('ready');
    expect((await records.segmentsOf(id)).map((segment) => [segment.address[0], segment.framesShown])).toEqual([
      ['a', a.subject === address('a') ? 10 : 9],
      ['b', a.subject === address('a') ? 9 : 10],
    ]);
    expect(await records.shownSegments(id)).toEqual([]);
    await records.videoReady(id, made);
    expect((await records.shownSegments(id)).map((segment) => segment.address)).toEqual([address('a'), address('b')]);
  });

  test('a piece is made once for all films that want it, and another film of the same pieces encodes nothing', async (context) => {
    const { records, create, lease, finish } = await openFilmScene(openHouse, context);
    const [one, two] = [await create(), await create()];
    const [first, second] = [await lease('video'), await lease('video')];
    for (const job of [first, second])
      expect(await records.planSegments(job, job.subject as VideoId, [piece('a'), piece('b')])).toBe('waits');
    const pieces = [await lease('segment'), await lease('segment')];
    expect(await records.lease(['segment'], LEASE)).toBeNull();
    // One of both films is cancelled: what the other one wants goes on.
    expect(await records.cancelVideo(one.id)).toBe(true);
    for (const job of pieces) expect(await records.heartbeat(job, LEASE)).toBe(true);
    for (const job of pieces) await records.segmentReady(job.subject, madePiece(job.subject[0] ?? ''));
    expect((await lease('video')).subject).toBe(two.id);
    const three = await create();
    const third = await lease('video');
    expect(await records.planSegments(third, three.id, [piece('a'), piece('b')])).toBe('ready');
    expect(await records.video(three.id)).toMatchObject({ framesDone: 20, timeLeftMs: null });
    await expect(finish(three.id, 'ab')).rejects.toThrow('no video is due');
  });

  test('a cancelled film stops the workers of its pieces', async (context) => {
    const { records, create, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    await records.planSegments(await lease('video'), id, [piece('a'), piece('b')]);
    const working = await lease('segment');
    expect(await records.cancelVideo(id)).toBe(true);
    expect(await records.heartbeat(working, LEASE)).toBe(false);
    expect(await records.lease(['segment', 'video'], LEASE)).toBeNull();
  });

  test('a piece that cannot be made fails its films in words, and a new try plans it again', async (context) => {
    const { records, create, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    const video = await lease('video');
    await records.planSegments(video, id, [piece('a')]);
    const job = await lease('segment');
    expect(await records.fail(job, { message: 'no encoder', retry: 'never' })).toBe('dead');
    expect(await records.video(id)).toMatchObject({ state: 'failed', reason: 'no encoder' });
    expect(await records.retryJob(video.id)).toBe(true);
    expect(await records.video(id)).toMatchObject({ state: 'queued', reason: null });
    expect(await records.planSegments(await lease('video'), id, [piece('a')])).toBe('waits');
    expect((await lease('segment')).subject).toBe(address('a'));
  });

  test('films whose hardware fails in the middle are planned anew, for software from now on', async (context) => {
    const { records, create, lease } = await openFilmScene(openHouse, context);
    const [one, two] = [await create(), await create()];
    expect(one).toMatchObject({ encoder: null, encoderReason: null });
    for (const job of [await lease('video'), await lease('video')])
      expect(await records.planSegments(job, job.subject as VideoId, [piece('a'), piece('b')])).toBe('waits');
    const hard = await lease('segment');
    await records.encoderFailed(hard.subject, 'vaapi failed.');
    expect(await records.heartbeat(hard, LEASE)).toBe(false);
    expect(await records.lease(['segment'], LEASE)).toBeNull();
    for (const job of [await lease('video'), await lease('video')]) {
      const plan = await records.videoPlan(job.subject as VideoId);
      expect(plan?.video).toMatchObject({ encoder: 'software', encoderReason: 'vaapi failed.' });
      expect(plan?.about).toEqual({ name: 'The bridge', timeZone: 'UTC' });
      expect(await records.planSegments(job, job.subject as VideoId, [piece('c')])).toBe('waits');
    }
    const soft = await lease('segment');
    expect(soft.subject).toBe(address('c'));
    await records.segmentReady(soft.subject, madePiece('c'));
    expect([(await lease('video')).subject, (await lease('video')).subject].sort()).toEqual([one.id, two.id].sort());
    await records.encoderFailed(address('b'), 'again');
    expect(await records.video(one.id)).toMatchObject({ state: 'rendering', encoderReason: 'vaapi failed.' });
  });

  test('a film that is made anew can be looked at as it was, until the new one has taken its place', async (context) => {
    const { records, create, finish, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    await finish(id, 'ab');
    expect(await records.changeVideo(id, { name: 'Faster', fps: 60 })).toMatchObject({
      state: 'queued',
      name: 'Faster',
      fps: 24,
      playable: true,
    });
    await expect(records.changeVideo(id, { fps: 30 })).rejects.toMatchObject({ code: 'video.not-finished' });
    expect((await records.videoPlan(id))?.input).toMatchObject({ fps: 60, length: null });
    expect(await records.videoObjects(id)).toEqual({
      key: 'videos/one.mp4',
      posterKey: 'videos/one.jpg',
      gifKey: null,
      webpKey: null,
    });
    // Cancelled or failed it is what it was.
    expect(await records.cancelVideo(id)).toBe(true);
    expect(await records.video(id)).toMatchObject({ state: 'ready', fps: 24 });
    await records.changeVideo(id, { length: { seconds: 2, minFps: 1, maxFps: 60 } });
    const job = await lease('video');
    await records.fail(job, { message: 'no disk', retry: 'never' });
    expect(await records.video(id)).toMatchObject({ state: 'ready', reason: 'no disk', playable: true });
    expect(await records.retryJob(job.id)).toBe(true);
    const said = await (async () => {
      const again = await lease('video');
      expect(await records.planSegments(again, id, [piece('a'), piece('b')])).toBe('ready');
      return records.videoReady(id, { ...made, key: 'videos/two.mp4', posterKey: null, fps: 10 });
    })();
    expect(said).toEqual({ wanted: true, replaced: ['videos/one.mp4', 'videos/one.jpg'] });
    expect(await records.video(id)).toMatchObject({ state: 'ready', fps: 10, reason: null });
  });

  test('a film that is asked for anew before its worker has ended its job is made anew', async (context) => {
    const { records, create, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    const first = await lease('video');
    expect(await records.planSegments(first, id, [])).toBe('ready');
    await records.videoReady(id, made);
    await records.changeVideo(id, { fps: 60 });
    expect(await records.lease(['video'], LEASE)).toBeNull();
    expect(await records.finish(first)).toBe(true);
    const second = await lease('video');
    expect(await records.planSegments(second, id, [])).toBe('ready');
    await records.videoReady(id, made);
    await records.finish(second);
    expect(await records.lease(['video'], LEASE)).toBeNull();
  });

  test('pieces that no film wants any more go, and are made again when one does', async (context) => {
    const { records, create, finish, clock, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    await finish(id, 'ab');
    await clock.advance(1000);
    expect(await records.takeUnusedSegments(clock.now(), 10)).toEqual([]);
    expect(await records.unclaimedFilmKeys(['segments/a.mp4', 'videos/one.jpg', 'videos/lost.mp4'])).toEqual([
      'videos/lost.mp4',
    ]);
    await records.deleteVideo(id);
    expect(await records.takeUnusedSegments(clock.now() - 5000, 10)).toEqual([]);
    const gone = await records.takeUnusedSegments(clock.now(), 1);
    expect(gone).toMatchObject([{ key: expect.stringMatching(/^segments/) }]);
    expect(await records.segment(gone[0]?.address ?? '')).toBeNull();
    const next = await create();
    // The one that is going is wanted again before its row has gone: its object may be gone, so it is made again.
    expect(await records.planSegments(await lease('video'), next.id, [piece('a'), piece('b')])).toBe('waits');
    expect((await lease('segment')).subject).toBe(gone[0]?.address);
    await records.forgetSegment(gone[0]?.address ?? '');
    expect(await records.segmentReady(gone[0]?.address ?? '', madePiece('z'))).toBe(true);
  });

  test('an animated preview is made when somebody asks, and once more when its film has changed meanwhile', async (context) => {
    const { records, create, finish, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    await expect(records.animateVideo(id)).rejects.toMatchObject({ code: 'video.not-finished' });
    await finish(id, 'ab');
    expect([await records.animateVideo(newVideoId()), await records.animationPlan(id)]).toEqual([null, null]);
    const none = { state: 'wanted', reason: null, gifBytes: null, webpBytes: null };
    expect((await records.animateVideo(id))?.animation).toEqual(none);
    expect((await records.animateVideo(id))?.animation).toEqual(none);
    const first = await lease('animation');
    expect(await records.lease(['animation'], LEASE)).toBeNull();
    expect(await records.animationPlan(id)).toEqual({ widthPx: 64, heightPx: 36 });
    await records.changeVideo(id, { fps: 60 });
    const film = await lease('video');
    expect(await records.planSegments(film, id, [piece('a'), piece('b')])).toBe('ready');
    await records.videoReady(id, { ...made, key: 'videos/two.mp4', posterKey: null });
    const animation = (name: string) => ({
      gif: { key: `videos/${name}.gif`, sizeBytes: 5e9 },
      webp: { key: `videos/${name}.webp`, sizeBytes: 7 },
    });
    expect(await records.animationReady(id, animation('one'))).toEqual({ wanted: true, replaced: [] });
    expect(await records.animationReady(id, animation('one'))).toEqual({ wanted: true, replaced: [] });
    expect(await records.finish(first)).toBe(true);
    const second = await lease('animation');
    expect(await records.animationReady(id, animation('two'))).toEqual({
      wanted: true,
      replaced: ['videos/one.gif', 'videos/one.webp'],
    });
    await records.finish(second);
    expect((await records.video(id))?.animation).toEqual({ ...none, state: 'ready', gifBytes: 5e9, webpBytes: 7 });
    expect(await records.videoObjects(id)).toMatchObject({ gifKey: 'videos/two.gif', webpKey: 'videos/two.webp' });
    expect(await records.unclaimedFilmKeys(['videos/one.gif', 'videos/two.gif', 'videos/two.webp'])).toEqual([
      'videos/one.gif',
    ]);
    await records.animateVideo(id);
    const third = await lease('animation');
    expect(await records.fail(third, { message: 'no disk', retry: 'never' })).toBe('dead');
    expect((await records.video(id))?.animation).toMatchObject({ state: 'failed', reason: 'no disk', webpBytes: 7 });
    expect(await records.retryJob(third.id)).toBe(true);
    expect((await records.video(id))?.animation).toMatchObject({ state: 'wanted', reason: null });
    await records.deleteVideo(id);
    expect(await records.animationReady(id, animation('late'))).toEqual({ wanted: false, replaced: [] });
  });

  test('a film that waits for work which nobody does any more is woken', async (context) => {
    const { records, house, create, lease } = await openFilmScene(openHouse, context);
    const { id } = await create();
    await records.planSegments(await lease('video'), id, [piece('a')]);
    expect(await records.releaseStranded()).toBe(0);
    await house.execute(`update jobs set state = 'cancelled' where kind = 'segment'`);
    expect(await records.releaseStranded()).toBe(1);
    expect(await records.planSegments(await lease('video'), id, [piece('a')])).toBe('waits');
    expect((await lease('segment')).subject).toBe(address('a'));
  });

  test('a growing film takes in new and late frames, after a pause and once', async (context) => {
    const scene = await openFilmScene(openHouse, context, 5);
    const { records, create, finish, clock } = scene;
    const { id } = await create({ grows: true });
    await finish(id, 'a', { framesTotal: 5 });
    expect(await records.growVideos(MINUTE)).toBe(0);
    const late = await storeFrames(scene, -3, 1);
    await storeFrames(scene, 5, 1);
    expect(await records.growVideos(MINUTE)).toBe(0);
    await clock.advance(MINUTE - 1);
    expect(await records.growVideos(MINUTE)).toBe(0);
    await clock.advance(1);
    expect(await records.growVideos(MINUTE)).toBe(1);
    expect(await records.growVideos(MINUTE)).toBe(0);
    expect(await records.video(id)).toMatchObject({ state: 'queued', playable: true });
    const plan = await records.videoPlan(id);
    expect(plan?.frames.map(({ frameId }) => frameId)).toEqual([...late, ...scene.ids, expect.anything()]);
    expect(plan?.frames.map(({ brightness }) => brightness)).toEqual([-3, 0, 1, 2, 3, 4, 5]);
    await finish(id, 'ab', { framesTotal: 7 });
    expect(await records.growVideos(MINUTE)).toBe(0);
  });

  test('the frames of a film are chosen by windows, last, every nth and even light, and the preview counts the same', async (context) => {
    const { records, create, ids, timelapse } = await openFilmScene(openHouse, context, 30);
    const choices: [Partial<VideoInput>, number[]][] = [
      [{ everyNth: 7 }, [0, 7, 14, 21, 28]],
      [{ last: { frames: 3 } }, [27, 28, 29]],
      [{ last: { days: 4 / 1440 }, everyNth: 2 }, []],
      [
        {
          windows: [
            { from: '12:10', to: '12:12' },
            { from: '12:29', to: '12:05' },
          ],
        },
        [0, 1, 2, 3, 4, 10, 11, 29],
      ],
    ];
    for (const [choice, wanted] of choices) {
      const input = { timelapseId: timelapse.id, ...aFilm, ...choice, fps: 10 };
      const preview = await records.previewVideo(input);
      if ('last' in choice && choice.last && 'days' in choice.last) {
        expect(preview.frames).toBeGreaterThan(0);
        continue;
      }
      const { id } = await create(choice);
      const chosen = (await records.videoPlan(id))?.frames.map(({ frameId }) => ids.indexOf(frameId));
      expect(chosen).toEqual(wanted);
      expect(preview).toEqual({ frames: wanted.length, fps: 10, durationMs: wanted.length * 100, reason: null });
    }
    const even = await create({ evenLight: 'hour' }).catch((thrown: { code: string }) => thrown.code);
    expect(even).toBe('video.too-few-frames');
  });
}
