import { nextDueAfter } from '@slowlight/dashboard/src/moments/next-due.ts';
import { sayAgo, sayBytes, sayCountdown, sayLength, sayPart } from '@slowlight/dashboard/src/moments/say.ts';
import { sayWeather } from '@slowlight/dashboard/src/moments/say-weather.ts';
import { boundsOfDay, dayOf, localOf, momentOfLocal, shiftDay } from '@slowlight/dashboard/src/moments/zone.ts';
import { describe, expect, test } from 'vitest';

const HOUR = 3_600_000;
const utc = (text: string) => Date.parse(`${text}Z`);

describe('days and clocks of a place', () => {
  test.each([
    ['2026-03-29', 'Europe/Vienna', 23],
    ['2026-10-25', 'Europe/Vienna', 25],
    ['2026-06-01', 'Europe/Vienna', 24],
    ['2026-11-01', 'America/New_York', 25],
    ['2026-06-01', 'Asia/Kolkata', 24],
  ])('the day %s in %s has %i hours, from its own midnight', (day, zone, hours) => {
    const { from, to } = boundsOfDay(day, zone);
    expect((to - from) / HOUR).toBe(hours);
    expect(localOf(from, zone)).toBe(`${day}T00:00`);
    expect(dayOf(to - 1, zone)).toBe(day);
  });

  test('a local time is the moment at which the clock there shows it, and nothing else is one', () => {
    expect(momentOfLocal('2026-07-01T12:00', 'Europe/Vienna')).toBe(utc('2026-07-01T10:00:00'));
    expect(momentOfLocal('2026-12-01T12:00', 'Asia/Kathmandu')).toBe(utc('2026-12-01T06:15:00'));
    expect(momentOfLocal('', 'UTC')).toBeNull();
    expect(shiftDay('2026-03-01', -1)).toBe('2026-02-28');
  });

  test('a countdown to an interval goes on by itself and ends where the schedule ends', () => {
    const every = (everyMs: number, endsAt: number | null = null) =>
      ({ rhythm: { kind: 'interval', everyMs }, timeZone: 'UTC', startsAt: null, endsAt }) as const;
    expect(nextDueAfter(900, 1000, every(300))).toBe(1000);
    expect(nextDueAfter(1000, 1000, every(300))).toBe(1300);
    expect(nextDueAfter(1950, 1000, every(300))).toBe(2200);
    expect(nextDueAfter(1950, 1000, every(300, 2200))).toBeNull();
    expect(nextDueAfter(1950, 1000, undefined)).toBeNull();
    expect(nextDueAfter(1950, null, every(300))).toBeNull();
  });
});

describe('amounts in words', () => {
  test('what is not whole never reads 100 %, and what is something never reads 0 %', () => {
    expect([1, 0.9999, 0.987, 0.001, 0].map(sayPart)).toEqual(['100 %', '99.9 %', '99 %', '1 %', '0 %']);
  });

  test('spans, countdowns, lengths and sizes are short and exact enough', () => {
    expect([0, 12_000, 250_000, 7_300_000, 200_000_000].map(sayAgo)).toEqual([
      'now',
      '12 s ago',
      '4 min ago',
      '2 h ago',
      '2 days ago',
    ]);
    expect([42_000, 151_000, 3_729_000].map(sayCountdown)).toEqual(['0:42', '2:31', '1:02:09']);
    expect([420, 59_900, 82_500].map(sayLength)).toEqual(['0.4 s', '59.9 s', '1:23']);
    expect([999, 342_111, 48_200_000].map(sayBytes)).toEqual(['999 B', '342 KB', '48.2 MB']);
  });
});

test('the weather is said in a line, and what is not known of it is left out', () => {
  const nothing = {
    temperatureCelsius: null,
    conditions: null,
    windMs: null,
    windDirectionDegrees: null,
    cloudPercent: null,
  };
  const all = { temperatureCelsius: -4.46, conditions: 61, windMs: 3.25, windDirectionDegrees: 225, cloudPercent: 90 };
  expect(sayWeather(all)).toBe('-4.5 °C, rain, wind 3.3 m/s SW, 90 % cloud');
  expect(sayWeather({ ...nothing, windMs: 2, conditions: 4 })).toBe('wind 2.0 m/s');
  expect(sayWeather({ ...all, windDirectionDegrees: 359 })).toContain('m/s N,');
  expect(sayWeather(nothing)).toBe('');
});
