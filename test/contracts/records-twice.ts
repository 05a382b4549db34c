import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import { type CameraId, frameIdOf } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf, spanOf } from '../rig/edge.ts';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import { seeded } from '../rig/seeded.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const TIMES = 10;

export function recordsTwice(openHouse: OpenHouse): void {
  test('every event delivered ten times in shuffled order leaves the database that once would', async (context) => {
    const plain = await openRecordsScene(openHouse, context);
    const story = tell(plain);
    expect(story.length).toBeGreaterThan(60);
    for (const event of story) await plain.records.recordEvents([event]);
    const expected = await remembered(plain);
    expect(expected.frames?.length).toBeGreaterThan(20);
    expect(expected.faults?.length).toBeGreaterThan(3);
    expect(new Set(expected.frames?.map((row) => row.picture))).toEqual(new Set(['at-edge', 'claimed', 'evicted']));

    for (const seed of [1, 2, 3, 4]) {
      const scene = await openRecordsScene(openHouse, context);
      const random = seeded(seed);
      const copies = shuffled(
        tell(scene).flatMap((event) => Array.from({ length: TIMES }, () => event)),
        random,
      );
      let recorded = 0;
      while (copies.length > 0) {
        const batch = copies.splice(0, 1 + Math.floor(random() * 60));
        for (const outcome of await scene.records.recordEvents(batch)) if (outcome.kind === 'recorded') recorded += 1;
      }
      expect(recorded, 'each is recorded once').toBe(story.length - 1);
      expect(await remembered(scene), `seed ${seed}`).toEqual(expected);
    }
  });

  test('pictures proven between the copies are counted once', async (context) => {
    const [plain, shaken] = [await openRecordsScene(openHouse, context), await openRecordsScene(openHouse, context)];
    const views = [];
    for (const scene of [plain, shaken]) {
      const random = seeded(7);
      const events = Array.from({ length: 30 }, (_, index) =>
        index % 5 === 4
          ? scene.edge.flagged(scene.timelapse.id, scene.cameraId, scene.now + index * MINUTE)
          : scene.edge.captured(scene.timelapse.id, scene.cameraId, scene.now + index * MINUTE),
      );
      const uploads = events.map((event) => scene.edge.uploaded(frameOf(event)));
      const times = scene === plain ? 1 : TIMES;
      const copies = [...events, ...uploads].flatMap((event) => Array.from({ length: times }, () => event));
      const order = scene === plain ? copies : shuffled(copies, random);
      let stored = 0;
      while (order.length > 0) {
        await scene.records.recordEvents(order.splice(0, 40));
        for (const { frameId } of await scene.records.claimed(1000)) {
          const twice = [await scene.records.pictureStored(frameId), await scene.records.pictureStored(frameId)];
          stored += twice.filter(Boolean).length;
        }
      }
      expect(stored).toBe(30);
      const { id: _, cameraId: __, ...view } = (await scene.records.timelapse(scene.timelapse.id)) ?? {};
      views.push({ view, totals: await scene.records.totals(), jobs: await scene.records.jobCounts() });
    }
    expect(views[1]).toEqual(views[0]);
    expect(views[0]).toMatchObject({ view: { frames: 30, flagged: 6 }, jobs: { waiting: 30 } });
  });
}

