import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import { frameIdOf } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;

const heldOf = (event: IncomingEvent, sha256?: string) => {
  if (event.event.type !== 'slot.settled' || !('frame' in event.event.body)) throw new Error('no frame');
  const { frame } = event.event.body;
  return { frameId: frame.frameId, sha256: sha256 ?? frame.sha256, state: 'waiting' };
};

/** Four frames that were announced, and what the agent says about the stretch of them that it gives. */
async function openAnnounced(openHouse: OpenHouse, context: Parameters<OpenHouse>[0]) {
  const scene = await openRecordsScene(openHouse, context);
  const { edge, timelapse, cameraId, now } = scene;
  const announced = [0, 1, 2, 3].map((minute) => edge.captured(timelapse.id, cameraId, now + minute * MINUTE));
  await scene.records.recordEvents(announced);
  return { ...scene, announced };
}
const pictures = async ({ records }: RecordsScene, events: readonly IncomingEvent[]) =>
  Promise.all(events.map(async (event) => (await records.frame(frameOf(event)))?.picture));

export function recordsReconcile(openHouse: OpenHouse): void {
  test('a picture that is awaited and that its agent does not hold is looked for once more, then given up', async (context) => {
    const scene = await openAnnounced(openHouse, context);
    const { records, edge, announced, now } = scene;
    const [one, two, three, four] = announced;
    if (!one || !two || !three || !four) throw new Error('not announced');
    const range = { at: now, firstSeq: 1, lastSeq: three.event.seq };
    const held = edge.say('frames.held', { ...range, frames: [heldOf(one)] });
    const [outcome] = await records.recordEvents([held]);
    expect(outcome?.kind).toBe('recorded');
    expect(await pictures(scene, announced)).toEqual(['at-edge', 'claimed', 'claimed', 'at-edge']);
    expect((await records.claimed(10)).map(({ frameId }) => frameId).sort()).toEqual(
      [frameOf(two), frameOf(three)].sort(),
    );

    // One of them is in the store: its receipt had been lost with the records; the other is nowhere.
    await records.pictureStored(frameOf(two));
    await records.pictureRefused(frameOf(three), 'upload.absent', 'not there');
    expect(await pictures(scene, announced)).toEqual(['at-edge', 'stored', 'evicted', 'at-edge']);
    const { slots } = await records
      .coverage(scene.timelapse.id, now, now + 4 * MINUTE)
      .then((coverage) => ({ slots: JSON.stringify(coverage) }));
    expect(slots).toContain('evicted');

    // Said again, nothing changes.
    expect((await records.recordEvents([held]))[0]?.kind).toBe('duplicate');
    expect(await pictures(scene, announced)).toEqual(['at-edge', 'stored', 'evicted', 'at-edge']);
  });

  test('pictures that are proven together are stored in one commit, each once', async (context) => {
    const scene = await openAnnounced(openHouse, context);
    const { records, announced, timelapse } = scene;
    const ids = announced.map(frameOf);
    await records.pictureStored(ids[0] as (typeof ids)[number]);
    await records.picturesStored(ids);
    await records.picturesStored(ids);
    expect(await pictures(scene, announced)).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect((await records.timelapse(timelapse.id))?.frames).toBe(4);
    const told = (await records.feedAfter(0, 100)).filter(({ event }) => event.type === 'frame.captured');
    expect(told).toHaveLength(4);
  });

  test('what an agent holds is compared by id and checksum', async (context) => {
    const scene = await openAnnounced(openHouse, context);
    const { records, edge, announced, agent } = scene;
    const [one, two, three] = announced;
    if (!one || !two || !three) throw new Error('not announced');
    await records.recordEvents([one, two].map((event) => edge.uploaded(frameOf(event))));
    await records.pictureStored(frameOf(one));
    await records.pictureStored(frameOf(two));
    const unknown = { frameId: frameIdOf(agent.id, 9999), sha256: 'b'.repeat(64) };
    const held = [heldOf(one), heldOf(two, 'c'.repeat(64)), heldOf(three), unknown];
    expect(await records.compareHeld(held)).toEqual({ forget: [frameOf(one)], missing: [unknown.frameId] });

    const said = { at: scene.now, firstSeq: 1, lastSeq: 4, frames: held.slice(0, 3) };
    await records.recordEvents([edge.say('frames.held', said)]);
    const faults = (await records.faults({ limit: 20 })).items.map(({ code }) => code);
    expect(faults).toContain('reconcile.other-content');
  });

  test('an agent cannot speak of the frames of another', async (context) => {
    const { records, edge, now } = await openAnnounced(openHouse, context);
    const foreign = { frameId: 'frm-aaaaaaaaaaaaaaaa-1', sha256: 'b'.repeat(64), state: 'waiting' };
    const [outcome] = await records.recordEvents([
      edge.say('frames.held', { at: now, firstSeq: 1, lastSeq: 4, frames: [foreign] }),
    ]);
    expect(outcome).toMatchObject({ kind: 'refused', code: 'ingest.foreign' });
  });
}
