import { decideSpans } from '@slowlight/agent/src/schedule/decide-spans.ts';
import { deadlineOf, planNext } from '@slowlight/agent/src/schedule/plan-next.ts';
import { newAgentId, newTimelapseId, type Span, slotsBetween, type TimelapseId } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { cron, everyMs, makeSettings, makeSpan } from '../rig/agent-parts.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const always = makeSpan({ from: NOON, schedule: everyMs(MINUTE) });
const plan = (more: Partial<Parameters<typeof planNext>[0]>) =>
  planNext({ spans: [always], settledUpTo: NOON - 1, now: NOON, startedAt: NOON - HOUR, leadMs: 0, ...more });

describe('the next step of a timelapse', () => {
  it('waits until a slot is due, less the lead of its camera', () => {
    expect(plan({ settledUpTo: NOON, now: NOON + 1000, leadMs: 3000 })).toEqual({
      kind: 'wait',
      dueAt: NOON + MINUTE,
      forMs: MINUTE - 4000,
    });
    expect(plan({ settledUpTo: NOON, now: NOON + MINUTE - 3000, leadMs: 3000 })).toMatchObject({
      kind: 'take',
      dueAt: NOON + MINUTE,
    });
  });

  it.each([
    [
      'takes a slot that is late but worth taking',
      NOON + 30_000,
      { kind: 'take', dueAt: NOON, deadlineAt: NOON + 30_000 },
    ],
    [
      'leaves a slot whose deadline is over',
      NOON + 30_001,
      { kind: 'missed', firstDueAt: NOON, count: 1, reason: 'agent-late' },
    ],
  ])('%s', (_, now, expected) => {
    expect(plan({ now })).toMatchObject(expected);
  });

  it('reports the slots of the hours in which the agent was down as one range, and those since as late', () => {
    const now = NOON + 5 * HOUR;
    const startedAt = NOON + 4 * HOUR;
    const down = plan({ now, startedAt });
    expect(down).toEqual({
      kind: 'missed',
      firstDueAt: NOON,
      lastDueAt: startedAt - MINUTE,
      count: 240,
      reason: 'agent-down',
    });
    expect(plan({ now, startedAt, settledUpTo: startedAt - MINUTE })).toEqual({
      kind: 'missed',
      firstDueAt: startedAt,
      lastDueAt: now - MINUTE,
      count: 60,
      reason: 'agent-late',
    });
    expect(plan({ now, startedAt, settledUpTo: now - MINUTE })).toMatchObject({ kind: 'take', dueAt: now });
  });

  it('tells a month of missed seconds in portions, and each slot in exactly one of them', () => {
    const span = makeSpan({ from: NOON, schedule: everyMs(1000) });
    const now = NOON + 25_000_500;
    let settledUpTo = NOON - 1;
    let count = 0;
    for (;;) {
      const step = plan({ spans: [span], settledUpTo, now, startedAt: now });
      if (step.kind !== 'missed') break;
      expect(step.firstDueAt).toBe(settledUpTo < NOON ? NOON : settledUpTo + 1000);
      count += step.count;
      settledUpTo = step.lastDueAt;
    }
    expect(count).toBe(slotsBetween(span, NOON, now - 500).length);
  });

  it('offers no slot twice after the clock was set back, and goes on after the last one', () => {
    expect(plan({ settledUpTo: NOON + HOUR, now: NOON })).toEqual({
      kind: 'wait',
      dueAt: NOON + HOUR + MINUTE,
      forMs: HOUR + MINUTE,
    });
  });

  it('makes missed slots of a jump ahead, and takes the next one', () => {
    const now = NOON + 3 * HOUR + 45_000;
    expect(plan({ settledUpTo: NOON, now })).toMatchObject({ kind: 'missed', count: 180, lastDueAt: NOON + 3 * HOUR });
    expect(plan({ settledUpTo: NOON + 3 * HOUR, now })).toMatchObject({ kind: 'wait', forMs: 15_000 });
  });

  it.each([
    ['spring forward', Date.UTC(2026, 2, 29, 0), 120, 4],
    ['fall back', Date.UTC(2026, 9, 25, 0), 120, 5],
  ])('has every slot of a night with %s once', (_, midnight, minutes, least) => {
    const span = makeSpan({ from: midnight, schedule: everyMs(minutes * MINUTE, { timeZone: 'Europe/Vienna' }) });
    const planned = slotsBetween(span, midnight, midnight + 12 * HOUR);
    const offered: number[] = [];
    let settledUpTo = midnight - 1;
    for (let now = midnight; now < midnight + 12 * HOUR; now += 10_000) {
      const step = planNext({ spans: [span], settledUpTo, now, startedAt: midnight, leadMs: 0 });
      if (step.kind !== 'take') continue;
      offered.push(step.dueAt);
      settledUpTo = step.dueAt;
    }
    expect(offered).toEqual(planned);
    expect(planned.length).toBeGreaterThanOrEqual(least);
  });

  it('settles what is left of a closed span before it goes on with the next', () => {
    const old = { ...always, until: NOON + 10 * MINUTE };
    const next = makeSpan({ timelapseId: old.timelapseId, from: NOON + 10 * MINUTE, schedule: everyMs(HOUR) });
    const now = NOON + 10 * MINUTE + 1000;
    const spans = [old, next];
    expect(plan({ spans, now, settledUpTo: NOON + 5 * MINUTE })).toMatchObject({ kind: 'missed', count: 4 });
    expect(plan({ spans, now, settledUpTo: NOON + 9 * MINUTE })).toMatchObject({ kind: 'wait', dueAt: NOON + HOUR });
  });

  it('ends at the moment that the schedule names, and has nothing to do without a span', () => {
    const span = makeSpan({ from: NOON, schedule: everyMs(MINUTE, { endsAt: NOON + 90_000 }) });
    expect(plan({ spans: [span], settledUpTo: NOON + MINUTE, now: NOON + 80_000 })).toMatchObject({
      kind: 'wait',
      forMs: 10_000,
    });
    expect(plan({ spans: [span], settledUpTo: NOON + MINUTE, now: NOON + 95_000 })).toEqual({
      kind: 'ended',
      span,
      at: NOON + 90_000,
    });
    expect(plan({ spans: [] })).toEqual({ kind: 'nothing' });
    expect(plan({ spans: [{ ...span, until: NOON + 90_000 }], settledUpTo: NOON + MINUTE })).toEqual({
      kind: 'nothing',
    });
  });

  it.each([
    ['half of a short interval', everyMs(2000), 1000],
    ['30 s of a long one', everyMs(HOUR), 30_000],
    ['half the gap of a cron schedule', cron('*/20 * * * * *'), 10_000],
    ['30 s of a slow cron schedule', cron('0 6 * * *'), 30_000],
  ])('gives a slot %s', (_, of, expected) => {
    const span = makeSpan({ from: NOON, schedule: of });
    const [dueAt = 0] = slotsBetween(span, NOON, NOON + 48 * HOUR);
    expect(deadlineOf(span, dueAt) - dueAt).toBe(expected);
  });
});

