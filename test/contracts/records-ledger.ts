import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import type { CoverageView, Outcome, Schedule } from '@slowlight/protocol';
import { newCameraId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf, spanOf } from '../rig/edge.ts';
import { aCamera, everyMinute, openRecordsScene } from '../rig/records-scene.ts';
import { seeded } from '../rig/seeded.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const always = new AbortController().signal;

/** What a view says, without where it was asked from. */
const said = ({ planned, outcomes, covered, gaps }: CoverageView) => ({ planned, outcomes, covered, gaps });

export function recordsLedger(openHouse: OpenHouse): void {
  test('days that are counted say what their slots say, also after late reports, in any stretch', async (context) => {
    // The last Sunday of October has 25 hours.
    const start = Date.parse('2026-10-22T05:20:00+02:00');
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, cameraId, clock } = scene;
    clock.setWall(start);
    const { id } = await anotherTimelapse(scene, { ...everyMinute, timeZone: 'Europe/Vienna' });
    const slots = Array.from({ length: 9 * 144 }, (_, index) => start + index * 10 * MINUTE);
    const random = seeded(7);
    const events: IncomingEvent[] = [
      edge.applied([spanOf(id, 1, { from: start, everySeconds: 600, timeZone: 'Europe/Vienna' })]),
      edge.missed(id, slots[200] ?? 0, slots[420] ?? 0, 221),
    ];
    const silent = (index: number) => (index >= 200 && index <= 420) || (index > 700 && index < 900);
    const late: IncomingEvent[] = [];
    for (const [index, dueAt] of slots.entries()) {
      if (index > 1250) break;
      const event = random() < 0.8 ? edge.captured(id, cameraId, dueAt) : edge.settled(id, dueAt, 'failed');
      if (!silent(index)) events.push(event);
      else if (index > 700) late.push(event);
    }
    await records.recordEvents(events);
    clock.setWall(start + 9 * DAY);

    const asked = Array.from({ length: 12 }, () => {
      const [a, b] = [random(), random()].map((share) => Math.floor(start + share * 9 * DAY)).sort((x, y) => x - y);
      return [a ?? 0, b ?? 0] as const;
    });
    const ask = async () => {
      const views = [said(await records.coverage(id, 0, clock.now()))];
      for (const [from, to] of asked) views.push(said(await records.coverage(id, from, to)));
      return views;
    };
    const counted = async () => {
      const open = await ask();
      expect(await records.closeDays(always)).toBeGreaterThan(0);
      expect(await records.closeDays(always)).toBe(0);
      expect(await ask()).toEqual(open);
      return open[0];
    };
    const before = await counted();
    expect(before?.outcomes).toMatchObject({ missed: 221, unreported: 199 + 45 });

    // The first late report changes what is said at once, before anything is counted again.
    const [firstLate, ...others] = late;
    if (firstLate === undefined) throw new Error('nothing is late');
    await records.recordEvents([firstLate]);
    expect((await records.coverage(id, 0, clock.now())).outcomes.unreported).toBe(199 + 45 - 1);
    await records.recordEvents(others);
    const after = await counted();
    expect(after?.outcomes).toMatchObject({ missed: 221, unreported: 45 });
    // A day that was missed turns out to have been captured, and a picture is evicted.
    const fifth = events.find(({ event }) => event.type === 'slot.settled' && event.body.outcome === 'captured');
    if (fifth === undefined) throw new Error('nothing was captured');
    await records.recordEvents([
      edge.captured(id, cameraId, slots[300] ?? 0),
      edge.say('frames.evicted', { frameIds: [frameOf(fifth)], reason: 'card-full' }),
      edge.applied([
        spanOf(id, 1, { from: start, everySeconds: 600, timeZone: 'Europe/Vienna', until: start + 8 * DAY }),
      ]),
    ]);
    const last = await counted();
    expect(last?.outcomes).toMatchObject({ missed: 220, evicted: 1, unreported: 0 });

    const days = (await records.coverage(id, 0, clock.now(), 'day')).parts ?? [];
    expect(days.map((day) => day.date)).toEqual(
      ['22', '23', '24', '25', '26', '27', '28', '29', '30'].map((day) => `2026-10-${day}`),
    );
    expect(days.map((day) => day.planned)).toEqual([112, 144, 144, 150, 144, 144, 144, 144, 125]);
    const hours = (await records.coverage(id, days[3]?.from ?? 0, days[3]?.to ?? 0, 'hour')).parts ?? [];
    expect(hours).toHaveLength(25);
    expect(hours.reduce((sum, hour) => sum + (hour.outcomes.captured ?? 0), 0)).toBe(days[3]?.outcomes.captured);
  });

  test('one gap is one gap, over however many days it goes', async (context) => {
    const { records, edge, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: now })]),
      edge.missed(timelapse.id, now, now + 365 * DAY - MINUTE, 365 * 24 * 60),
    ]);
    clock.setWall(now + 100 * DAY);
    await records.closeDays(always);
    const { gaps, planned } = await records.coverage(timelapse.id, 0, clock.now() + 1);
    expect(planned).toBe(100 * 24 * 60 + 1);
    expect(gaps).toEqual([
      { firstDueAt: now, lastDueAt: clock.now(), count: planned, outcome: 'missed', reason: 'agent-down' },
    ]);
  });

  test('a timelapse that was paused for long goes on being counted, and one that has ended is counted to its end', async (context) => {
    const { records, edge, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    await records.recordEvents([edge.applied([spanOf(timelapse.id, 1, { from: now, until: now + 2 * DAY })])]);
    clock.setWall(now + 60 * DAY);
    await records.closeDays(always);
    const next = spanOf(timelapse.id, 2, { from: now + 61 * DAY });
    await records.recordEvents([edge.applied([next])]);
    clock.setWall(now + 64 * DAY);
    expect(await records.closeDays(always)).toBeGreaterThan(50);
    const { parts = [] } = await records.coverage(timelapse.id, 0, clock.now(), 'day');
    expect(parts.filter((day) => day.planned > 0)).toHaveLength(3 + 4);
    expect(await records.closeDays(always)).toBe(0);
  });

  test('what somebody gives up is lost, until it is reported after all', async (context) => {
    const { records, edge, timelapse, cameraId, clock, now } = await openRecordsScene(openHouse, context);
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: now })]),
      edge.captured(timelapse.id, cameraId, now),
    ]);
    clock.setWall(now + 3 * DAY);
    await records.closeDays(always);
    const outcomes = async () => (await records.coverage(timelapse.id, 0, clock.now())).outcomes;
    await records.giveUpSlots(timelapse.id, { from: now, until: now + DAY, reason: 'the card was stolen' });
    expect(await outcomes()).toMatchObject({ captured: 1, lost: 1439, unreported: 2 * 1440 });
    expect((await records.coverage(timelapse.id, now, now + DAY)).gaps).toMatchObject([
      { count: 1439, outcome: 'lost', reason: 'the card was stolen' },
    ]);
    await records.recordEvents([edge.captured(timelapse.id, cameraId, now + MINUTE)]);
    expect(await outcomes()).toMatchObject({ captured: 2, lost: 1438 });
    await expect(
      records.giveUpSlots('tlp-0000000000000000' as never, { from: 0, until: 1, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'timelapse.not-found' });
  });

  test('an agent that is retired may not come in, plans nothing more, and what it has not said is lost', async (context) => {
    const { records, edge, agent, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    await records.recordEvents([edge.applied([spanOf(timelapse.id, 1, { from: now })])]);
    clock.setWall(now + 10 * MINUTE);
    expect(await records.agentLogins()).toHaveLength(1);
    expect(await records.retireAgent(agent.id)).toMatchObject({ retiredAt: clock.now() });
    expect(await records.agentLogins()).toEqual([]);
    expect((await records.timelapse(timelapse.id))?.state).toBe('completed');
    clock.setWall(now + DAY);
    expect((await records.coverage(timelapse.id, 0, clock.now())).outcomes).toMatchObject({ lost: 10, unreported: 0 });
    expect(await records.retireAgent(agent.id)).toMatchObject({ retiredAt: now + 10 * MINUTE });
    expect(await records.retireAgent('agt-0000000000000000' as never)).toBeNull();
  });

  test('a camera is covered by all its timelapses together, and the outlook warns', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, clock, now } = scene;
    expect(await records.outlook(timelapse.id, 0.9)).toMatchObject({ waitsForAgent: true, isBelow: null });
    const ends = { ...everyMinute, endsAt: now + 2 * HOUR };
    await records.recordEvents([
      edge.applied([{ ...spanOf(timelapse.id, 1, { from: now }), schedule: ends }]),
      edge.captured(timelapse.id, cameraId, now),
      edge.settled(timelapse.id, now + MINUTE, 'failed'),
    ]);
    clock.setWall(now + MINUTE);
    expect(await records.outlook(timelapse.id, 0.9)).toMatchObject({
      waitsForAgent: false,
      nothingPlannedFor7Days: false,
      coveredLast7Days: 0.5,
      isBelow: true,
    });
    expect(await records.outlook(timelapse.id, 0.5)).toMatchObject({ isBelow: false });
    clock.setWall(now + 3 * HOUR);
    expect(await records.outlook(timelapse.id, 0.5)).toMatchObject({ nothingPlannedFor7Days: true, nextDueAt: null });
    await records.moveTimelapse(timelapse.id, 'completed');
    const second = await records.startTimelapse({ cameraId, name: 'Second', schedule: everyMinute });
    await records.recordEvents([edge.captured(second.id, cameraId, clock.now())]);
    const view = await records.cameraCoverage(cameraId, 0, clock.now() + 1);
    expect(view).toMatchObject({ planned: 121, outcomes: { captured: 2, failed: 1, unreported: 118 } });
    expect(view.timelapses.map((one) => one.timelapseId)).toEqual([timelapse.id, second.id]);
  });

  test('events whose content is forgotten are still answered as recorded, and refused ones as refused', async (context) => {
    const { records, edge, agent, timelapse, cameraId, now } = await openRecordsScene(openHouse, context);
    const events = Array.from({ length: 30 }, (_, slot) => edge.captured(timelapse.id, cameraId, now + slot * MINUTE));
    const foreign = edge.uploaded('frm-0000000000000000-1' as never);
    const more = Array.from({ length: 9 }, (_, slot) =>
      edge.captured(timelapse.id, cameraId, now + (40 + slot) * MINUTE),
    );
    await records.recordEvents([...events, foreign, ...more]);
    expect(await records.pruneInbox(5)).toBe(35);
    expect(await records.pruneInbox(5)).toBe(0);
    const again = await records.recordEvents([...events, foreign, ...more]);
    expect(again.map((one) => one.kind)).toEqual([
      ...Array(30).fill('duplicate'),
      'refused',
      ...Array(9).fill('duplicate'),
    ]);
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 40, recordedAlso: [] });
    expect((await records.coverage(timelapse.id, 0, now + HOUR)).planned).toBe(39);
    expect((await records.frames({ order: 'oldest', limit: 100 })).items).toHaveLength(39);
  });

  test('the slots of a timelapse come a day at a time, each with what became of it', async (context) => {
    const { records, edge, timelapse, cameraId, clock, now } = await openRecordsScene(openHouse, context);
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: now, everySeconds: 6 * 3600 })]),
      edge.captured(timelapse.id, cameraId, now),
    ]);
    clock.setWall(now + 2 * DAY);
    const days: Outcome[][] = [];
    for await (const day of records.slotOutcomes(timelapse.id, 0, clock.now()))
      days.push(day.map((slot) => slot.outcome));
    expect(days).toEqual([['captured', 'unreported'], Array(4).fill('unreported'), Array(2).fill('unreported')]);
  });
}

type Scene = Awaited<ReturnType<typeof openRecordsScene>>;
async function anotherTimelapse({ records, agent }: Scene, schedule: Schedule) {
  const camera = newCameraId();
  await records.createCamera(camera, agent.id, aCamera);
  return records.startTimelapse({ cameraId: camera, name: 'Another', schedule });
}
