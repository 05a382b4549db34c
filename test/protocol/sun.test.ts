import {
  newSpanId,
  newTimelapseId,
  nextSlot,
  resolveSchedule,
  type Schedule,
  type Span,
  type SunEvent,
  schedule,
  scheduleInput,
  slotsBetween,
} from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';
import { seeded } from '../rig/seeded.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);
const edge = (event: SunEvent, offsetMinutes = 0) => ({ event, offsetMinutes });
const daylight = { from: edge('sunrise'), to: edge('sunset') };

const PLACES = {
  London: { timeZone: 'Europe/London', location: { latitude: 51.5074, longitude: -0.1278 } },
  'New York': { timeZone: 'America/New_York', location: { latitude: 40.7128, longitude: -74.006 } },
  Tokyo: { timeZone: 'Asia/Tokyo', location: { latitude: 35.6762, longitude: 139.6503 } },
  Sydney: { timeZone: 'Australia/Sydney', location: { latitude: -33.8688, longitude: 151.2093 } },
  Reykjavik: { timeZone: 'Atlantic/Reykjavik', location: { latitude: 64.1466, longitude: -21.9426 } },
  Tromsø: { timeZone: 'Europe/Oslo', location: { latitude: 69.6496, longitude: 18.956 } },
  Auckland: { timeZone: 'Pacific/Auckland', location: { latitude: -36.8485, longitude: 174.7633 } },
};
const MINUTELY: Schedule['rhythm'] = { kind: 'interval', everyMs: MINUTE };
function spanOf(given: object): Span {
  return {
    id: newSpanId(),
    timelapseId: newTimelapseId(),
    from: 0,
    until: null,
    firstAtOnce: false,
    schedule: schedule.parse({ rhythm: MINUTELY, sunWindows: [daylight], ...given }),
  };
}
const wall = (moment: number | undefined, timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(moment);
const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

// Sunrise and sunset as almanacs print them for these cities, in local time.
test.each([
  ['London', '2026-06-21', '04:43', '21:21'],
  ['London', '2026-12-21', '08:04', '15:53'],
  ['New York', '2026-06-21', '05:25', '20:31'],
  ['New York', '2026-12-21', '07:17', '16:32'],
  ['Tokyo', '2026-06-21', '04:26', '19:00'],
  ['Tokyo', '2026-12-22', '06:47', '16:32'],
  ['Sydney', '2026-06-21', '07:00', '16:54'],
  ['Sydney', '2026-12-22', '05:41', '20:05'],
  ['Auckland', '2026-06-21', '07:34', '17:12'],
  ['Reykjavik', '2026-12-21', '11:22', '15:30'],
] as const)('in %s on %s it is open from sunrise to sunset of the almanac', (name, day, rise, set) => {
  const span = spanOf(PLACES[name]);
  const { timeZone } = PLACES[name];
  const noon = at(`${day}T12:00Z`) - PLACES[name].location.longitude * 4 * MINUTE;
  const slots = slotsBetween(span, noon - 12 * HOUR, noon + 12 * HOUR);
  const shown = [wall(slots[0], timeZone), wall((slots.at(-1) ?? 0) + MINUTE, timeZone)];
  for (const [index, expected] of [rise, set].entries())
    expect(
      Math.abs(minutesOf(shown[index] ?? '') - minutesOf(expected)),
      `${shown} for ${rise} ${set}`,
    ).toBeLessThanOrEqual(2);
});

describe('beyond the polar circle', () => {
  const count = (sunWindows: object[], from: string, days: number) =>
    slotsBetween(spanOf({ ...PLACES.Tromsø, sunWindows }), at(from), at(from) + days * DAY).length;
  const night = { from: edge('dusk'), to: edge('dawn') };

  test('daylight is always in June and never in December, with offsets too', () => {
    const wide = { from: edge('sunrise', -45), to: edge('sunset', 45) };
    for (const window of [daylight, wide]) {
      expect(count([window], '2026-06-05T00:00Z', 20)).toBe(20 * 1440);
      expect(count([window], '2026-12-05T00:00Z', 20)).toBe(0);
    }
  });
  test('night is never in June, and in December as long as the twilight leaves it', () => {
    expect(count([night], '2026-06-05T00:00Z', 20)).toBe(0);
    const pole = { timeZone: 'UTC', location: { latitude: 89.9, longitude: 0 }, sunWindows: [night] };
    expect(slotsBetween(spanOf(pole), at('2026-12-10T00:00Z'), at('2026-12-15T00:00Z'))).toHaveLength(5 * 1440);
    const twilight = count([night], '2026-12-05T00:00Z', 1);
    expect(twilight).toBeGreaterThan(15 * 60);
    expect(twilight).toBeLessThan(20 * 60);
  });
  test('the first day with sun is found from the middle of the polar night', () => {
    const next = nextSlot(spanOf(PLACES.Tromsø), at('2026-12-01T00:00Z')) ?? 0;
    expect(new Date(next).toISOString().slice(0, 10)).toMatch(/^2027-01-1[3-7]$/);
  });
  test('the golden hour lasts all day while the sun stays low', () => {
    const low = { timeZone: 'UTC', location: { latitude: 65, longitude: 0 } };
    const golden = { from: edge('golden-hour'), to: edge('sunset') };
    const morning = { from: edge('sunrise'), to: edge('golden-hour-end') };
    const of = (sunWindows: object[]) =>
      slotsBetween(spanOf({ ...low, sunWindows }), at('2026-12-21T00:00Z'), at('2026-12-22T00:00Z'));
    expect(of([golden, morning])).toEqual(of([daylight]));
  });
});

describe('sun windows', () => {
  test('move by their offsets, and may last through the night', () => {
    const base = PLACES.London;
    const edges = (sunWindows: object[]) => {
      const slots = slotsBetween(spanOf({ ...base, sunWindows }), at('2026-03-01T12:00Z'), at('2026-03-02T12:00Z'));
      return [slots[0] ?? 0, slots.at(-1) ?? 0];
    };
    const [dusk = 0, dawn = 0] = edges([{ from: edge('dusk'), to: edge('dawn') }]);
    expect((dawn - dusk) / HOUR).toBeGreaterThan(11);
    expect(edges([{ from: edge('dusk', 30), to: edge('dawn', -60) }])).toEqual([dusk + 30 * MINUTE, dawn - HOUR]);
    expect(edges([{ from: edge('dusk', -10), to: edge('dusk', 10) }])).toEqual([dusk - 10 * MINUTE, dusk + 9 * MINUTE]);
  });

  test('give way on weekdays that have a window of their own', () => {
    const span = spanOf({
      ...PLACES.London,
      rhythm: { kind: 'interval', everyMs: HOUR },
      windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '11:00' }],
    });
    const perDay = Array.from(
      { length: 7 },
      (_, day) => slotsBetween(span, at('2026-12-07T00:00Z') + day * DAY, at('2026-12-08T00:00Z') + day * DAY).length,
    );
    expect(perDay).toEqual([2, 2, 2, 2, 2, 8, 8]);
  });

  test('plan the same whether a time is asked for whole or in parts, at any place and season', () => {
    const random = seeded(69);
    for (let round = 0; round < 60; round += 1) {
      const location = { latitude: random() * 180 - 90, longitude: random() * 360 - 180 };
      const sunWindows = [
        {
          from: edge('sunrise', Math.floor(random() * 400) - 200),
          to: edge('golden-hour', Math.floor(random() * 400) - 200),
        },
        { from: edge('dusk', Math.floor(random() * 100)), to: edge('night-end', Math.floor(random() * 100)) },
      ];
      const timeZone = ['Pacific/Kiritimati', 'Pacific/Niue', 'Australia/Lord_Howe', 'UTC'][round % 4] ?? 'UTC';
      const span = spanOf({ timeZone, location, sunWindows, rhythm: { kind: 'interval', everyMs: 7 * MINUTE } });
      const from = at('2026-01-01T00:00Z') + Math.floor(random() * 365) * DAY;
      const middle = from + Math.floor(random() * 3 * DAY);
      const whole = slotsBetween(span, from, from + 3 * DAY);
      expect([...slotsBetween(span, from, middle), ...slotsBetween(span, middle, from + 3 * DAY)]).toEqual(whole);
      expect(whole.every((slot, index) => index === 0 || slot > (whole[index - 1] ?? 0))).toBe(true);
    }
  });
});