/** Something of everything that an agent can say, with some that contradicts itself. */
function tell(scene: RecordsScene): IncomingEvent[] {
  const { edge, timelapse, cameraId, now, agent } = scene;
  const at = (minute: number) => now + minute * MINUTE;
  const events: IncomingEvent[] = [
    edge.applied([spanOf(timelapse.id, 1, { from: now, firstAtOnce: true })], 2),
    edge.applied(
      [
        spanOf(timelapse.id, 1, { from: now, until: at(20), firstAtOnce: true }),
        spanOf(timelapse.id, 2, { from: at(20), everySeconds: 30 }),
      ],
      3,
    ),
  ];
  const frames: IncomingEvent[] = [];
  for (let minute = 0; minute < 40; minute += 1) {
    const outcome = (['captured', 'captured', 'flagged', 'failed', 'skipped', 'captured', 'discarded'] as const)[
      minute % 7
    ];
    if (outcome === undefined || minute >= 30) continue;
    if (outcome === 'captured' || outcome === 'flagged') frames.push(edge[outcome](timelapse.id, cameraId, at(minute)));
    else events.push(edge.settled(timelapse.id, at(minute), outcome));
  }
  frames.push(edge.taken(cameraId, at(3) + 500), edge.taken(UNKNOWN, at(4) + 500));
  events.push(...frames);
  const ids = frames.map(frameOf);
  for (const id of ids.slice(0, 12)) events.push(edge.uploaded(id));
  events.push(edge.say('frames.evicted', { frameIds: ids.slice(10, 16), reason: 'card-full' }));
  events.push(edge.say('frames.evicted', { frameIds: ids.slice(14, 17), reason: 'card-full' }));
  events.push(edge.missed(timelapse.id, at(30), at(35), 6), edge.missed(timelapse.id, at(34), at(38), 5));
  // Contradictions: slots of a range that were taken, and slots with several outcomes.
  events.push(edge.missed(timelapse.id, at(2), at(4), 3));
  for (const outcome of ['skipped', 'failed', 'discarded'] as const)
    events.push(edge.settled(timelapse.id, at(5), outcome));
  events.push(edge.captured(timelapse.id, cameraId, at(6)), edge.flagged(timelapse.id, cameraId, at(0)));
  events.push(edge.captured(timelapse.id, cameraId, at(1)), edge.captured(timelapse.id, cameraId, at(1)));
  for (const health of ['degraded', 'offline', 'online'])
    events.push(
      edge.say('camera.health-changed', { cameraId, health, consecutiveFailures: 1, code: null, hint: null, at: now }),
    );
  for (const backlogFrames of [4, 2])
    events.push(
      edge.say('device.reported', {
        at: now,
        uptimeSeconds: 1,
        diskFreeBytes: 1,
        diskTotalBytes: 2,
        memoryFreeBytes: 1,
        memoryTotalBytes: 2,
        loadAverage: 0.1,
        temperatureCelsius: 40.5,
        processMemoryBytes: 1,
        backlogFrames,
        backlogBytes: 1,
        quarantinedFrames: 0,
        clock: 'untrusted',
        ffmpegVersion: null,
      }),
    );
  // The one that is refused: a frame of another agent.
  events.push(edge.uploaded(frameIdOf(`agt-${'f'.repeat(16)}` as typeof agent.id, 1)));
  return events;
}

const UNKNOWN = 'cam-unknownunknown00' as CameraId;

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [order[last], order[other]];
    if (a !== undefined && b !== undefined) [order[last], order[other]] = [b, a];
  }
  return order;
}

/** All tables without what may differ: the order of feed and faults, the inbox, and ids that are made at random. */
async function remembered({ house, site, agent, cameraId, timelapse }: RecordsScene) {
  const tables = await house.tables();
  const names: [string, string][] = [
    [site.id, 'SITE'],
    [agent.id, 'AGENT'],
    [agent.id.slice('agt-'.length), 'AGENTPART'],
    [cameraId, 'CAMERA'],
    [timelapse.id, 'TIMELAPSE'],
  ];
  const result: Record<string, Record<string, unknown>[]> = {};
  for (const [table, rows] of Object.entries(tables)) {
    if (table === 'inbox' || table === 'migrations') continue;
    const seen = rows.map((row) => {
      const kept = Object.fromEntries(Object.entries(row).filter(([column]) => !isRandom(table, column)));
      return names.reduce((text, [id, name]) => text.replaceAll(id, name), JSON.stringify(kept));
    });
    result[table] = seen.sort().map((text) => JSON.parse(text) as Record<string, unknown>);
  }
  return result;
}

const isRandom = (table: string, column: string) =>
  (table === 'feed' && column === 'position') || (table === 'faults' && column === 'id');
