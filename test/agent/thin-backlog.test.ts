import { chooseEvicted } from '@slowlight/agent/src/buffer/thin-backlog.ts';
import { type CameraId, type FrameId, newCameraId } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { beginTimelapse, everyMs, makeFrame, momentAt, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 5, 1);

interface Kept {
  frameId: FrameId;
  camera: CameraId;
  at: number;
  precious: boolean;
}

/** Two cameras of different rhythm, some frames of which are flagged or taken by hand. */
async function openBacklog(hours: number) {
  const buffer = await openTestBuffer(await openFolder());
  const kept: Kept[] = [];
  for (const everyMinutes of [5, 12]) {
    const camera = newCameraId();
    const timelapseId = beginTimelapse(buffer, START - 1, everyMs(everyMinutes * 60_000));
    for (let at = START; at < START + hours * HOUR_MS; at += everyMinutes * 60_000) {
      const precious = (at / 60_000) % 180 === 0;
      const byHand = precious && (at / 60_000) % 360 === 0;
      const frame = makeFrame({
        camera,
        slot: byHand ? null : { timelapseId, dueAt: at },
        flagged: precious,
        taken: momentAt(at),
        sizeBytes: 100,
      });
      const result = await buffer.commitFrame(frame);
      if (result.kind !== 'kept') throw new Error(result.kind);
      kept.push({ frameId: result.frame.frameId, camera, at, precious });
    }
  }
  return { buffer, kept };
}

/** The longest and the shortest time between neighbours of one camera, as multiples of its rhythm. */
function gaps(kept: readonly Kept[], rhythmMs: number): { least: number; most: number } {
  const at = kept.map((frame) => frame.at).sort((a, b) => a - b);
  const found = at.slice(1).map((moment, index) => (moment - (at[index] ?? 0)) / rhythmMs);
  return { least: Math.min(...found), most: Math.max(...found) };
}

describe('a full card', () => {
  it('gets coarser evenly: no hour of a camera is halved again before every other has been, and no hole appears', async () => {
    const { buffer, kept } = await openBacklog(24);
    let left = kept;
    const evicted: FrameId[] = [];
    for (let round = 0; round < 60; round += 1) {
      const gone = buffer.thinBacklog(400);
      if (gone.length === 0) break;
      expect(gone).toHaveLength(4);
      evicted.push(...gone);
      left = left.filter((frame) => !gone.includes(frame.frameId));
      const plain = left.filter((frame) => !frame.precious);
      if (kept.filter((frame) => !frame.precious).length / plain.length > 3) break;
      for (const [camera, frames] of Map.groupBy(left, (frame) => frame.camera)) {
        const rhythmMs = camera === kept[0]?.camera ? 300_000 : 720_000;
        const { most } = gaps(frames, rhythmMs);
        const ofCamera = kept.filter((frame) => frame.camera === camera && !frame.precious).length;
        const halvedOnce = frames.filter((frame) => !frame.precious).length > ofCamera / 2 + 1;
        // Halved once, two neighbours are at most three rhythms apart (where a pair spans a flagged one); twice, six.
        expect(most).toBeLessThanOrEqual(halvedOnce ? 3 : 6);
      }
    }
    expect(evicted.length).toBeGreaterThan(200);
    expect(new Set(evicted).size).toBe(evicted.length);
    expect(left.filter((frame) => frame.precious)).toEqual(kept.filter((frame) => frame.precious));
    const told = buffer
      .unrecorded(0, 1e9, 10_000)
      .filter((event) => event.type === 'frames.evicted')
      .flatMap((event) => JSON.parse(event.body).frameIds);
    expect(told).toEqual(evicted);
    await buffer.clean();
    expect(buffer.heldBytes()).toBe(left.length * 100);
  });

  it('takes every second frame of each hour when all hours are halved once', async () => {
    const { buffer, kept } = await openBacklog(6);
    const plain = kept.filter((frame) => !frame.precious);
    const gone = new Set(buffer.thinBacklog((plain.length / 2 - 1) * 100));
    for (const frames of Map.groupBy(plain, (frame) => `${frame.camera} ${Math.floor(frame.at / HOUR_MS)}`).values()) {
      const left = frames.filter((frame) => !gone.has(frame.frameId)).length;
      expect(Math.abs(left - frames.length / 2)).toBeLessThanOrEqual(1);
    }
  });

  it('takes flagged and manual frames last, and never the newest of a camera', () => {
    const frame = (number: number, more: object = {}) => ({
      frameId: `${number}`,
      cameraId: 'one',
      sizeBytes: 1,
      thinned: 0,
      precious: false,
      newest: false,
      ...more,
    });
    const list = [frame(1), frame(2), frame(3, { newest: true }), frame(4, { precious: true })];
    list.push(frame(5, { precious: true }));
    expect(chooseEvicted(list, 1).evicted.map(({ frameId }) => frameId)).toEqual(['2']);
    expect(chooseEvicted(list, 99).evicted.map(({ frameId }) => frameId)).toEqual(['2', '5']);
    expect(chooseEvicted(list, 99).thinned.map(({ frameId }) => frameId)).toEqual(['1', '4']);
  });

  it('does not read and sort a long backlog to make room', async () => {
    const { buffer } = await openBacklog(24);
    const since = performance.now();
    for (let round = 0; round < 50; round += 1) buffer.thinBacklog(100);
    expect((performance.now() - since) / 50).toBeLessThan(50);
  });

  it('gives up what is set aside when nothing else can be spared', async () => {
    const buffer = await openTestBuffer(await openFolder());
    const result = await buffer.commitFrame(makeFrame({ sizeBytes: 100 }));
    if (result.kind !== 'kept') throw new Error(result.kind);
    expect(buffer.thinBacklog(100)).toEqual([]);
    buffer.quarantine(result.frame.frameId, 'refused');
    expect(buffer.thinBacklog(100)).toEqual([result.frame.frameId]);
  });
});
