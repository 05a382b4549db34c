import { nextSlot, type Schedule, type Span, slotsBetween, type Weekday, weekday } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';
import { seeded } from '../rig/seeded.ts';
import { spanOf } from '../rig/span-of.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);
const everyDay = [...weekday.options];

/** By another way: asks the run time for the local clock of each minute. */
function createNaive({ windows = [], overrides = [], timeZone, rhythm }: Schedule) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const local = (moment: number) => {
    const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    return {
      day: String(parts.weekday).toLowerCase() as Weekday,
      minute: Number(parts.hour) * 60 + Number(parts.minute),
    };
  };
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const before = (day: Weekday) => weekday.options[(weekday.options.indexOf(day) + 6) % 7] ?? day;
  return (moment: number): Schedule['rhythm'] | null => {
    const override = overrides.find((one) => moment >= one.from && moment < one.until);
    if (override !== undefined) return override.rhythm;
    const { day, minute } = local(moment);
    const open = windows.some(({ days, from, to }) => {
      const [begins, ends] = [minutes(from), minutes(to)];
      if (ends > begins) return days.includes(day) && minute >= begins && minute < ends;
      return (days.includes(day) && minute >= begins) || (days.includes(before(day)) && minute < ends);
    });
    return windows.length === 0 || open ? rhythm : null;
  };
}

const ZONES = [
  'UTC',
  'Europe/Vienna',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'America/St_Johns',
];
const STARTS = [
  '2026-03-27',
  '2026-10-23',
  '2026-04-03',
  '2026-10-02',
  '2026-11-01',
  '2028-02-27',
  '2026-02-14',
  '2026-03-07',
];

function randomSpan(random: () => number): { span: Span; from: number; to: number } {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const time = () => `${String(Math.floor(random() * 24)).padStart(2, '0')}:${pick(['00', '15', '30', '40'])}`;
  const from = at(`${pick(STARTS)}T00:00Z`) + Math.floor(random() * 24) * HOUR;
  const windows = Array.from({ length: Math.floor(random() * 4) }, () => ({
    days: [...new Set([...everyDay.filter(() => random() < 0.5), pick(everyDay)])],
    from: time(),
    to: pick([time(), '24:00']),
  })).filter((window) => window.from !== window.to);
  const rhythm = (): Schedule['rhythm'] =>
    random() < 0.8
      ? { kind: 'interval', everyMs: pick([5, 7, 15, 30, 90, 120]) * MINUTE }
      : { kind: 'cron', expression: pick(['*/10 * * * *', '5 */3 * * *', '30 2 * * *']) };
  const first = from + Math.floor(random() * 40) * HOUR;
  const overrides = [
    {
      from: first,
      until: first + Math.ceil(random() * 300) * MINUTE,
      rhythm: random() < 0.5 ? null : rhythm(),
      label: 'a',
    },
    { from: first + 8 * HOUR, until: first + 11 * HOUR, rhythm: random() < 0.5 ? null : rhythm(), label: 'b' },
  ].filter(() => random() < 0.5);
  const span = spanOf(
    { timeZone: pick(ZONES), rhythm: rhythm(), windows, overrides },
    { from, firstAtOnce: random() < 0.5 },
  );
  return { span, from, to: from + 4 * DAY };
}

describe('any schedule', () => {
  test('plans the same slots whether a time is asked for whole or in parts, and one at a time', () => {
    const random = seeded(20260301);
    let seen = 0;
    for (let round = 0; round < 120; round += 1) {
      const { span, from, to } = randomSpan(random);
      const middle = from + Math.floor(random() * (to - from));
      const whole = slotsBetween(span, from, to);
      expect([...slotsBetween(span, from, middle), ...slotsBetween(span, middle, to)]).toEqual(whole);
      for (let next = nextSlot(span, from), index = 0; next !== null && next < to && index < 40; index += 1) {
        expect(next).toBe(whole[index]);
        next = nextSlot(span, next + 1);
      }
      expect(whole.every((slot, index) => index === 0 || slot > (whole[index - 1] ?? 0))).toBe(true);
      seen += whole.length;
    }
    expect(seen).toBeGreaterThan(5000);
  });

  test('has every slot where a walk from minute to minute finds it open, and none missing in between', () => {
    const random = seeded(7);
    let [inside, closed] = [0, 0];
    for (let round = 0; round < 60; round += 1) {
      const { span, from, to } = randomSpan(random);
      const rhythmOf = createNaive(span.schedule);
      const slots = slotsBetween({ ...span, firstAtOnce: false }, from, to);
      for (const slot of slots) expect(rhythmOf(slot)).not.toBe(null);
      inside += slots.length;
      const taken = new Set(slots);
      const always = slotsBetween(
        { ...span, firstAtOnce: false, schedule: { ...span.schedule, windows: undefined, overrides: undefined } },
        from,
        to,
      );
      const ofBase = (slot: number) =>
        !(span.schedule.overrides ?? []).some((one) => slot >= one.from && slot < one.until);
      for (const slot of always.filter(ofBase)) {
        if (rhythmOf(slot) === null) closed += 1;
        expect(taken.has(slot)).toBe(rhythmOf(slot) !== null);
      }
    }
    expect(inside).toBeGreaterThan(1000);
    expect(closed).toBeGreaterThan(1000);
  });
});
