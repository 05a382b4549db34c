import { createHash } from 'node:crypto';
import type { ObjectStore } from '@slowlight/control-plane/src/frame.ts';
import { type AgedFrame, createChooser } from '@slowlight/control-plane/src/retention/choose-removals.ts';
import { createRetention } from '@slowlight/control-plane/src/retention/retention.ts';
import {
  type FrameId,
  frameKey,
  type RetentionSettings,
  retentionSettings,
  sidecarKey,
  thumbnailKey,
  timelapseOverlayInput,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { openDirectoryStore } from '../../rig/directory-store.ts';
import { frameOf } from '../../rig/edge.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';
import { openRecordsScene } from '../../rig/records-scene.ts';
import { openSqliteHouse } from '../../rig/sqlite-house.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const always = new AbortController().signal;
const rulesOf = (frames: unknown) => {
  const { frames: rules } = retentionSettings.parse({ frames });
  if (rules === null) throw new Error('no rules');
  return rules;
};

test('of each hour the frame at its half stays, of each day the one at noon, and flagged ones only where nothing else is', () => {
  const begin = Date.parse('2026-10-24T00:00:00+02:00');
  const every10Minutes = Array.from({ length: 3 * 150 }, (_, index) => begin + index * 600_000);
  const frames = every10Minutes.map(
    (at): AgedFrame => ({
      id: String(at) as FrameId,
      at,
      flagged: new Date(at).getUTCHours() === 3,
      sizeBytes: 1,
    }),
  );
  const keptBy = (rules: unknown, now: number) => {
    const chooser = createChooser({ rules: rulesOf(rules), timeZone: 'Europe/Vienna', now });
    const gone = new Set(frames.map((frame) => chooser.add(frame)));
    return frames.filter((frame) => !gone.has(frame)).map((frame) => new Date(frame.at).toISOString());
  };
  const byHour = { thin: [{ afterDays: 30, keepOneEvery: 'hour' }] };
  const later = begin + 40 * DAY;
  const hours = keptBy(byHour, later);
  // The 25th has 25 hours.
  expect(hours).toHaveLength(24 + 25 + 24 + 2);
  expect(hours.slice(0, 2)).toEqual(['2026-10-23T22:30:00.000Z', '2026-10-23T23:30:00.000Z']);
  const byDay = {
    thin: [
      { afterDays: 5, keepOneEvery: 'hour' },
      { afterDays: 30, keepOneEvery: 'day' },
    ],
  };
  expect(keptBy(byDay, later)).toEqual(
    [
      '2026-10-24T10:00:00.000Z',
      '2026-10-25T10:30:00.000Z',
      '2026-10-26T11:00:00.000Z',
      '2026-10-26T23:00:00.000Z',
    ].map((at, index) => (index === 3 ? expect.stringMatching(/^2026-10-2[67]/) : at)),
  );
  // A day that is only partly old enough is not touched, and what is too young never is.
  expect(keptBy(byHour, begin + 30 * DAY + HOUR)).toHaveLength(450);
  expect(keptBy({ removeAfterDays: 30 }, begin + 31 * DAY)).toHaveLength(450 - 144);
});

/** Four days of a frame every two hours, stored with their pictures; the timelapse is completed. */
async function openOldTimelapse(context: Parameters<typeof openRecordsScene>[1]) {
  const scene = await openRecordsScene(openSqliteHouse, context);
  const { records, edge, timelapse, cameraId, clock, now } = scene;
  const { store } = await openDirectoryStore(clock);
  const frames: FrameId[] = [];
  for (let index = 0; index < 48; index += 1) {
    const bytes = Buffer.from(`picture ${index}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const event = edge.captured(timelapse.id, cameraId, now + index * 2 * HOUR, { sizeBytes: bytes.length, sha256 });
    const frame = frameOf(event);
    await records.recordEvents([event, edge.uploaded(frame)]);
    await store.write(frameKey(frame, 'image/jpeg'), bytes, 'image/jpeg');
    for (const size of ['small', 'large'] as const) await store.write(thumbnailKey(frame, size), bytes, 'image/jpeg');
    await records.pictureStored(frame);
    await records.thumbnailsDrawn([{ frameId: frame, failed: null }]);
    frames.push(frame);
  }
  clock.setWall(now + 100 * DAY);
  const keys = async () => {
    const found: string[] = [];
    for await (const key of store.list('')) found.push(key);
    return found;
  };
  const retention = (objects: Pick<ObjectStore, 'remove'> = store) =>
    createRetention({ clock, log: createQuietLog(), records, objects });
  const set = (settings: unknown): Promise<RetentionSettings> =>
    records.setRetentionSettings(retentionSettings.parse(settings));
  return { ...scene, store, frames, keys, retention, set };
}

test('frames go with their objects, as the preview said, and never from a timelapse that may run', async (context) => {
  const { records, edge, timelapse, cameraId, frames, keys, retention, set } = await openOldTimelapse(context);
  await retention().removeOld(always);
  expect(await keys(), 'nothing goes by itself').toHaveLength(48 * 3);
  const settings = await set({ frames: { thin: [{ afterDays: 30, keepOneEvery: 'day' }] } });
  await retention().removeOld(always);
  expect(await keys(), 'it may still run').toHaveLength(48 * 3);

  await records.moveTimelapse(timelapse.id, 'completed');
  const preview = await retention().preview(settings);
  expect(preview).toMatchObject({ frames: 48 - 5, timelapses: [{ timelapseId: timelapse.id, of: 48 }] });
  expect(await keys(), 'a preview changes nothing').toHaveLength(48 * 3);
  const before = await records.totals();
  await retention().removeOld(always);
  expect(await keys()).toHaveLength(5 * 3);
  const kept = (await records.frames({ order: 'oldest', limit: 100 })).items;
  expect(kept).toHaveLength(5);
  expect(await records.timelapse(timelapse.id)).toMatchObject({
    frames: 5,
    firstFrameAt: kept[0]?.dueAt,
    lastFrameAt: kept[4]?.dueAt,
  });
  expect((await records.camera(cameraId))?.newest?.frameId).toBe(kept[4]?.id);
  expect(await records.totals()).toEqual({ frames: 5, bytes: before.bytes - preview.frameBytes });
  // One entry for all of it, and none for a run that removes nothing.
  await retention().removeOld(always);
  expect((await records.auditEntries({ actorKind: 'system', limit: 10 })).items).toMatchObject([
    { action: 'retention: frames are removed', result: 'done', before: { frames: 43 }, after: { frames: 0 } },
  ]);
  expect((await retention().preview(settings)).frames).toBe(0);
  // The ledger still knows what was captured, and an agent that speaks of a frame once more may forget it.
  expect((await records.coverage(timelapse.id, 0, Number.MAX_SAFE_INTEGER)).outcomes.captured).toBe(48);
  const [gone] = frames.filter((frame) => !kept.some(({ id }) => id === frame));
  if (gone === undefined) throw new Error('nothing went');
  await records.recordEvents([edge.uploaded(gone)]);
  expect(await records.forgettable([gone])).toEqual([gone]);
});

test('a removal that breaks off is finished by the next, and leaves neither rows nor objects alone', async (context) => {
  const { records, store, timelapse, keys, retention, set } = await openOldTimelapse(context);
  await set({ frames: { removeAfterDays: 50 } });
  await records.moveTimelapse(timelapse.id, 'completed');
  let left = 10;
  const broken = {
    remove: async (key: string) => {
      left -= 1;
      if (left < 0)
        throw new Failure({ code: 'object.store-unreachable', message: 'gone', hint: 'Wait.', retry: 'soon' });
      await store.remove(key);
    },
  };
  await expect(retention(broken).removeOld(always)).rejects.toMatchObject({ code: 'object.store-unreachable' });
  expect((await records.frames({ order: 'oldest', limit: 100 })).items).toHaveLength(48);
  await set({});
  await retention().removeOld(always);
  expect(await keys()).toEqual([]);
  expect((await records.frames({ order: 'oldest', limit: 100 })).items).toEqual([]);
  expect(await records.totals()).toEqual({ frames: 0, bytes: 0 });
  expect(await records.timelapse(timelapse.id)).toMatchObject({ frames: 0, bytes: 0, firstFrameAt: null });
});

test('thumbnails, the feed, faults and jobs go by their own age', async (context) => {
  const { records, timelapse, clock, keys, retention, set, frames } = await openOldTimelapse(context);
  await records.moveTimelapse(timelapse.id, 'completed');
  const settings = await set({ thumbnailsDays: 97, feedDays: 1, faultsDays: 1, jobsDays: 1 });
  await records.keepFault({ agentId: null, code: 'a.fault', reason: 'old', excerpt: null });
  for (let job = await records.lease(['thumbnail'], 1000); job !== null; job = await records.lease(['thumbnail'], 1000))
    await records.finish(job);
  const preview = await retention().preview(settings);
  expect(preview.thumbnails).toBeGreaterThan(0);
  await retention().removeOld(always);
  expect(await keys()).toHaveLength(48 * 3 - 2 * preview.thumbnails);
  expect((await records.frame(frames[0] as FrameId))?.thumbnail).toBe('failed');
  expect((await records.faults({ limit: 10 })).items, 'young').toHaveLength(1);
  clock.setWall(clock.now() + 3 * DAY);
  await retention().removeOld(always);
  expect((await records.faults({ limit: 10 })).items).toEqual([]);
  expect((await records.jobs({ limit: 10 })).items).toEqual([]);
  expect(await records.firstPosition(), 'the newest entries of the feed stay').toBe(1);
});

test('sidecars of overlays go by an age of their own, and are not drawn again', async (context) => {
  const { records, timelapse, keys, retention, set, frames, store } = await openOldTimelapse(context);
  await records.setTimelapseOverlay(
    timelapse.id,
    timelapseOverlayInput.parse({ templateId: 'ovt-builtin-timestamp', sidecars: true }),
  );
  const revision = (await records.overlayOf(timelapse.id))?.revision ?? 0;
  const made = frames.map((frameId) => ({ frameId, state: 'ready' as const, reason: null }));
  for (const { frameId } of made) await store.write(sidecarKey(frameId), Buffer.from('drawn'), 'image/png');
  await records.sidecarsMade(timelapse.id, revision, made);
  const settings = await set({ overlaysDays: 97 });
  const before = await keys();
  await retention().removeOld(always);
  expect(await keys(), 'of one that runs nothing goes').toEqual(before);
  await records.moveTimelapse(timelapse.id, 'completed');
  const { overlays } = await retention().preview(settings);
  expect(overlays).toBeGreaterThan(0);
  expect(overlays).toBeLessThan(48);
  await retention().removeOld(always);
  expect(await keys()).toHaveLength(before.length - overlays);
  expect(await records.sidecar(frames[0] as FrameId)).toMatchObject({ state: 'failed', reason: expect.anything() });
  expect((await records.sidecarsToMake(timelapse.id, revision, { limit: 100 }))?.items).toEqual([]);
  expect((await retention().preview(settings)).overlays).toBe(0);
});
