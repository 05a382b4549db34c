import { checkReadiness, type ReadinessFacts } from '@slowlight/agent/src/readiness/readiness.ts';
import { createSchedule } from '@slowlight/agent/src/schedule/schedule.ts';
import { newAgentId, newCameraId, newTimelapseId, type Schedule, type Slot, schedule } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, everyMs, makeSettings, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { seeded } from '../rig/seeded.ts';

/** A Monday. */
const NOON = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ids = { agentId: newAgentId(), timelapseId: newTimelapseId() };

async function openSchedule(start = NOON + 500) {
  const clock = createHandClock(start);
  const buffer = await openTestBuffer(await openFolder(), { clock });
  const taken: { dueAt: number; at: number }[] = [];
  const hold = { ms: 0 };
  const made = createSchedule(
    {
      ...buffer,
      clock,
      log: createHeardLog(),
      leadMs: () => 200,
      holdMs: () => Math.max(0, hold.ms - clock.monotonicMs()),
      async take(slot: Slot) {
        taken.push({ dueAt: slot.dueAt, at: clock.now() });
        buffer.settle({ outcome: 'skipped', slot, reason: 'too-hot', detail: '' });
      },
    },
    buffer.settings(),
  );
  const stopping = new AbortController();
  const start_ = () => {
    const ended = made.run(stopping.signal);
    onTestFinished(async () => {
      stopping.abort();
      await ended;
    });
  };
  const missed = () =>
    buffer
      .unrecorded(0, Number.MAX_SAFE_INTEGER, 10_000)
      .filter((event) => event.type === 'slots.missed')
      .map(
        (event) => JSON.parse(event.body) as { firstDueAt: number; lastDueAt: number; count: number; reason: string },
      );
  return { clock, buffer, taken, missed, hold, apply: made.apply, start: start_ };
}
const windows = (from: string, to: string): Partial<Schedule> => ({
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from, to }],
});
const minutesAfterNoon = (taken: { dueAt: number }[]) => taken.map(({ dueAt }) => (dueAt - NOON) / 60_000);

describe('a schedule with windows', () => {
  it('takes pictures inside them only, and finds the next opening after a long rest', async () => {
    const { clock, apply, start, taken, missed } = await openSchedule();
    start();
    apply(makeSettings({ ...ids, schedule: everyMs(60_000, windows('12:02', '12:04')) }));
    await clock.advance(360_000);
    clock.setWall(NOON + DAY);
    await clock.advance(360_000);
    expect(minutesAfterNoon(taken)).toEqual([2, 3, 24 * 60 + 2, 24 * 60 + 3]);
    expect(missed()).toEqual([]);
  });

  it('follows an edit of its windows at the next slot, also while it is closed', async () => {
    const { clock, apply, start, taken } = await openSchedule();
    start();
    apply(makeSettings({ ...ids, schedule: everyMs(60_000, windows('18:00', '19:00')) }));
    await clock.advance(10 * 60_000);
    expect(taken).toEqual([]);
    apply(makeSettings({ ...ids, version: 2, schedule: everyMs(60_000, windows('12:00', '12:13')) }));
    await clock.advance(10 * 60_000);
    expect(minutesAfterNoon(taken)).toEqual([11, 12]);
  });

  it('rests through months in which nothing is planned and goes on after them', async () => {
    const { clock, apply, start, taken, missed } = await openSchedule();
    start();
    const winter = { from: NOON + 10_000, until: NOON + 60 * DAY, rhythm: null, label: 'winter' };
    apply(makeSettings({ ...ids, schedule: everyMs(5000, { overrides: [winter] }) }));
    await clock.advance(20_000);
    clock.setWall(winter.until - 10_000);
    await clock.advance(16_000);
    expect(taken.map(({ dueAt }) => dueAt)).toEqual([NOON + 5000, winter.until, winter.until + 5000]);
    expect(missed()).toEqual([]);
  });

  it('ends when nothing is planned any more, and begins again with an edit', async () => {
    const { clock, apply, start, taken } = await openSchedule();
    start();
    const never = schedule.parse({ ...everyMs(DAY), ...windows('08:00', '09:00') });
    apply(makeSettings({ ...ids, schedule: never }));
    await clock.advance(60_000);
    apply(makeSettings({ ...ids, version: 2, schedule: everyMs(10_000) }));
    await clock.advance(10_000);
    expect(taken).toHaveLength(1);
  });
});