describe('settings that come into force', () => {
  const agentId = newAgentId();
  const timelapseId = newTimelapseId();
  const settings = (more: object = {}) => makeSettings({ agentId, timelapseId, schedule: everyMs(MINUTE), ...more });
  const decide = (of: ReturnType<typeof settings>, spans: Span[], settled: number | null, now = NOON) =>
    decideSpans(of, spans, (_: TimelapseId) => settled, now);
  const open = makeSpan({ timelapseId, from: NOON - HOUR, schedule: everyMs(MINUTE) });

  it('open a span for a running timelapse, with a picture at once only the first time', () => {
    const first = decide(settings({ firstAtOnce: true }), [], null);
    expect(first).toMatchObject({ closed: [], opened: [{ timelapseId, from: NOON, until: null, firstAtOnce: true }] });
    const again = decide(settings({ firstAtOnce: true }), [], NOON - HOUR);
    expect(again.opened).toMatchObject([{ firstAtOnce: false }]);
  });

  it('change nothing where nothing has changed', () => {
    expect(decide(settings(), [open], NOON - MINUTE)).toEqual({ closed: [], opened: [] });
  });

  it.each(['paused', 'completed'] as const)('close the span of a timelapse that is %s', (state) => {
    expect(decide(settings({ state }), [open], NOON - MINUTE)).toMatchObject({
      closed: [{ id: open.id, until: NOON }],
      opened: [],
    });
  });

  it('close the span of a timelapse that they do not hold any more', () => {
    const other = makeSettings({ agentId, state: 'paused' });
    expect(decide(other, [open], NOON - MINUTE).closed).toMatchObject([{ id: open.id, until: NOON }]);
  });

  it.each([
    ['interval', everyMs(5 * MINUTE)],
    ['rhythm', cron('*/7 * * * *')],
    ['time zone', everyMs(MINUTE, { timeZone: 'Europe/Vienna' })],
    ['end', everyMs(MINUTE, { endsAt: NOON + HOUR })],
  ])('begin a new span where the %s was edited', (_, edited) => {
    expect(decide(settings({ schedule: edited }), [open], NOON - MINUTE)).toMatchObject({
      closed: [{ id: open.id, until: NOON }],
      opened: [{ from: NOON, schedule: edited, firstAtOnce: false }],
    });
  });

  it('leave a slot that is being taken in the span that planned it', () => {
    const underWay = NOON + 2000;
    expect(decide(settings({ schedule: everyMs(1000) }), [open], underWay)).toMatchObject({
      closed: [{ until: underWay + 1 }],
      opened: [{ from: underWay + 1 }],
    });
  });

  it('end a span at the end of its schedule, however late they are seen, and do not open it again', () => {
    const ending = makeSpan({ timelapseId, from: NOON - HOUR, schedule: everyMs(MINUTE, { endsAt: NOON - 1000 }) });
    expect(decide(settings({ schedule: ending.schedule }), [ending], NOON - HOUR)).toMatchObject({
      closed: [{ until: NOON - 1000 }],
      opened: [],
    });
  });
});
