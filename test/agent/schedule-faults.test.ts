import { createSchedule } from '@slowlight/agent/src/schedule/schedule.ts';
import { newAgentId, newTimelapseId, type Slot, schedule as scheduleSchema } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { expect, it, onTestFinished } from 'vitest';
import { createHeardLog, everyMs, makeSettings, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const ids = { agentId: newAgentId(), timelapseId: newTimelapseId() };

/** A schedule on a real buffer that can be told to refuse, as a locked database or a full card does. */
async function openFaulty() {
  const clock = createHandClock(NOON + 500);
  const buffer = await openTestBuffer(await openFolder(), { clock });
  const refuses = { spans: false, applySpans: false };
  const log = createHeardLog();
  const taken: number[] = [];
  const applied: number[] = [];
  const refuse = (verb: keyof typeof refuses) => {
    if (!refuses[verb]) return;
    throw new Failure({ code: 'buffer.locked', message: `${verb} is locked`, hint: 'Close it.', retry: 'soon' });
  };
  const schedule = createSchedule(
    {
      ...buffer,
      clock,
      log,
      leadMs: () => 0,
      spans() {
        refuse('spans');
        return buffer.spans();
      },
      applySpans(...change) {
        refuse('applySpans');
        buffer.applySpans(...change);
      },
      onApplied: ({ version }) => applied.push(version),
      async take(slot: Slot) {
        taken.push(slot.dueAt - NOON);
        buffer.settle({ outcome: 'skipped', slot, reason: 'too-hot', detail: '' });
      },
    },
    null,
  );
  const stopping = new AbortController();
  const ended = schedule.run(stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await ended;
  });
  return { clock, log, refuses, schedule, taken, applied };
}

it('the schedule goes on when the database was held by somebody else for a while', async () => {
  const { clock, log, refuses, schedule, taken } = await openFaulty();
  await clock.advance(0);
  refuses.spans = true;
  // The schedule looks for new timelapses once a minute.
  await clock.advance(61_000);
  expect(log.lines.map(({ fields }) => fields)).toContainEqual(expect.objectContaining({ code: 'buffer.locked' }));
  refuses.spans = false;
  schedule.apply(makeSettings({ ...ids, schedule: everyMs(10_000) }));
  await clock.advance(45_000);
  expect(taken.length).toBeGreaterThan(0);
});

it('settings that could not be written down when they came are in force as soon as they can be', async () => {
  const { clock, refuses, schedule, taken, applied } = await openFaulty();
  schedule.apply(makeSettings({ ...ids, schedule: everyMs(60_000) }));
  refuses.applySpans = true;
  const next = makeSettings({ ...ids, version: 2, schedule: everyMs(10_000) });
  expect(() => schedule.apply(next)).toThrow('locked');
  await clock.advance(5000);
  expect(schedule.settings()?.version).toBe(1);
  refuses.applySpans = false;
  await clock.advance(60_000);
  expect(schedule.settings()?.version).toBe(2);
  expect(applied).toEqual([1, 2]);
  expect(taken.length).toBeGreaterThan(1);
});

it('a rhythm whose last moment has passed can still be read, and one that never comes cannot', () => {
  const read = (expression: string) =>
    scheduleSchema.safeParse({ rhythm: { kind: 'cron', expression }, timeZone: 'Europe/Vienna' }).success;
  expect([read('2001-01-01T00:00:00'), read('0 0 12 1 6 * 2001'), read('0 0 30 2 *')]).toEqual([true, true, false]);
});
