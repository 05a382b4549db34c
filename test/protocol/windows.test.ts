import { nextSlot, type Span, schedule, scheduleInput, slotsBetween, weekday } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';
import { spanOf } from '../rig/span-of.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);
const text = (moments: readonly number[]) => moments.map((moment) => new Date(moment).toISOString().slice(0, 16));
const everyDay = [...weekday.options];

const between = (span: Span, from: string, to: string) => text(slotsBetween(span, at(from), at(to)));

describe('weekly windows', () => {
  test('begin inclusively, end exclusively, and there may be several a day', () => {
    const span = spanOf({
      windows: [
        { days: everyDay, from: '08:00', to: '10:00' },
        { days: everyDay, from: '17:00', to: '18:00' },
      ],
    });
    expect(between(span, '2026-06-01T00:00Z', '2026-06-02T00:00Z')).toEqual([
      '2026-06-01T08:00',
      '2026-06-01T09:00',
      '2026-06-01T17:00',
    ]);
  });

  test('that overlap plan each slot once, and one may last until midnight', () => {
    const span = spanOf({
      windows: [
        { days: ['mon'], from: '21:00', to: '24:00' },
        { days: ['mon'], from: '20:00', to: '23:00' },
      ],
    });
    expect(between(span, '2026-06-01T00:00Z', '2026-06-08T00:00Z')).toEqual(
      [20, 21, 22, 23].map((hour) => `2026-06-01T${hour}:00`),
    );
  });

  test('over midnight belong to the day on which they begin', () => {
    const span = spanOf({ windows: [{ days: ['fri'], from: '22:00', to: '02:00' }] });
    expect(between(span, '2026-06-01T00:00Z', '2026-06-08T00:00Z')).toEqual([
      '2026-06-05T22:00',
      '2026-06-05T23:00',
      '2026-06-06T00:00',
      '2026-06-06T01:00',
    ]);
  });

  test('follow the local clock in both nights in which it changes', () => {
    const night = { timeZone: 'Europe/Vienna', windows: [{ days: everyDay, from: '22:00', to: '06:00' }] };
    expect(between(spanOf(night), '2026-03-28T12:00Z', '2026-03-29T12:00Z')).toHaveLength(7);
    expect(between(spanOf(night), '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toHaveLength(9);
    const early = { timeZone: 'Europe/Vienna', windows: [{ days: everyDay, from: '02:30', to: '04:00' }] };
    expect(
      between(
        spanOf({ ...early, rhythm: { kind: 'interval', everyMs: 30 * MINUTE } }),
        '2026-03-29T00:00Z',
        '2026-03-29T12:00Z',
      ),
    ).toEqual(['2026-03-29T01:00', '2026-03-29T01:30']);
  });

  test('that begin in the repeated hour are open both times it comes', () => {
    const span = spanOf({
      timeZone: 'Europe/Vienna',
      rhythm: { kind: 'interval', everyMs: 15 * MINUTE },
      windows: [{ days: everyDay, from: '02:30', to: '03:00' }],
    });
    expect(between(span, '2026-10-25T00:00Z', '2026-10-25T04:00Z')).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T00:45',
      '2026-10-25T01:30',
      '2026-10-25T01:45',
    ]);
  });

  test('count on a leap day as on any other', () => {
    const span = spanOf({ windows: [{ days: ['thu'], from: '12:00', to: '13:00' }] });
    expect(between(span, '2024-02-26T00:00Z', '2024-03-04T00:00Z')).toEqual(['2024-02-29T12:00']);
  });

  test('hold a cron expression back too', () => {
    const span = spanOf({
      rhythm: { kind: 'cron', expression: '*/30 * * * *' },
      windows: [{ days: ['mon'], from: '08:00', to: '09:00' }],
    });
    expect(between(span, '2026-06-01T00:00Z', '2026-06-09T00:00Z')).toEqual([
      '2026-06-01T08:00',
      '2026-06-01T08:30',
      '2026-06-08T08:00',
      '2026-06-08T08:30',
    ]);
  });

  test('give a first picture at once only where they are open', () => {
    const windows = [{ days: everyDay, from: '08:00', to: '09:00' }];
    const started = (from: string) => spanOf({ windows }, { from: at(from), firstAtOnce: true });
    expect(text(slotsBetween(started('2026-06-01T08:20Z'), 0, at('2026-06-02T00:00Z')))).toEqual(['2026-06-01T08:20']);
    expect(text(slotsBetween(started('2026-06-01T12:20Z'), 0, at('2026-06-02T10:00Z')))).toEqual(['2026-06-02T08:00']);
  });

  test('that no slot ever meets end the search instead of turning for ever', () => {
    const windows = [{ days: everyDay, from: '08:00', to: '09:00' }];
    expect(nextSlot(spanOf({ rhythm: { kind: 'interval', everyMs: DAY }, windows }), at('2026-01-01T00:00Z'))).toBe(
      null,
    );
    expect(nextSlot(spanOf({ rhythm: { kind: 'cron', expression: '0 12 29 2 *' }, windows }), 0)).toBe(null);
  });

  test('cost no step for each closed slot: a year at 5 s with an hour a day is found at once', () => {
    const span = spanOf({
      timeZone: 'Europe/Vienna',
      rhythm: { kind: 'interval', everyMs: 5000 },
      windows: [{ days: everyDay, from: '12:00', to: '13:00' }],
    });
    const began = performance.now();
    expect(slotsBetween(span, at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z'))).toHaveLength(365 * 720);
    expect(performance.now() - began).toBeLessThan(1500);
  });
});

describe('overrides', () => {
  const pour = { from: at('2026-06-01T10:10Z'), until: at('2026-06-01T10:14Z'), label: 'concrete pour' };
  test('give another rhythm between two instants, also where windows are closed', () => {
    const span = spanOf({
      windows: [{ days: ['sun'], from: '08:00', to: '09:00' }],
      overrides: [{ ...pour, rhythm: { kind: 'interval', everyMs: MINUTE } }],
    });
    expect(between(span, '2026-06-01T00:00Z', '2026-06-07T08:30Z')).toEqual([
      '2026-06-01T10:10',
      '2026-06-01T10:11',
      '2026-06-01T10:12',
      '2026-06-01T10:13',
      '2026-06-07T08:00',
    ]);
  });

  test('can plan nothing for months, and the schedule goes on after them', () => {
    const holiday = { from: at('2026-06-01T00:00Z'), until: at('2027-03-01T00:00Z'), rhythm: null, label: 'winter' };
    const span = spanOf({ rhythm: { kind: 'interval', everyMs: 5000 }, overrides: [holiday] });
    expect(nextSlot(span, at('2026-06-01T00:00Z'))).toBe(holiday.until);
    expect(nextSlot(span, holiday.from - 1)).toBe(holiday.until);
  });

  test('must not overlap, and say which one is in the way', () => {
    const read = schedule.safeParse({
      rhythm: { kind: 'interval', everyMs: HOUR },
      timeZone: 'UTC',
      overrides: [
        { ...pour, rhythm: null },
        { ...pour, from: pour.from + MINUTE, rhythm: null, label: 'second' },
      ],
    });
    expect(read.error?.issues).toMatchObject([
      { path: ['overrides', 1, 'from'], message: 'overlaps with "concrete pour"' },
    ]);
  });
});

describe('what can be asked for', () => {
  const base = { rhythm: { kind: 'interval', everyMs: HOUR }, timeZone: 'UTC' };
  const day = { from: { event: 'sunrise', offsetMinutes: 0 }, to: { event: 'sunset', offsetMinutes: 0 } };
  test.each([
    ['a window without days', { windows: [{ days: [], from: '08:00', to: '09:00' }] }, 'windows.0.days'],
    ['a window without length', { windows: [{ days: ['mon'], from: '08:00', to: '08:00' }] }, 'windows.0.to'],
    ["25 o'clock", { windows: [{ days: ['mon'], from: '25:00', to: '08:00' }] }, 'windows.0.from'],
    [
      'windows that leave the sun no day',
      { windows: [{ days: everyDay, from: '08:00', to: '09:00' }], sunWindows: [day] },
      'sunWindows',
    ],
    [
      'an override that ends before it begins',
      { overrides: [{ from: 2, until: 1, rhythm: null, label: 'x' }] },
      'overrides.0.until',
    ],
  ])('%s is refused by its field', (_, more, path) => {
    expect(scheduleInput.safeParse({ ...base, ...more }).error?.issues[0]?.path.join('.')).toBe(path);
  });

  test('a schedule with the sun reaches no agent without its place', () => {
    expect(scheduleInput.safeParse({ ...base, sunWindows: [day] }).success).toBe(true);
    expect(schedule.safeParse({ ...base, sunWindows: [day] }).error?.issues[0]?.path).toEqual(['location']);
  });
});
