import { createSchedule } from '@slowlight/agent/src/schedule/schedule.ts';
import { newAgentId, newTimelapseId, type Slot } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, everyMs, makeSettings, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

/** A schedule on a real buffer, with time that moves by hand. */
async function openSchedule(start = NOON + 500) {
  const clock = createHandClock(start);
  const buffer = await openTestBuffer(await openFolder(), { clock });
  const taken: { dueAt: number; at: number }[] = [];
  const gate: { until: Promise<void> | null } = { until: null };
  const make = () =>
    createSchedule(
      {
        ...buffer,
        clock,
        log: createHeardLog(),
        leadMs: () => 200,
        async take(slot: Slot) {
          taken.push({ dueAt: slot.dueAt, at: clock.now() });
          await gate.until;
          buffer.settle({ outcome: 'skipped', slot, reason: 'too-hot', detail: '' });
        },
      },
      buffer.settings(),
    );
  const run = () => {
    const schedule = make();
    const stopping = new AbortController();
    const ended = schedule.run(stopping.signal);
    const stop = async () => {
      stopping.abort();
      await ended;
    };
    onTestFinished(stop);
    return { ...schedule, stop };
  };
  const events = (type: string) =>
    buffer
      .unrecorded(0, Number.MAX_SAFE_INTEGER, 10_000)
      .filter((event) => event.type === type)
      .map((event) => JSON.parse(event.body));
  return { clock, buffer, taken, run, events, gate };
}
const ids = { agentId: newAgentId(), timelapseId: newTimelapseId() };

describe('the schedule', () => {
  it('asks for each picture its lead before the slot', async () => {
    const { clock, run, taken } = await openSchedule();
    run().apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
    await clock.advance(30_000);
    expect(taken).toEqual([10_000, 20_000, 30_000].map((ms) => ({ dueAt: NOON + ms, at: NOON + ms - 200 })));
  });

  it('follows an edit from the next slot on, and never goes back to older settings', async () => {
    const { clock, run, taken, events } = await openSchedule();
    const schedule = run();
    schedule.apply(makeSettings({ ...ids, schedule: everyMs(60_000) }));
    await clock.advance(5000);
    expect(schedule.apply(makeSettings({ ...ids, version: 3, schedule: everyMs(10_000) }))).toBe(true);
    expect(schedule.apply(makeSettings({ ...ids, version: 2, schedule: everyMs(1000) }))).toBe(false);
    await clock.advance(15_000);
    expect(taken.map(({ dueAt }) => dueAt - NOON)).toEqual([10_000, 20_000]);
    expect(events('schedule.applied').map((body) => [body.settingsVersion, body.spans.length])).toEqual([
      [1, 1],
      [3, 2],
    ]);
  });

  it('leaves a slot that is being taken in the span that planned it when an edit arrives', async () => {
    const { clock, run, buffer, gate } = await openSchedule();
    const slow = Promise.withResolvers<void>();
    gate.until = slow.promise;
    const schedule = run();
    schedule.apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
    await clock.advance(9400);
    schedule.apply(makeSettings({ ...ids, version: 2, schedule: everyMs(7000) }));
    slow.resolve();
    gate.until = null;
    await clock.advance(500);
    expect(buffer.spansOf(ids.timelapseId)).toMatchObject([{ until: NOON + 10_001 }, { from: NOON + 10_001 }]);
    expect(buffer.cursor(ids.timelapseId)).toBe(NOON + 10_000);
  });

  it('stops at a pause and begins again where it is resumed', async () => {
    const { clock, run, taken } = await openSchedule();
    const schedule = run();
    schedule.apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
    await clock.advance(12_000);
    schedule.apply(makeSettings({ ...ids, version: 2, state: 'paused', schedule: everyMs(10_000) }));
    await clock.advance(20_000);
    schedule.apply(makeSettings({ ...ids, version: 3, schedule: everyMs(10_000) }));
    await clock.advance(10_000);
    expect(taken.map(({ dueAt }) => dueAt - NOON)).toEqual([10_000, 40_000]);
  });

  it('takes no slot twice when the clock is set back, and reports those that a jump ahead left out', async () => {
    const { clock, run, taken, events } = await openSchedule();
    run().apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
    await clock.advance(20_000);
    clock.setWall(NOON + 5000);
    await clock.advance(20_000);
    expect(taken.map(({ dueAt }) => dueAt - NOON)).toEqual([10_000, 20_000]);
    clock.setWall(NOON + 100_000);
    await clock.advance(10_500);
    // By the clock as it is now, the agent started a minute later than it had thought.
    expect(events('slots.missed')).toMatchObject([
      { firstDueAt: NOON + 30_000, reason: 'agent-down' },
      { lastDueAt: NOON + 90_000, reason: 'agent-late' },
    ]);
    const dueAts = taken.map(({ dueAt }) => dueAt);
    expect(new Set(dueAts).size).toBe(dueAts.length);
    expect(dueAts.at(-1)).toBeGreaterThanOrEqual(NOON + 100_000);
  });

  it('reports what it missed while it was down, and takes what is still worth it', async () => {
    const { clock, run, taken, events } = await openSchedule();
    const first = run();
    first.apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
    await clock.advance(12_000);
    await first.stop();
    await clock.advance(91_000);
    run();
    await clock.advance(100);
    expect(events('slots.missed')).toEqual([
      {
        timelapseId: ids.timelapseId,
        firstDueAt: NOON + 20_000,
        lastDueAt: NOON + 90_000,
        count: 8,
        reason: 'agent-down',
      },
    ]);
    expect(taken.at(-1)?.dueAt).toBe(NOON + 100_000);
  });

  it('never overlaps the slots of one timelapse: what a slow camera leaves no time for is missed', async () => {
    const { clock, run, taken, events, gate } = await openSchedule();
    const slow = Promise.withResolvers<void>();
    gate.until = slow.promise;
    run().apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
    await clock.advance(47_000);
    expect(taken).toHaveLength(1);
    slow.resolve();
    gate.until = null;
    await clock.advance(10_000);
    expect(events('slots.missed')).toMatchObject([{ firstDueAt: NOON + 20_000, lastDueAt: NOON + 40_000, count: 3 }]);
    expect(taken.map(({ dueAt }) => dueAt - NOON)).toEqual([10_000, 50_000]);
  });

  it('completes at the end of its schedule by itself', async () => {
    const { clock, run, taken, events } = await openSchedule();
    run().apply(makeSettings({ ...ids, schedule: everyMs(10_000, { endsAt: NOON + 25_000 }) }));
    await clock.advance(60_000);
    expect(taken).toHaveLength(2);
    expect(events('schedule.applied').at(-1)).toMatchObject({ spans: [{ until: NOON + 25_000 }] });
  });

  it('leaves the outcomes of all timelapses apart', async () => {
    const { clock, run, buffer } = await openSchedule();
    const schedule = run();
    const one = makeSettings({ ...ids, schedule: everyMs(10_000) });
    const two = makeSettings({ agentId: ids.agentId, schedule: everyMs(15_000) });
    schedule.apply({
      ...one,
      timelapses: [...one.timelapses, ...two.timelapses],
      cameras: [...one.cameras, ...two.cameras],
    });
    await clock.advance(31_000);
    expect(one.timelapses.concat(two.timelapses).map(({ id }) => (buffer.cursor(id) ?? 0) - NOON)).toEqual([
      30_000, 30_000,
    ]);
  });
});
