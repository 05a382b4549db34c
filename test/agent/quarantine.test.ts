import { describe, expect, it } from 'vitest';
import { makeFrame, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { openDelivery } from '../rig/open-delivery.ts';
import { until } from '../rig/until.ts';

const nothing = { recordedUpTo: 0, recordedAlso: [], forget: [], refused: [], serverTime: 0 };

async function openWith(frames: number, most?: { frames: number; bytes: number }) {
  const buffer = await openTestBuffer(await openFolder(), most === undefined ? {} : { mostQuarantined: most });
  const ids = [];
  for (let count = 0; count < frames; count += 1) {
    const kept = await buffer.commitFrame(makeFrame({ sizeBytes: 1000 }));
    if (kept.kind !== 'kept') throw new Error(kept.kind);
    ids.push(kept.frame.frameId);
  }
  return { buffer, ids };
}
const evictions = (buffer: Awaited<ReturnType<typeof openWith>>['buffer']) =>
  buffer
    .unrecorded(0, 1e9, 1000)
    .filter((event) => event.type === 'frames.evicted')
    .map((event) => JSON.parse(event.body));

describe('the quarantine', () => {
  it('lists what is set aside with the reason and since when, the newest first', async () => {
    const { buffer, ids } = await openWith(3);
    const [one, two] = ids;
    if (one === undefined || two === undefined) throw new Error('no frames');
    buffer.quarantine(one, 'the store answered 403');
    buffer.receive({
      ...nothing,
      refused: [{ what: 'event', seq: 2, code: 'ingest.conflict', reason: 'other content' }],
    });
    const listed = buffer.quarantined(10);
    expect(listed.map(({ frameId, reason }) => [frameId, reason])).toEqual([
      [two, 'ingest.conflict: other content'],
      [one, 'the store answered 403'],
    ]);
    expect(listed[0]?.since).toBeGreaterThan(Date.now() - 60_000);
    expect(listed[0]?.sizeBytes).toBe(1000);
    expect(buffer.quarantined(1)).toHaveLength(1);
  });

  it('keeps what is in conflict, and a picture that was neither uploaded nor spoken of, whatever a receipt lets go', async () => {
    const { buffer, ids } = await openWith(4);
    const [conflicting, unsaid, , uploaded] = ids;
    if (uploaded === undefined) throw new Error('no frames');
    buffer.receive({
      ...nothing,
      recordedUpTo: 4,
      refused: [{ what: 'event', seq: 1, code: 'ingest.conflict', reason: 'other content' }],
    });
    buffer.markUploaded([uploaded], []);
    // As it is when a device with the same identity has uploaded its own pictures under these names.
    const forget = ids;
    expect(buffer.receive({ ...nothing, recordedUpTo: 4, forget }, (seq) => seq === 1 || seq === 3).leaving).toBe(2);
    await buffer.clean();
    expect([...buffer.claimed()].map(({ frameId }) => frameId).sort()).toEqual([conflicting, unsaid].sort());
  });

  it('lets go by name or all at once, and then says a refused announcement anew', async () => {
    const { buffer, ids } = await openWith(3);
    const [one, two] = ids;
    if (one === undefined || two === undefined) throw new Error('no frames');
    buffer.receive({
      ...nothing,
      recordedUpTo: 1,
      recordedAlso: [3],
      refused: [{ what: 'event', seq: 2, code: 'ingest.conflict', reason: 'other content' }],
    });
    buffer.quarantine(one, 'the store answered 403');
    expect(buffer.retryQuarantine([one])).toBe(1);
    expect(buffer.retryQuarantine([one])).toBe(0);
    const lane = { lane: 'backlog', upTo: 9, without: [] } as const;
    expect(buffer.waiting(lane, 9).map(({ frameId, refusals }) => [frameId, refusals])).toContainEqual([one, 0]);
    expect(buffer.unrecorded(0, 9, 9)).toEqual([]);
    expect(buffer.retryQuarantine('all')).toBe(1);
    expect(buffer.unrecorded(0, 9, 9).map((event) => event.seq)).toEqual([2]);
    expect(buffer.waiting(lane, 9).map(({ frameId }) => frameId)).not.toContain(two);
    buffer.receive({ ...nothing, recordedUpTo: 3 });
    expect(buffer.waiting(lane, 9).map(({ frameId }) => frameId)).toContain(two);
    expect(buffer.backlog().quarantined).toBe(0);
  });

  it('is bounded by number and by bytes: the oldest leave, and that is reported', async () => {
    const many = await openWith(5, { frames: 3, bytes: 1e9 });
    for (const frame of many.ids) many.buffer.quarantine(frame, 'no');
    expect(many.buffer.quarantined(10).map(({ frameId }) => frameId)).toEqual(many.ids.slice(2).reverse());
    expect(evictions(many.buffer)).toEqual(
      many.ids.slice(0, 2).map((frame) => ({ frameIds: [frame], reason: 'quarantine-full' })),
    );
    const heavy = await openWith(5, { frames: 100, bytes: 2500 });
    heavy.buffer.receive({
      ...nothing,
      refused: [1, 2, 3, 4, 5].map((seq) => ({ what: 'event', seq, code: 'ingest.conflict', reason: 'no' })),
    });
    expect(heavy.buffer.backlog().quarantined).toBe(2);
    expect(evictions(heavy.buffer)).toEqual([{ frameIds: heavy.ids.slice(0, 3), reason: 'quarantine-full' }]);
  });

  it('gives its frames back to delivery, which brings them to the store when the store takes them', async () => {
    const scene = await openDelivery({ quarantineAfter: 1 });
    const poison = await scene.keep();
    let takes = false;
    scene.cloud.onUpload = (_, __, response) => {
      if (takes) return false;
      response.writeHead(403).end();
      return true;
    };
    scene.start();
    scene.cloud.listen(true);
    await until('it is set aside', () => scene.buffer.backlog().quarantined === 1);
    takes = true;
    expect(scene.buffer.retryQuarantine('all')).toBe(1);
    scene.delivery.wake();
    await until('it is forgotten', () => scene.cloud.forgotten.has(poison), 20_000);
  });
});
