import { nextDueAfter } from '@slowlight/dashboard/src/moments/next-due.ts';
import {
  draftOf,
  newHours,
  newOverride,
  newSchedule,
  scheduleOf,
} from '@slowlight/dashboard/src/pieces/schedule-draft.ts';
import { sayRhythm } from '@slowlight/dashboard/src/pieces/schedule-words.ts';
import { type Schedule, schedule, scheduleInput, type Weekday } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';

const zone = 'Europe/Vienna';
const base = { rhythm: { kind: 'interval', everyMs: 300_000 }, timeZone: zone };
const everyDay: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

describe('a schedule in its form', () => {
  it.each<[string, object]>([
    ['plain', {}],
    [
      'windows',
      {
        windows: [
          { days: ['mon', 'fri'], from: '22:00', to: '06:00' },
          { days: ['sun'], from: '00:00', to: '24:00' },
        ],
      },
    ],
    [
      'sun and an end by days',
      {
        sunWindows: [{ from: { event: 'sunrise', offsetMinutes: -30 }, to: { event: 'dusk', offsetMinutes: 0 } }],
        endsAfterDays: 30,
      },
    ],
    [
      'exceptions',
      {
        overrides: [
          { from: 1_780_401_600_000, until: 1_780_405_200_000, rhythm: null, label: 'holiday' },
          {
            from: 1_780_405_200_000,
            until: 1_780_408_800_000,
            rhythm: { kind: 'interval', everyMs: 5000 },
            label: 'pour',
          },
          {
            from: 1_780_408_800_000,
            until: 1_780_412_400_000,
            rhythm: { kind: 'cron', expression: '*/5 * * * *' },
            label: 'x',
          },
        ],
        startsAt: 1_780_315_200_000,
        endsAt: 1_790_316_000_000,
      },
    ],
  ])('comes out as it went in: %s', (_, more) => {
    const asked = scheduleInput.parse({ ...base, ...more });
    expect(scheduleOf(draftOf(asked, zone), zone)).toEqual(asked);
  });

  it('is not sent while something is missing', () => {
    const draft = newSchedule();
    expect(scheduleOf(draft, zone)).toMatchObject({ rhythm: { everyMs: 300_000 }, endsAt: null });
    expect(scheduleOf({ ...draft, amount: '' }, zone)).toBeNull();
    expect(scheduleOf({ ...draft, hours: [{ ...newHours(), days: [] }] }, zone)).toBeNull();
    expect(scheduleOf({ ...draft, overrides: [newOverride()] }, zone)).toBeNull();
    expect(scheduleOf({ ...draft, stop: 'days', days: 'x' }, zone)).toBeNull();
  });

  it.each<[string, object]>([
    ['every 5 min', {}],
    [
      'every 5 min, Mon–Fri 08:00 to 18:00',
      { windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }] },
    ],
    [
      'every 5 min, Mon, Sat, Sun 08:00 to 24:00',
      { windows: [{ days: ['sat', 'mon', 'sun'], from: '08:00', to: '24:00' }] },
    ],
    ['every 5 min, every day 08:00 to 18:00', { windows: [{ days: everyDay, from: '08:00', to: '18:00' }] }],
    [
      'every 5 min, sunrise −30 min to sunset',
      {
        sunWindows: [{ from: { event: 'sunrise', offsetMinutes: -30 }, to: { event: 'sunset', offsetMinutes: 0 } }],
        location: { latitude: 1, longitude: 1 },
      },
    ],
  ])('is said as: %s', (said, more) => {
    expect(sayRhythm(schedule.parse({ ...base, ...more }))).toBe(said);
  });

  it('counts down to no slot that only the server can know', () => {
    const closed: Schedule = schedule.parse({ ...base, windows: [{ days: ['mon'], from: '08:00', to: '09:00' }] });
    expect(nextDueAfter(1000, 500, closed)).toBeNull();
    expect(nextDueAfter(1000, 5000, closed)).toBe(5000);
    expect(nextDueAfter(1000, 500, schedule.parse(base))).toBe(300_500);
  });
});
