import { newTimelapseId, slotsBetween } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { spanOf } from '../rig/edge.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function recordsCoverage(openHouse: OpenHouse): void {
  test('every planned slot has one outcome, and slots of the future have none', async (context) => {
    const { records, edge, timelapse, cameraId, clock, now } = await openRecordsScene(openHouse, context);
    const at = (minute: number) => now + minute * MINUTE;
    await clock.advance(10 * MINUTE + 1);
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: now })]),
      edge.captured(timelapse.id, cameraId, at(0)),
      edge.flagged(timelapse.id, cameraId, at(1)),
      edge.settled(timelapse.id, at(2), 'failed'),
      edge.settled(timelapse.id, at(3), 'failed'),
      edge.settled(timelapse.id, at(4), 'skipped'),
      edge.missed(timelapse.id, at(5), at(7), 3),
      edge.settled(timelapse.id, at(8), 'discarded'),
    ]);
    expect(await records.coverage(timelapse.id, now, now + HOUR)).toEqual({
      timelapseId: timelapse.id,
      from: now,
      to: now + HOUR,
      planned: 11,
      outcomes: {
        captured: 1,
        flagged: 1,
        discarded: 1,
        failed: 2,
        skipped: 1,
        missed: 3,
        evicted: 0,
        unreported: 2,
        lost: 0,
      },
      covered: 2 / 11,
      gaps: [
        { firstDueAt: at(9), lastDueAt: at(10), count: 2, outcome: 'unreported', reason: null },
        { firstDueAt: at(8), lastDueAt: at(8), count: 1, outcome: 'discarded', reason: 'black' },
        { firstDueAt: at(5), lastDueAt: at(7), count: 3, outcome: 'missed', reason: 'agent-down' },
        { firstDueAt: at(4), lastDueAt: at(4), count: 1, outcome: 'skipped', reason: 'camera-offline' },
        { firstDueAt: at(2), lastDueAt: at(3), count: 2, outcome: 'failed', reason: 'unreachable' },
      ],
    });
    expect(await records.coverage(timelapse.id, at(1), at(3))).toMatchObject({ planned: 2, covered: 0.5 });
    expect(await records.coverage(timelapse.id, now - HOUR, now)).toMatchObject({
      planned: 0,
      covered: null,
      gaps: [],
    });
    await expect(records.coverage(newTimelapseId(), now, now + 1)).rejects.toMatchObject({
      code: 'timelapse.not-found',
    });
  });

  test('contradicting reports count once, the best one, in whatever order they come', async (context) => {
    const { records, edge, timelapse, cameraId, clock, now } = await openRecordsScene(openHouse, context);
    await clock.advance(6 * MINUTE);
    const at = (minute: number) => now + minute * MINUTE;
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: now, until: at(6) })]),
      edge.missed(timelapse.id, at(0), at(3), 4),
      edge.missed(timelapse.id, at(2), at(4), 3),
      edge.captured(timelapse.id, cameraId, at(1)),
      edge.settled(timelapse.id, at(5), 'skipped'),
      edge.settled(timelapse.id, at(5), 'failed'),
    ]);
    await records.recordEvents([
      edge.captured(timelapse.id, cameraId, at(5)),
      edge.settled(timelapse.id, at(5), 'discarded'),
    ]);
    const view = await records.coverage(timelapse.id, now, now + HOUR);
    expect(view).toMatchObject({ planned: 6, outcomes: { captured: 2, missed: 4 } });
    const faults = (await records.faults({ limit: 20 })).items;
    expect(faults.map((fault) => fault.code)).toEqual(faults.map(() => 'slot.settled-twice'));
    // The range that holds a taken slot and overlaps another one, and the slot with four outcomes.
    expect(faults).toHaveLength(2);
  });

  test('spans follow each other without counting a slot twice, and a closed span wins over its open copy', async (context) => {
    const { records, edge, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    await clock.advance(HOUR - 1);
    const closed = edge.applied([
      spanOf(timelapse.id, 1, { from: now, until: now + 30 * MINUTE }),
      spanOf(timelapse.id, 2, { from: now + 30 * MINUTE, everySeconds: 600 }),
    ]);
    const opened = edge.applied([spanOf(timelapse.id, 1, { from: now })]);
    await records.recordEvents([closed]);
    await records.recordEvents([opened]);
    expect((await records.coverage(timelapse.id, now, now + HOUR)).planned).toBe(30 + 3);
    expect((await records.timelapse(timelapse.id))?.nextDueAt).toBe(now + HOUR);
    expect((await records.camera(timelapse.cameraId))?.nextDueAt).toBe(now + HOUR);
    await records.moveTimelapse(timelapse.id, 'paused');
    expect((await records.timelapse(timelapse.id))?.nextDueAt).toBeNull();
  });

  test('what is reported before its span is known counts at once, and not again when the span comes', async (context) => {
    const { records, edge, timelapse, cameraId, clock, now } = await openRecordsScene(openHouse, context);
    await clock.advance(2 * MINUTE);
    await records.recordEvents([edge.captured(timelapse.id, cameraId, now + MINUTE)]);
    expect(await records.coverage(timelapse.id, now, now + HOUR)).toMatchObject({ planned: 1, covered: 1 });
    await records.recordEvents([edge.applied([spanOf(timelapse.id, 1, { from: now })])]);
    expect(await records.coverage(timelapse.id, now, now + HOUR)).toMatchObject({
      planned: 3,
      outcomes: { captured: 1, unreported: 2 },
    });
  });

  test('a cron expression is counted like any other rhythm, day by day, up to where its span ends', async (context) => {
    const { records, edge, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    const cron = {
      ...spanOf(timelapse.id, 1, { from: now + 30_000, firstAtOnce: true }),
      schedule: {
        rhythm: { kind: 'cron' as const, expression: '*/10 6-21 * * 1-5' },
        timeZone: 'Europe/Vienna',
        startsAt: null,
        endsAt: null,
      },
    };
    await records.recordEvents([edge.applied([cron])]);
    const end = now + 9 * 24 * HOUR + 7 * MINUTE;
    clock.setWall(end);
    const ask = async (from: number, to: number) => (await records.coverage(timelapse.id, from, to)).planned;
    const expected = (from: number, to: number) => slotsBetween(cron, from, to).length;
    for (const [from, to] of [
      [now, end],
      [now, now + 24 * HOUR],
      [now + 3 * HOUR + 1, now + 4 * 24 * HOUR + 13],
      [now, end],
    ] as const)
      expect(await ask(from, to)).toBe(expected(from, to));
    expect(await ask(now, end)).toBeGreaterThan(500);
    const until = now + 2 * 24 * HOUR + 5 * MINUTE;
    await records.recordEvents([edge.applied([{ ...cron, until }])]);
    expect(await ask(now, end)).toBe(expected(now, until));
  });

  test('whoever waits gets a turn while much is counted', async (context) => {
    const { records, edge, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    const everySecond = {
      ...spanOf(timelapse.id, 1, { from: now }),
      schedule: {
        rhythm: { kind: 'cron' as const, expression: '* * * * * *' },
        timeZone: 'UTC',
        startsAt: null,
        endsAt: null,
      },
    };
    await records.recordEvents([edge.applied([everySecond])]);
    clock.setWall(now + HOUR - 1);
    let turns = 0;
    let counting = true;
    const others = (async () => {
      while (counting) {
        turns += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    expect((await records.coverage(timelapse.id, now, now + HOUR)).planned).toBe(3600);
    counting = false;
    await others;
    expect(turns).toBeGreaterThan(50);
  });

  test('a year of minutes is answered', async (context) => {
    const { records, edge, timelapse, clock, now } = await openRecordsScene(openHouse, context);
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: now })]),
      edge.missed(timelapse.id, now, now + 365 * 24 * HOUR, 365 * 24 * 60),
    ]);
    clock.setWall(now + 365 * 24 * HOUR - 1);
    const view = await records.coverage(timelapse.id, now, now + 365 * 24 * HOUR);
    expect(view).toMatchObject({
      planned: 365 * 24 * 60,
      outcomes: { missed: 365 * 24 * 60 },
      gaps: [{ count: 525_600 }],
    });
  });
}
