import { newSpanId, newTimelapseId, nextSlot, type Span, schedule, slotsBetween } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (text: string) => Date.parse(text);
const text = (moments: number[]) => moments.map((moment) => new Date(moment).toISOString().replace('.000Z', 'Z'));

function spanOf(
  over: Partial<Span> & { everyMs?: number; cron?: string; timeZone?: string; endsAt?: number; startsAt?: number },
): Span {
  return {
    id: newSpanId(),
    timelapseId: newTimelapseId(),
    from: over.from ?? at('2026-01-01T00:00:00Z'),
    until: over.until ?? null,
    firstAtOnce: over.firstAtOnce ?? false,
    schedule: schedule.parse({
      rhythm:
        over.cron === undefined
          ? { kind: 'interval', everyMs: over.everyMs ?? 15 * MINUTE }
          : { kind: 'cron', expression: over.cron },
      timeZone: over.timeZone ?? 'UTC',
      startsAt: over.startsAt ?? null,
      endsAt: over.endsAt ?? null,
    }),
  };
}

describe('intervals', () => {
  test('lie on the wall clock: every 15 minutes is :00 :15 :30 :45', () => {
    const slots = slotsBetween(spanOf({ from: at('2026-03-03T10:07:11Z') }), 0, at('2026-03-03T11:01:00Z'));
    expect(text(slots)).toEqual([
      '2026-03-03T10:15:00Z',
      '2026-03-03T10:30:00Z',
      '2026-03-03T10:45:00Z',
      '2026-03-03T11:00:00Z',
    ]);
  });

  test('follow the local clock where the offset is no whole hour', () => {
    const span = spanOf({ timeZone: 'Asia/Kathmandu', everyMs: HOUR, from: at('2026-03-03T10:00:00Z') });
    expect(text(slotsBetween(span, 0, at('2026-03-03T12:00:00Z')))).toEqual([
      '2026-03-03T10:15:00Z',
      '2026-03-03T11:15:00Z',
    ]);
  });

  test('of a day come at local midnight on both sides of a change of the clock', () => {
    const span = spanOf({ timeZone: 'Europe/Vienna', everyMs: 24 * HOUR, from: at('2026-03-28T12:00:00Z') });
    expect(text(slotsBetween(span, 0, at('2026-03-31T12:00:00Z')))).toEqual([
      '2026-03-28T23:00:00Z',
      '2026-03-29T22:00:00Z',
      '2026-03-30T22:00:00Z',
    ]);
  });

  test('shorter than an hour stay evenly spaced through the night when the clock is set back', () => {
    const span = spanOf({ timeZone: 'Europe/Vienna', from: at('2026-10-24T22:00:00Z') });
    const slots = slotsBetween(span, 0, at('2026-10-25T04:00:00Z'));
    expect(slots).toHaveLength(24);
    expect(new Set(slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0)))).toEqual(new Set([15 * MINUTE]));
  });

  test('of two hours have one slot in the repeated hour, and none in the hour that does not exist', () => {
    const autumn = spanOf({ timeZone: 'Europe/Vienna', everyMs: 2 * HOUR, from: at('2026-10-24T22:00:00Z') });
    expect(text(slotsBetween(autumn, 0, at('2026-10-25T06:00:00Z')))).toEqual([
      '2026-10-24T22:00:00Z',
      '2026-10-25T00:00:00Z',
      '2026-10-25T03:00:00Z',
      '2026-10-25T05:00:00Z',
    ]);
    const spring = spanOf({ timeZone: 'Europe/Vienna', everyMs: 2 * HOUR, from: at('2026-03-28T23:00:00Z') });
    expect(text(slotsBetween(spring, 0, at('2026-03-29T05:00:00Z')))).toEqual([
      '2026-03-28T23:00:00Z',
      '2026-03-29T02:00:00Z',
      '2026-03-29T04:00:00Z',
    ]);
  });

  test('give the same slots however the time is cut into pieces', () => {
    const span = spanOf({ timeZone: 'Europe/Vienna', everyMs: 25 * MINUTE, from: at('2026-10-24T12:00:00Z') });
    const end = at('2026-10-26T12:00:00Z');
    const whole = slotsBetween(span, 0, end);
    const pieces: number[] = [];
    for (let from = span.from; from < end; from += 7 * MINUTE)
      pieces.push(...slotsBetween(span, from, Math.min(end, from + 7 * MINUTE)));
    expect(pieces).toEqual(whole);
    expect(whole.length).toBeGreaterThan(100);
  });
});

