import { createHash } from 'node:crypto';
import { createStocktake } from '@slowlight/control-plane/src/stocktake/stocktake.ts';
import {
  type FrameId,
  frameIdOf,
  frameKey,
  segmentKey,
  sidecarKey,
  thumbnailKey,
  type VideoId,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { made } from '../contracts/films-arrange.ts';
import { openDirectoryStore } from '../rig/directory-store.ts';
import { frameOf } from '../rig/edge.ts';
import { aFilm } from '../rig/film.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import { openSqliteHouse } from '../rig/sqlite-house.ts';
import { until } from '../rig/until.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const JPEG = 'image/jpeg';

/** Six stored frames with their thumbnails, and a clock that is three days on. */
async function openStock(context: Parameters<typeof openRecordsScene>[1]) {
  const scene = await openRecordsScene(openSqliteHouse, context);
  const { records, edge, timelapse, cameraId, clock, now } = scene;
  const { store } = await openDirectoryStore(clock);
  const frames: FrameId[] = [];
  for (let index = 0; index < 6; index += 1) {
    const bytes = Buffer.from(`picture ${index}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const event = edge.captured(timelapse.id, cameraId, now + index * MINUTE, { sizeBytes: bytes.length, sha256 });
    const frame = frameOf(event);
    await records.recordEvents([event]);
    await store.write(frameKey(frame, JPEG), bytes, JPEG);
    await store.write(thumbnailKey(frame, 'small'), bytes, JPEG);
    await records.pictureStored(frame);
    frames.push(frame);
  }
  clock.setWall(Date.now() + 3 * DAY);
  const stocktake = createStocktake({ clock, log: createQuietLog(), records, objects: store });
  const take = async (repair: boolean) => {
    stocktake.begin(repair);
    return until('it has ended', () => (stocktake.report()?.state === 'running' ? null : stocktake.report()));
  };
  const first = frames[0] as FrameId;
  return { ...scene, store, frames, first, stocktake, take };
}

test('where records and store agree there is nothing to repair', async (context) => {
  const { take } = await openStock(context);
  expect(await take(true)).toMatchObject({
    state: 'done',
    framesLookedAt: 6,
    objectsLookedAt: 12,
    missing: { count: 0 },
    orphans: { count: 0 },
    back: 0,
  });
});

test('a picture that is gone is told and no longer counts; put back it counts again', async (context) => {
  const { records, store, first, timelapse, take } = await openStock(context);
  const key = frameKey(first, JPEG);
  const before = await records.totals();
  await store.remove(key);
  expect((await take(false)).missing).toMatchObject({ count: 1, keys: [key] });
  expect((await records.frame(first))?.picture, 'looking changes nothing').toBe('stored');
  await take(true);
  expect((await records.frame(first))?.picture).toBe('missing');
  expect((await records.totals()).frames).toBe(5);
  expect(await records.timelapse(timelapse.id)).toMatchObject({ frames: 5 });
  expect((await records.faults({ limit: 5 })).items).toMatchObject([{ code: 'picture.missing' }]);
  expect(await records.awaitingUpload([first]), 'an agent that still has it may send it').toHaveLength(1);
  await store.write(key, Buffer.from('picture 0'), JPEG);
  expect(await take(true)).toMatchObject({ back: 1, missing: { count: 0 } });
  expect((await records.frame(first))?.picture).toBe('stored');
  expect(await records.totals()).toEqual(before);
});

test('an agent that still has a missing picture uploads it anew', async (context) => {
  const { records, edge, store, first, take } = await openStock(context);
  await store.remove(frameKey(first, JPEG));
  await take(true);
  await records.recordEvents([edge.uploaded(first)]);
  expect((await records.claimed(9)).map((picture) => picture.frameId)).toEqual([first]);
  await records.pictureStored(first);
  expect((await records.totals()).frames).toBe(6);
});

test('objects that nobody knows go when they are old enough, and never those of a frame', async (context) => {
  const { records, store, agent, clock, take } = await openStock(context);
  const stranger = frameIdOf(agent.id, 999);
  const keys = [frameKey(stranger, JPEG), thumbnailKey(stranger, 'large')];
  for (const key of keys) await store.write(key, Buffer.from('x'), JPEG);
  clock.setWall(Date.now() + DAY);
  expect((await take(true)).orphans.count, 'too young').toBe(0);
  clock.setWall(Date.now() + 3 * DAY);
  expect((await take(false)).orphans).toMatchObject({ count: 2, bytes: 2, keys });
  expect(await store.stat(keys[0] ?? '')).not.toBeNull();
  await take(true);
  for (const key of keys) expect(await store.stat(key)).toBeNull();
  expect(await take(true)).toMatchObject({ orphans: { count: 0 }, missing: { count: 0 }, objectsLookedAt: 12 });
  expect((await records.totals()).frames).toBe(6);
});

test('there is one at a time, and one that breaks off says so', async (context) => {
  const { records, clock, stocktake } = await openStock(context);
  stocktake.begin(false);
  expect(() => stocktake.begin(false)).toThrow(expect.objectContaining({ code: 'stocktake.busy' }));
  await stocktake.close();
  expect(stocktake.report()).toMatchObject({ state: 'broken-off' });
  const away = () =>
    Promise.reject(new Failure({ code: 'object.store-unreachable', message: 'away', hint: 'Wait.', retry: 'soon' }));
  const objects = { list: async function* () {}, stat: away, remove: away };
  const other = createStocktake({ clock, log: createQuietLog(), records, objects });
  other.begin(true);
  await until('it has ended', () => other.report()?.state === 'broken-off');
  expect(other.report()?.reason).toBe('away');
  expect((await records.totals()).frames).toBe(6);
});

test('a film of which something is gone is told and made anew of what is there; what no film and no frame claims is removed', async (context) => {
  const { records, store, timelapse, frames, first, take } = await openStock(context);
  const [kept, lost] = ['a'.repeat(64), 'b'.repeat(64)] as const;
  const bytes = Buffer.from('a piece of a film');
  const wanted = [kept, lost].map((address) => ({ address, recipe: '{}', frames: 3 }));
  const { id } = await records.createVideo({ timelapseId: timelapse.id, ...aFilm });
  const lease = async () => {
    const job = await records.lease(['video'], 1000);
    if (job === null) throw new Error('no film is due');
    return job;
  };
  await records.planSegments(await lease(), id, wanted);
  for (const _ of wanted) {
    const piece = await records.lease(['segment'], 1000);
    if (piece === null) throw new Error('no piece is due');
    const address = piece.subject;
    const key = segmentKey(address, '1');
    await store.write(key, bytes, 'video/mp4');
    const object = { key, sizeBytes: bytes.length, layout: '{}' };
    await records.segmentReady(address, { framesShown: 3, leftOut: [], object });
    await records.finish(piece);
  }
  const job = await lease();
  expect(await records.planSegments(job, id, wanted)).toBe('ready');
  await store.write('videos/one.mp4', bytes, 'video/mp4');
  await records.videoReady(id, { ...made, sizeBytes: bytes.length, posterKey: null });
  await records.finish(job);
  await records.animateVideo(id);
  const gif = { key: 'videos/one.gif', sizeBytes: bytes.length };
  const webp = { key: 'videos/one.webp', sizeBytes: bytes.length };
  await store.write(gif.key, bytes, 'image/gif');
  await store.write(webp.key, bytes, 'image/webp');
  await records.animationReady(id, { gif, webp });
  await store.write(sidecarKey(first), bytes, 'image/png');
  const nobody = frameIdOf(frames[0]?.replace(/^frm-(.*)-\d+$/, 'agt-$1') as never, 999);
  const orphans = ['segments/cc/cccc-1.mp4', 'videos/nobody.mp4', sidecarKey(nobody)];
  for (const key of orphans) await store.write(key, bytes, key.endsWith('.png') ? 'image/png' : 'video/mp4');
  const whole = await take(true);
  expect(whole).toMatchObject({ state: 'done', filmsLookedAt: 1, missing: { count: 0 }, orphans: { count: 3 } });
  expect(whole.orphans.keys.toSorted()).toEqual(orphans.toSorted());
  expect(await store.stat(sidecarKey(first))).not.toBeNull();

  await store.remove(segmentKey(lost, '1'));
  await store.remove(gif.key);
  const looked = await take(false);
  expect(looked.missing.keys.toSorted()).toEqual([segmentKey(lost, '1'), gif.key]);
  expect(await records.video(id as VideoId)).toMatchObject({ state: 'ready' });
  await take(true);
  expect(await records.video(id)).toMatchObject({ state: 'queued', playable: true });
  expect(await records.planSegments(await lease(), id, wanted)).toBe('waits');
  expect(await records.lease(['segment'], 1000)).toMatchObject({ subject: lost });
});
