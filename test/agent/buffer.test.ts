import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createCommitFrame } from '@slowlight/agent/src/buffer/commit-frame.ts';
import { createFrameRows } from '@slowlight/agent/src/buffer/frame-rows.ts';
import type { FrameBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import { openDatabase } from '@slowlight/agent/src/buffer/open-database.ts';
import { createOutbox } from '@slowlight/agent/src/buffer/outbox.ts';
import { createSlotRows } from '@slowlight/agent/src/buffer/slot-rows.ts';
import { agentOfFrame, type FrameId, newAgentId, newCameraId, newCommandId } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { beginTimelapse, makeFrame, makeSettings, makeSpan, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';

const nothing = { recordedUpTo: 0, recordedAlso: [], forget: [], refused: [], serverTime: 0 };
const all = (buffer: FrameBuffer) => buffer.unrecorded(0, Number.MAX_SAFE_INTEGER, 10_000);
const framesOnDisk = async (folder: string) =>
  (await readdir(path.join(folder, 'data', 'frames'), { recursive: true })).filter((name) => name.endsWith('.jpg'));
async function keep(buffer: FrameBuffer, more: Parameters<typeof makeFrame>[0] = {}) {
  const result = await buffer.commitFrame(makeFrame(more));
  if (result.kind !== 'kept') throw new Error(`the frame was not kept: ${result.kind}`);
  return result.frame;
}

describe('the buffer', () => {
  it('is fully synchronous on every open, also on a database that exists', async () => {
    const folder = await openFolder();
    for (const fresh of [true, false, false]) {
      const { db, fresh: wasFresh } = openDatabase(folder);
      expect(wasFresh).toBe(fresh);
      expect(db.pragma('synchronous', { simple: true })).toBe(2);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
      db.close();
    }
  });

  it('gives a frame the id of the event that announces it, and keeps its bytes', async () => {
    const buffer = await openTestBuffer(await openFolder());
    const frame = makeFrame();
    const result = await buffer.commitFrame(frame);
    if (result.kind !== 'kept') throw new Error('not kept');
    const [event] = all(buffer);
    expect(result.frame.frameId.endsWith(`-${event?.seq}`)).toBe(true);
    expect(agentOfFrame(result.frame.frameId)).toBe(buffer.agentId);
    expect(await readFile(result.frame.path)).toEqual(frame.shaped.bytes);
    expect(JSON.parse(event?.body ?? '').frame).toMatchObject({ sha256: result.frame.sha256, sizeBytes: 2000 });
  });

  it('settles a slot once, whatever is tried afterwards', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const timelapseId = beginTimelapse(buffer);
    const slot = { timelapseId, dueAt: 5000 };
    await keep(buffer, { slot });
    expect((await buffer.commitFrame(makeFrame({ slot }))).kind).toBe('already-settled');
    const skipped = { outcome: 'skipped', slot, reason: 'card-full', detail: '' } as const;
    expect(buffer.settle(skipped)).toBe(false);
    expect(buffer.settle({ ...skipped, slot: { timelapseId, dueAt: 4000 } })).toBe(false);
    const range = { timelapseId, count: 3, reason: 'agent-down' } as const;
    expect(buffer.missed({ ...range, firstDueAt: 5000, lastDueAt: 7000 })).toBe(false);
    expect(buffer.missed({ ...range, firstDueAt: 6000, lastDueAt: 8000 })).toBe(true);
    expect(buffer.settle({ ...skipped, slot: { timelapseId, dueAt: 7000 } })).toBe(false);
    expect(buffer.cursor(timelapseId)).toBe(8000);
    expect(all(buffer).map((event) => event.type)).toEqual(['schedule.applied', 'slot.settled', 'slots.missed']);
    expect(await framesOnDisk(folder)).toHaveLength(1);
  });

  it('numbers events without gaps, also after refusals and over a restart', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const timelapseId = beginTimelapse(buffer);
    await keep(buffer, { slot: { timelapseId, dueAt: 1000 } });
    buffer.settle({ outcome: 'failed', slot: { timelapseId, dueAt: 1000 }, code: 'refused', hint: '', tries: 1 });
    await buffer.commitFrame(makeFrame({ slot: { timelapseId, dueAt: 1000 } }));
    expect(() => buffer.settle({ outcome: 'nonsense' } as never)).toThrow();
    buffer.close();
    const again = await openTestBuffer(folder, { agentId: buffer.agentId });
    await keep(again, { slot: { timelapseId, dueAt: 2000 } });
    expect(all(again).map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  it('keeps an announcement that is recorded until the frame is forgotten, and forgets frame, file and events together', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const { frameId } = await keep(buffer);
    buffer.receive({ ...nothing, recordedUpTo: 1 });
    expect(all(buffer)).toEqual([]);
    expect(buffer.event(1)?.type).toBe('frame.taken');
    expect(buffer.markUploaded([frameId])).toEqual([2]);
    expect(buffer.markUploaded([frameId])).toEqual([]);
    expect(buffer.receive({ ...nothing, recordedUpTo: 2, forget: [frameId] }).leaving).toBe(1);
    expect(await buffer.clean()).toBe(1);
    expect(buffer.event(1)).toBeNull();
    expect(buffer.event(2)).toBeNull();
    expect(await framesOnDisk(folder)).toEqual([]);
    expect(buffer.backlog()).toEqual({ frames: 0, bytes: 0, quarantined: 0 });
    buffer.tell({ type: 'schedule.applied', body: { settingsVersion: 1, at: 0, spans: [] } });
    expect(all(buffer).map((event) => event.seq)).toEqual([3]);
  });

  it('never drops an event that is not recorded yet, though its frame is gone', async () => {
    const buffer = await openTestBuffer(await openFolder());
    const { frameId } = await keep(buffer);
    buffer.receive({ ...nothing, recordedUpTo: 1 });
    buffer.markUploaded([frameId]);
    buffer.receive({ ...nothing, recordedUpTo: 1, forget: [frameId] });
    await buffer.clean();
    expect(all(buffer).map((event) => [event.seq, event.type])).toEqual([[2, 'frame.uploaded']]);
    buffer.receive({ ...nothing, recordedUpTo: 2 });
    expect(buffer.event(2)).toBeNull();
  });

  it('reads receipts with holes', async () => {
    const buffer = await openTestBuffer(await openFolder());
    for (let count = 0; count < 6; count += 1)
      buffer.tell({ type: 'schedule.applied', body: { settingsVersion: 1, at: count, spans: [] } });
    buffer.receive({ ...nothing, recordedUpTo: 2, recordedAlso: [4, 6] });
    expect(all(buffer).map((event) => event.seq)).toEqual([3, 5]);
  });

  it('uploads a refused picture anew, says so under the same number, and sets it aside after enough refusals', async () => {
    const buffer = await openTestBuffer(await openFolder(), { quarantineAfter: 2 });
    const { frameId } = await keep(buffer);
    const refused = { what: 'upload', frameId, code: 'upload.checksum-mismatch', reason: 'other bytes' } as const;
    buffer.receive({ ...nothing, recordedUpTo: 1 });
    expect(buffer.markUploaded([frameId])).toEqual([2]);
    expect(buffer.receive({ ...nothing, recordedUpTo: 2, refused: [refused] }).refused[0]?.quarantined).toBe(false);
    const lane = { lane: 'backlog', upTo: 9, without: [] } as const;
    expect(buffer.waiting(lane, 9)).toMatchObject([{ frameId, refusals: 1, tries: 0 }]);
    // A repeated receipt changes nothing.
    expect(buffer.receive({ ...nothing, recordedUpTo: 2, refused: [refused] }).refused).toEqual([]);
    expect(buffer.markUploaded([frameId])).toEqual([2]);
    expect(all(buffer).map((event) => event.seq)).toEqual([2]);
    expect(buffer.receive({ ...nothing, recordedUpTo: 2, refused: [refused] }).refused[0]?.quarantined).toBe(true);
    expect(buffer.backlog()).toMatchObject({ frames: 0, quarantined: 1 });
  });

  it('sets an event aside that will never be recorded, with its frame', async () => {
    const buffer = await openTestBuffer(await openFolder());
    await keep(buffer);
    const refused = { what: 'event', seq: 1, code: 'ingest.conflict', reason: 'other content' } as const;
    expect(buffer.receive({ ...nothing, refused: [refused] }).refused[0]?.quarantined).toBe(true);
    expect(all(buffer)).toEqual([]);
    expect(buffer.backlog().quarantined).toBe(1);
  });

  it('sets a frame aside whose number means something else to the control plane, though it seemed to be recorded', async () => {
    const buffer = await openTestBuffer(await openFolder());
    await keep(buffer);
    // The card is an older state of another: the control plane knows forty events of it.
    buffer.receive({ ...nothing, recordedUpTo: 40 });
    const refused = { what: 'event', seq: 1, code: 'ingest.conflict', reason: 'other content' } as const;
    expect(buffer.receive({ ...nothing, refused: [refused] }).refused).toMatchObject([{ seq: 1, quarantined: true }]);
    expect(buffer.receive({ ...nothing, refused: [refused] }).refused).toEqual([]);
    expect(buffer.backlog().quarantined).toBe(1);
  });

  it('never gives a number again that the control plane already knows under its name', async () => {
    const buffer = await openTestBuffer(await openFolder());
    expect(buffer.receive({ ...nothing, recordedUpTo: 40 }).ahead).toBe(true);
    expect(buffer.tell({ type: 'schedule.applied', body: { settingsVersion: 1, at: 0, spans: [] } })).toBe(41);
    expect(buffer.receive({ ...nothing, recordedUpTo: 40 }).ahead).toBe(false);
  });

  it('begins a command once, also after a restart', async () => {
    const folder = await openFolder();
    const command = newCommandId();
    const buffer = await openTestBuffer(folder);
    const expiresAt = Date.now() + 60_000;
    expect(buffer.beginCommand(command, expiresAt)).toBe(true);
    expect(buffer.beginCommand(command, expiresAt)).toBe(false);
    buffer.close();
    expect((await openTestBuffer(folder, { agentId: buffer.agentId })).beginCommand(command, expiresAt)).toBe(false);
  });

  it('keeps the last accepted settings and the spans', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const settings = makeSettings({ agentId: buffer.agentId, version: 7 });
    buffer.applySpans({ settingsVersion: 7, at: 1, closed: [], opened: [] }, settings);
    const timelapse = beginTimelapse(buffer, 10);
    buffer.close();
    const again = await openTestBuffer(folder, { agentId: buffer.agentId });
    expect(again.settings()).toEqual(settings);
    expect(again.spansOf(timelapse)).toMatchObject([{ from: 10, until: null }]);
  });
});

describe('the card', () => {
  it('is thinned by every second old frame, flagged and manual ones last, and that is reported', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const timelapseId = beginTimelapse(buffer);
    const frames: FrameId[] = [];
    const camera = newCameraId();
    for (let index = 1; index <= 120; index += 1) {
      const flagged = index <= 10;
      const slot = { timelapseId, dueAt: index * 1000 };
      frames.push((await keep(buffer, { camera, slot, flagged, sizeBytes: 100 })).frameId);
    }
    const evicted = buffer.thinBacklog(350);
    expect(evicted).toEqual([frames[11], frames[13], frames[15], frames[17]]);
    await buffer.clean();
    expect(await framesOnDisk(folder)).toHaveLength(116);
    const last = all(buffer).at(-1);
    expect(JSON.parse(last?.body ?? '')).toEqual({ frameIds: evicted, reason: 'card-full' });
    expect(buffer.backlog().frames).toBe(116);
  });

  it('spares a short backlog, which is about to be delivered', async () => {
    const buffer = await openTestBuffer(await openFolder());
    for (let count = 0; count < 5; count += 1) await keep(buffer);
    expect(buffer.thinBacklog(1e9)).toEqual([]);
  });
});