describe('cron', () => {
  test('is read in the schedule’s time zone, on both nights when the clock changes', () => {
    const span = spanOf({ cron: '30 7 * * *', timeZone: 'Europe/Vienna', from: at('2026-03-28T00:00:00Z') });
    expect(text(slotsBetween(span, 0, at('2026-03-31T00:00:00Z')))).toEqual([
      '2026-03-28T06:30:00Z',
      '2026-03-29T05:30:00Z',
      '2026-03-30T05:30:00Z',
    ]);
  });

  test('gives the same slots however the time is cut into pieces', () => {
    const span = spanOf({ cron: '*/20 * * * * *', from: at('2026-03-28T00:00:00.500Z') });
    const end = at('2026-03-28T00:10:00Z');
    const whole = slotsBetween(span, 0, end);
    const pieces: number[] = [];
    for (let from = span.from; from < end; from += 7013)
      pieces.push(...slotsBetween(span, from, Math.min(end, from + 7013)));
    expect(pieces).toEqual(whole);
    expect(whole).toHaveLength(29);
  });

  test('that is no cron expression is refused with the reason', () => {
    const read = schedule.safeParse({ rhythm: { kind: 'cron', expression: '99 * * * *' }, timeZone: 'UTC' });
    expect(read.error?.issues[0]?.message).toMatch(/is not a cron expression/);
  });
});

describe('a span', () => {
  test('that starts a timelapse has a first slot at once, and none that only repeats it', () => {
    const soon = spanOf({ firstAtOnce: true, from: at('2026-03-03T10:14:57Z') });
    expect(text(slotsBetween(soon, 0, at('2026-03-03T10:31:00Z')))).toEqual([
      '2026-03-03T10:14:57Z',
      '2026-03-03T10:30:00Z',
    ]);
    const early = spanOf({ firstAtOnce: true, from: at('2026-03-03T10:07:11Z') });
    expect(text(slotsBetween(early, 0, at('2026-03-03T10:16:00Z')))).toEqual([
      '2026-03-03T10:07:11Z',
      '2026-03-03T10:15:00Z',
    ]);
  });

  test('has no slot before its start, none at its end, none at or after the schedule’s own end', () => {
    const span = spanOf({ from: at('2026-03-03T10:00:00Z'), until: at('2026-03-03T10:30:00Z') });
    expect(text(slotsBetween(span, 0, at('2027-01-01T00:00:00Z')))).toEqual([
      '2026-03-03T10:00:00Z',
      '2026-03-03T10:15:00Z',
    ]);
    const ending = spanOf({ from: at('2026-03-03T10:00:00Z'), endsAt: at('2026-03-03T10:15:00Z') });
    expect(slotsBetween(ending, 0, at('2027-01-01T00:00:00Z'))).toHaveLength(1);
    expect(nextSlot(ending, at('2026-03-03T10:00:01Z'))).toBeNull();
  });

  test('waits for the schedule’s own start', () => {
    const span = spanOf({ from: at('2026-03-03T10:00:00Z'), startsAt: at('2026-03-04T06:01:00Z'), firstAtOnce: true });
    expect(text(slotsBetween(span, 0, at('2026-03-04T06:16:00Z')))).toEqual([
      '2026-03-04T06:01:00Z',
      '2026-03-04T06:15:00Z',
    ]);
  });

  test('asked for more slots than allowed says so instead of filling the memory', () => {
    expect(() => slotsBetween(spanOf({ everyMs: 1000 }), 0, at('2027-01-01T00:00:00Z'), 1000)).toThrow(
      /more than 1000 slots/,
    );
  });
});
