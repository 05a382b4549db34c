import { frameKey } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;

export function recordsPictures(openHouse: OpenHouse): void {
  test('a picture goes from the edge over its claim into the store, and counts from then on', async (context) => {
    const { records, edge, timelapse, cameraId, agent, now } = await openRecordsScene(openHouse, context);
    const [first, second, third] = [
      edge.captured(timelapse.id, cameraId, now),
      edge.flagged(timelapse.id, cameraId, now + MINUTE),
      edge.taken(cameraId, now + 90_000),
    ];
    const ids = [first, second, third].map(frameOf);
    await records.recordEvents([first, second, third]);
    const awaiting = await records.awaitingUpload([...ids, frameOf(edge.taken(cameraId, now))]);
    expect(awaiting.map((picture) => picture.frameId).sort()).toEqual([...ids].sort());
    expect(await records.framePicture(frameOf(first))).toEqual({
      frameId: ids[0],
      agentId: agent.id,
      cameraId,
      timelapseId: timelapse.id,
      key: frameKey(frameOf(first), 'image/jpeg'),
      type: 'image/jpeg',
      sizeBytes: 1000,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      widthPx: 640,
      heightPx: 360,
    });
    const uploads = [second, first, third].map((event) => edge.uploaded(frameOf(event)));
    await records.recordEvents(uploads.slice(0, 1));
    await records.recordEvents(uploads.slice(1).map((event) => ({ ...event, receivedAt: now + 1 })));
    expect(await records.awaitingUpload(ids)).toEqual([]);
    expect((await records.claimed(2)).map((picture) => picture.frameId)).toEqual([ids[1], ids[0]]);
    expect(await records.forgettable(ids)).toEqual([]);
    expect((await records.timelapse(timelapse.id))?.frames).toBe(0);
    expect((await records.camera(cameraId))?.newest).toBeNull();

    const positionBefore = await records.lastPosition();
    for (const id of ids) expect(await records.pictureStored(id)).toBe(true);
    for (const id of ids) expect(await records.pictureStored(id)).toBe(false);
    expect((await records.forgettable(ids)).sort()).toEqual([...ids].sort());
    expect(await records.claimed(10)).toEqual([]);
    expect(await records.timelapse(timelapse.id)).toMatchObject({
      frames: 2,
      flagged: 1,
      bytes: 2001,
      firstFrameAt: now,
      lastFrameAt: now + MINUTE,
    });
    expect(await records.totals()).toEqual({ frames: 3, bytes: 3003 });
    expect((await records.camera(cameraId))?.newest).toEqual({
      frameId: ids[2],
      at: now + 90_000,
      thumbnail: false,
    });
    expect(await records.jobCounts()).toEqual({ waiting: 3, running: 0, dead: 0 });
    const told = await records.feedAfter(positionBefore, 10);
    expect(told.map((entry) => entry.event.type)).toEqual(['frame.captured', 'frame.flagged', 'frame.captured']);
    expect(told[1]?.event.body).toEqual({
      frameId: ids[1],
      cameraId,
      timelapseId: timelapse.id,
      at: now + MINUTE,
      score: 20,
      faults: ['black'],
    });
  });

  test('an older frame that arrives late changes the counters, and not the newest picture', async (context) => {
    const { records, edge, timelapse, cameraId, now } = await openRecordsScene(openHouse, context);
    const [late, early] = [
      edge.captured(timelapse.id, cameraId, now + MINUTE),
      edge.captured(timelapse.id, cameraId, now),
    ];
    await records.recordEvents([late, early]);
    await records.pictureStored(frameOf(late));
    await records.pictureStored(frameOf(early));
    expect((await records.camera(cameraId))?.newest?.frameId).toBe(frameOf(late));
    expect(await records.timelapse(timelapse.id)).toMatchObject({ firstFrameAt: now, lastFrameAt: now + MINUTE });
  });

  test('a refused picture is at the edge again with a fault, and saying again that it is uploaded claims it anew', async (context) => {
    const { records, edge, cameraId, agent, now } = await openRecordsScene(openHouse, context);
    const event = edge.taken(cameraId, now);
    const id = frameOf(event);
    const upload = edge.uploaded(id);
    await records.recordEvents([upload, event]);
    expect((await records.claimed(10)).map((picture) => picture.frameId)).toEqual([id]);
    await records.pictureRefused(id, 'upload.checksum-mismatch', 'The bytes are not the ones announced.');
    await records.pictureRefused(id, 'upload.checksum-mismatch', 'The bytes are not the ones announced.');
    expect((await records.awaitingUpload([id])).map((picture) => picture.frameId)).toEqual([id]);
    const { items } = await records.faults({ limit: 10 });
    expect(items).toMatchObject([{ code: 'upload.checksum-mismatch', agentId: agent.id }]);
    expect(items[0]?.reason).toContain(id);
    const refused = (await records.feedAfter(0, 100)).filter((entry) => entry.event.type === 'upload.refused');
    expect(refused).toHaveLength(1);

    expect(await records.recordEvents([upload])).toMatchObject([{ kind: 'duplicate' }]);
    expect((await records.claimed(10)).map((picture) => picture.frameId)).toEqual([id]);
    expect(await records.pictureStored(id)).toBe(true);
    await records.pictureRefused(id, 'upload.size-mismatch', 'Too late.');
    expect((await records.frame(id))?.picture).toBe('stored');
    expect(await records.recordEvents([upload])).toMatchObject([{ kind: 'duplicate' }]);
    expect((await records.frame(id))?.picture).toBe('stored');
  });

  test('an evicted frame is gone, unless its picture has made it into the store', async (context) => {
    const { records, edge, timelapse, cameraId, clock, now } = await openRecordsScene(openHouse, context);
    const events = [0, 1, 2, 3].map((minute) => edge.captured(timelapse.id, cameraId, now + minute * MINUTE));
    const [gone, stored, claimed, late] = events.map(frameOf);
    if (!gone || !stored || !claimed || !late) throw new Error('four frames are wanted');
    await records.recordEvents([edge.say('frames.evicted', { frameIds: [late], reason: 'picture-unreadable' })]);
    await records.recordEvents([...events, edge.uploaded(claimed)]);
    await records.pictureStored(stored);
    await records.recordEvents([
      edge.say('frames.evicted', { frameIds: [gone, stored, claimed], reason: 'card-full' }),
    ]);
    const states = async () =>
      Object.fromEntries(
        (await records.frames({ order: 'oldest', limit: 10 })).items.map((frame) => [frame.id, frame.picture]),
      );
    expect(await states()).toEqual({ [gone]: 'evicted', [stored]: 'stored', [claimed]: 'claimed', [late]: 'evicted' });
    await clock.advance(5 * MINUTE);
    expect((await records.coverage(timelapse.id, now, now + 4 * MINUTE)).outcomes).toMatchObject({
      captured: 2,
      evicted: 2,
    });
    await records.pictureRefused(claimed, 'upload.absent', 'Nothing is there.');
    expect((await states())[claimed]).toBe('evicted');
    const view = await records.coverage(timelapse.id, now, now + 4 * MINUTE);
    expect(view.outcomes).toMatchObject({ captured: 1, evicted: 3 });
    expect(view.gaps.map((gap) => gap.reason)).toEqual(['picture-unreadable', 'card-full', 'card-full']);
    expect((await records.forgettable([gone, stored, claimed, late])).length).toBe(4);

    // An upload that was under way is proven after all.
    expect(await records.pictureStored(late)).toBe(true);
    expect((await records.coverage(timelapse.id, now, now + 4 * MINUTE)).outcomes).toMatchObject({ captured: 2 });
    const told = (await records.feedAfter(0, 100)).filter((entry) => entry.event.type === 'frame.evicted');
    expect(told.map((entry) => entry.event.body)).toEqual([
      { frameId: late, cameraId, reason: 'picture-unreadable' },
      { frameId: gone, cameraId, reason: 'card-full' },
      { frameId: claimed, cameraId, reason: 'card-full' },
    ]);
  });

  test('frames are found by camera, timelapse, time and flag, in both orders, page by page', async (context) => {
    const { records, edge, timelapse, cameraId, now } = await openRecordsScene(openHouse, context);
    const events = Array.from({ length: 12 }, (_, index) =>
      index % 4 === 0
        ? edge.flagged(timelapse.id, cameraId, now + index * MINUTE)
        : edge.captured(timelapse.id, cameraId, now + index * MINUTE),
    );
    const manual = edge.taken(cameraId, now + 5 * MINUTE);
    await records.recordEvents([...events, manual]);
    const ids = events.map(frameOf);
    const all: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await records.frames({ timelapseId: timelapse.id, order: 'newest', limit: 5, after });
      all.push(...page.items.map((frame) => frame.id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(all).toEqual([...ids].reverse());
    const some = await records.frames({
      cameraId,
      from: now + 4 * MINUTE,
      to: now + 6 * MINUTE,
      order: 'oldest',
      limit: 9,
    });
    expect(some.items.map((frame) => frame.id)).toEqual([ids[4], ...[ids[5], frameOf(manual)].sort()]);
    const flagged = await records.frames({ timelapseId: timelapse.id, flagged: 'true', order: 'oldest', limit: 2 });
    expect(flagged.items.map((frame) => frame.id)).toEqual([ids[0], ids[4]]);
    const rest = await records.frames({
      timelapseId: timelapse.id,
      flagged: 'true',
      order: 'oldest',
      limit: 2,
      after: flagged.next ?? undefined,
    });
    expect(rest).toMatchObject({ items: [{ id: ids[8] }], next: null });
    expect((await records.frames({ flagged: 'false', order: 'oldest', limit: 100 })).items).toHaveLength(10);
    await expect(records.frames({ order: 'oldest', limit: 2, after: "' or 1=1" })).rejects.toMatchObject({
      code: 'records.bad-page-key',
    });
    expect(await records.frame(frameOf(manual))).toMatchObject({
      timelapseId: null,
      dueAt: null,
      takenAt: now + 5 * MINUTE,
      ageAtSlotMs: null,
      score: 96,
      measures: { luma: 101.5 },
      thumbnail: 'pending',
    });
  });

  test('a thumbnail is ready or failed, and once ready stays so', async (context) => {
    const { records, edge, cameraId, now } = await openRecordsScene(openHouse, context);
    const event = edge.taken(cameraId, now);
    const id = frameOf(event);
    await records.recordEvents([event]);
    await records.pictureStored(id);
    await records.thumbnailsDrawn([{ frameId: id, failed: 'cannot be read' }]);
    expect((await records.frame(id))?.thumbnail).toBe('failed');
    await records.thumbnailsDrawn([{ frameId: id, failed: null }]);
    await records.thumbnailsDrawn([{ frameId: id, failed: null }]);
    await records.thumbnailsDrawn([{ frameId: id, failed: 'late' }]);
    expect((await records.frame(id))?.thumbnail).toBe('ready');
    expect((await records.camera(cameraId))?.newest).toMatchObject({ frameId: id, thumbnail: true });
    const told = (await records.feedAfter(0, 100)).map((entry) => entry.event.type);
    expect(told.filter((type) => type.startsWith('thumbnail.'))).toEqual(['thumbnail.failed', 'thumbnail.ready']);
  });
}