describe('a card without room', () => {
  it('settles nothing and leaves no file, and takes the slot when there is room again', async () => {
    const folder = await openFolder();
    const { db } = openDatabase(folder);
    onTestFinished(() => void db.close());
    const tables = { db, outbox: createOutbox(db), frames: createFrameRows(db), slots: createSlotRows(db) };
    const commit = createCommitFrame(tables, { folder: path.join(folder, 'frames'), agentId: newAgentId() });
    const opened = makeSpan({ from: 0 });
    tables.slots.open(opened);
    const keepSlot = (dueAt: number) =>
      commit(makeFrame({ slot: { timelapseId: opened.timelapseId, dueAt }, sizeBytes: 100 }));
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
    let dueAt = 0;
    let result = await keepSlot(dueAt);
    for (; result.kind === 'kept'; result = await keepSlot(dueAt)) dueAt += 1000;
    expect(result.kind).toBe('card-full');
    const kept = dueAt / 1000;
    const files = async () =>
      (await readdir(path.join(folder, 'frames'), { recursive: true })).filter((name) => name.includes('.')).length;
    expect(await files()).toBe(kept);
    expect(tables.slots.cursor(opened.timelapseId)).toBe(dueAt - 1000);
    db.pragma('max_page_count = 100000');
    expect((await keepSlot(dueAt)).kind).toBe('kept');
    expect(tables.outbox.lastSeq()).toBe(kept + 1);
    expect(await files()).toBe(kept + 1);
  });

  it('does not read a long backlog for every step', async () => {
    const { db } = openDatabase(await openFolder());
    onTestFinished(() => void db.close());
    const plans = [
      `SELECT * FROM frames WHERE state = 'waiting' AND recorded = 1 AND seq > 5 ORDER BY seq DESC LIMIT 9`,
      `UPDATE frames SET recorded = 1 WHERE recorded = 0 AND seq <= 5`,
      `UPDATE outbox SET recorded = 1 WHERE recorded = 0 AND refused_code IS NULL AND seq <= 5`,
      `SELECT * FROM outbox WHERE recorded = 0 AND refused_code IS NULL AND seq > 5 AND seq <= 9 ORDER BY seq LIMIT 9`,
    ].map((sql) => db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all());
    for (const plan of plans) {
      expect(plan.length).toBeGreaterThan(0);
      expect(plan.map(({ detail }) => detail).join()).not.toMatch(/SCAN|TEMP B-TREE/);
    }
  });
});