describe('what was asked for becomes a schedule', () => {
  const input = (more: object) => scheduleInput.parse({ rhythm: MINUTELY, timeZone: 'Europe/Vienna', ...more });
  const place = { latitude: 48.2, longitude: 16.4 };

  test('with an end in calendar days, which keeps its local time over a change of the clock', () => {
    const startedAt = at('2026-03-25T09:00:00Z');
    const resolved = resolveSchedule(input({ endsAfterDays: 7 }), { place: null, startedAt });
    expect(resolved).toMatchObject({ schedule: { endsAfterDays: 7, endsAt: at('2026-04-01T08:00:00Z') } });
    const later = resolveSchedule(input({ endsAfterDays: 1, startsAt: at('2028-02-28T11:00:00Z') }), {
      place: null,
      startedAt,
    });
    expect(later).toMatchObject({ schedule: { endsAt: at('2028-02-29T11:00:00Z') } });
  });

  test('with the place of the site only where it follows the sun, and not without one', () => {
    const about = { place, startedAt: 0 };
    const other = { latitude: 1, longitude: 2 };
    expect(resolveSchedule(input({ location: other }), about)).not.toHaveProperty('schedule.location');
    expect(resolveSchedule(input({ sunWindows: [daylight], location: other }), about)).toMatchObject({
      schedule: { location: place },
    });
    expect(resolveSchedule(input({ sunWindows: [daylight] }), { ...about, place: null })).toEqual({
      kind: 'place-needed',
    });
  });
});