describe('a clock that cannot be trusted', () => {
  it('holds the schedule, and what was due meanwhile is told with its own reason', async () => {
    const { clock, apply, start, taken, missed, hold } = await openSchedule();
    apply(makeSettings({ ...ids, schedule: everyMs(60_000) }));
    hold.ms = 300_000;
    start();
    await clock.advance(299_000);
    expect(taken).toEqual([]);
    expect(missed()).toEqual([]);
    await clock.advance(62_000);
    expect(missed()).toMatchObject([{ count: 4, reason: 'clock-not-set' }]);
    expect(minutesAfterNoon(taken)).toEqual([5, 6]);
  });

  it('ends nothing and begins nothing while nobody knows the time: settings wait for it', async () => {
    const { clock, apply, start, taken, buffer, hold } = await openSchedule(NOON + 40 * DAY);
    hold.ms = 60_000;
    start();
    const settings = makeSettings({ ...ids, schedule: everyMs(60_000, { endsAt: NOON + DAY }) });
    expect(apply(settings)).toBe(false);
    await clock.advance(20_000);
    expect(buffer.spans()).toEqual([]);
    clock.setWall(NOON + 500);
    hold.ms = 0;
    await clock.advance(62_000);
    expect(buffer.spansOf(ids.timelapseId)).toMatchObject([{ until: null }]);
    expect(minutesAfterNoon(taken)).toEqual([1]);
    expect(buffer.settings()?.version).toBe(settings.version);
  });

  it('is set while the schedule waits: what lies before the start was missed because the device was off', async () => {
    const { clock, apply, start, taken, missed, hold } = await openSchedule();
    apply(makeSettings({ ...ids, schedule: everyMs(600_000) }));
    hold.ms = 60_000;
    start();
    await clock.advance(30_000);
    clock.setWall(NOON + 3 * HOUR + 30_000);
    hold.ms = 0;
    await clock.advance(2000);
    expect(missed()).toMatchObject([
      { firstDueAt: NOON + 600_000, lastDueAt: NOON + 3 * HOUR - 600_000, reason: 'agent-down' },
      { firstDueAt: NOON + 3 * HOUR, count: 1, reason: 'clock-not-set' },
    ]);
    await clock.advance(600_000);
    expect(taken.at(-1)?.dueAt).toBe(NOON + 3 * HOUR + 600_000);
  });

  it('takes no slot twice and loses none, however often it is set back and forth', async () => {
    const random = seeded(1066);
    const { clock, apply, start, taken, missed, buffer } = await openSchedule();
    start();
    apply(makeSettings({ ...ids, schedule: everyMs(60_000) }));
    let latest = 0;
    for (let step = 0; step < 40; step += 1) {
      await clock.advance(Math.floor(random() * 200_000));
      latest = Math.max(latest, clock.now());
      clock.setWall(clock.now() + Math.floor((random() - 0.5) * 6 * HOUR));
    }
    clock.setWall(Math.max(latest, clock.now()) + 60_000);
    await clock.advance(61_000);
    const settled = taken.map(({ dueAt }) => dueAt);
    for (const { firstDueAt, lastDueAt } of missed())
      for (let dueAt = firstDueAt; dueAt <= lastDueAt; dueAt += 60_000) settled.push(dueAt);
    settled.sort((a, b) => a - b);
    const cursor = buffer.cursor(ids.timelapseId) ?? 0;
    const planned = Array.from({ length: (cursor - NOON) / 60_000 }, (_, index) => NOON + (index + 1) * 60_000);
    expect(settled).toEqual(planned);
    expect(taken.length).toBeGreaterThan(10);
  });
});

describe('a picture by hand', () => {
  const cameraId = newCameraId();
  const closed = makeSettings({ ...ids, cameraId, schedule: everyMs(5000, windows('13:00', '14:00')) });
  const facts = (settings: ReadinessFacts['settings'], now = NOON, force?: boolean): ReadinessFacts => ({
    settings,
    asked: { kind: 'by-hand', cameraId, force },
    now,
    settledUpTo: null,
    camera: { health: 'online', consecutiveFailures: 0, lastTriedDueAt: null },
    device: {
      diskFreeBytes: 10e9,
      diskFloorBytes: 1e9,
      temperatureCelsius: 50,
      tooHotCelsius: 85,
      clock: 'synchronised',
      uptimeMs: 1e9,
      clockHoldMs: 300_000,
    },
  });

  it('is answered with the reason and the next slot where the timelapse is closed, unless it is forced', () => {
    expect(checkReadiness(facts(closed))).toMatchObject({ reason: 'outside-window', nextDueAt: NOON + HOUR });
    expect(checkReadiness(facts(closed, NOON, true))).toEqual({ kind: 'ready' });
    expect(checkReadiness(facts(closed, NOON + HOUR))).toEqual({ kind: 'ready' });
  });

  it('is taken where no timelapse runs: paused, not begun, or ended', () => {
    const ofSchedule = (more: Partial<Schedule>) =>
      makeSettings({ ...ids, cameraId, schedule: everyMs(5000, { ...windows('13:00', '14:00'), ...more }) });
    for (const settings of [
      makeSettings({ ...ids, cameraId, state: 'paused', schedule: everyMs(5000, windows('13:00', '14:00')) }),
      ofSchedule({ startsAt: NOON + DAY }),
      ofSchedule({ endsAt: NOON - 1 }),
    ])
      expect(checkReadiness(facts(settings))).toEqual({ kind: 'ready' });
  });
});
