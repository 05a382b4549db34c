import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createAllowance } from '@slowlight/agent/src/delivery/allowance.ts';
import { decideHold, type HoldFacts } from '@slowlight/agent/src/delivery/decide-hold.ts';
import { type DeliverySettings, deliverySettings, hoursOpenAt, newCameraId, siteDay } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { openDelivery } from '../rig/open-delivery.ts';
import { until } from '../rig/until.ts';

const noon = Date.UTC(2026, 5, 10, 12);
const HOUR = 3_600_000;
const limits = (more: Partial<DeliverySettings>) => deliverySettings.parse(more);
const facts = (more: Partial<HoldFacts> & { limits?: Partial<DeliverySettings> }): HoldFacts => ({
  settings: limits(more.limits ?? {}),
  timeZone: 'UTC',
  now: noon,
  sent: [],
  pacedUntil: 0,
  ...more,
});

describe('the site’s calendar', () => {
  it('has days of 23 and 25 hours', () => {
    const spring = siteDay('Europe/Vienna', Date.UTC(2026, 2, 29, 12));
    expect(spring).toMatchObject({ day: '2026-03-29' });
    expect(spring.endsAt - spring.startsAt).toBe(23 * HOUR);
    const autumn = siteDay('Europe/Vienna', Date.UTC(2026, 9, 25, 12));
    expect(autumn.endsAt - autumn.startsAt).toBe(25 * HOUR);
    expect(autumn.monthEndsAt).toBe(Date.UTC(2026, 9, 31, 23));
  });

  it.each([
    ['inside', [{ from: '10:00', until: '13:00' }], 12 * 60, 12 * 60],
    ['at the start', [{ from: '12:00', until: '13:00' }], 12 * 60, 12 * 60],
    ['at the end', [{ from: '10:00', until: '12:00' }], 12 * 60, 34 * 60],
    ['before', [{ from: '22:30', until: '06:00' }], 12 * 60, 22.5 * 60],
    ['over midnight, late', [{ from: '22:00', until: '06:00' }], 23 * 60, 23 * 60],
    ['over midnight, early', [{ from: '22:00', until: '06:00' }], 3 * 60, 3 * 60],
    [
      'between two',
      [
        { from: '01:00', until: '02:00' },
        { from: '14:00', until: '15:00' },
      ],
      12 * 60,
      14 * 60,
    ],
    ['none', [], 12 * 60, 12 * 60],
  ])('opens the hours: %s', (_, hours, minute, opensMinute) => {
    const midnight = Date.UTC(2026, 5, 10);
    expect(hoursOpenAt(hours, 'UTC', midnight + minute * 60_000)).toBe(midnight + opensMinute * 60_000);
  });

  it('reckons hours on the site’s clock', () => {
    expect(hoursOpenAt([{ from: '22:00', until: '23:00' }], 'Europe/Vienna', noon)).toBe(Date.UTC(2026, 5, 10, 20));
  });
});

describe('what may go on the line', () => {
  const day = '2026-06-10';
  it.each([
    ['all, without limits', {}, [], { new: null, backlog: null }],
    [
      'new frames only, outside the hours',
      { backlogHours: [{ from: '22:00', until: '06:00' }] },
      [],
      { new: null, backlog: 'hours' },
    ],
    [
      'nothing outside the hours, when so set',
      { backlogHours: [{ from: '22:00', until: '06:00' }], newFrames: 'in-hours' },
      [],
      { new: 'hours', backlog: 'hours' },
    ],
    [
      'all, within the budget',
      { bytesPerDay: 2_000_000 },
      [{ day, newBytes: 0, backlogBytes: 1_000_000 }],
      { new: null, backlog: null },
    ],
    [
      'nothing, when the day’s budget is used up',
      { bytesPerDay: 2_000_000 },
      [{ day, newBytes: 950_000, backlogBytes: 1_000_000 }],
      { new: 'day-budget', backlog: 'day-budget' },
    ],
    [
      'new frames only, when the rest of the day will need what is left',
      { bytesPerDay: 2_000_000 },
      [{ day, newBytes: 600_000, backlogBytes: 800_000 }],
      { new: null, backlog: 'day-budget' },
    ],
    [
      'new frames only, when yesterday needed as much',
      { bytesPerDay: 2_000_000 },
      [
        { day: '2026-06-09', newBytes: 3_000_000, backlogBytes: 0 },
        { day, newBytes: 100_000, backlogBytes: 700_000 },
      ],
      { new: null, backlog: 'day-budget' },
    ],
    [
      'nothing, when the month’s budget is used up',
      { bytesPerMonth: 3_000_000 },
      [{ day: '2026-06-01', newBytes: 0, backlogBytes: 2_950_000 }],
      { new: 'month-budget', backlog: 'month-budget' },
    ],
    [
      'all, when only last month was dear',
      { bytesPerMonth: 3_000_000 },
      [{ day: '2026-05-31', newBytes: 0, backlogBytes: 9e6 }],
      { new: null, backlog: null },
    ],
  ] as const)('%s', (_, given, sent, expected) => {
    const known = facts({ limits: given as Partial<DeliverySettings>, sent });
    const by = (lane: 'new' | 'backlog') => decideHold(lane, 100_000, known)?.by ?? null;
    expect({ new: by('new'), backlog: by('backlog') }).toEqual(expected);
  });

  it('is said with the moment at which it goes on', () => {
    const used = [{ day: '2026-06-10', newBytes: 0, backlogBytes: 5_000_000 }];
    expect(decideHold('new', 1, facts({ limits: { bytesPerDay: 1_000_000 }, sent: used }))?.until).toBe(
      Date.UTC(2026, 5, 11),
    );
    expect(decideHold('new', 1, facts({ limits: { bytesPerMonth: 1_000_000 }, sent: used }))?.until).toBe(
      Date.UTC(2026, 6, 1),
    );
    expect(decideHold('backlog', 1, facts({ pacedUntil: noon + 5 }))).toEqual({ by: 'rate', until: noon + 5 });
    expect(decideHold('new', 1, facts({ pacedUntil: noon + 5 }))).toBeNull();
  });

  it('is counted as it goes, failed tries too, and over a change of day', async () => {
    const clock = createHandClock(Date.UTC(2026, 5, 10, 23, 59));
    const delivery = limits({ bytesPerDay: 1_000_000 });
    const allowance = createAllowance({
      clock,
      log: createHeardLog(),
      settings: () => ({ delivery, timeZone: 'UTC' }),
      sentBytes: () => [{ day: '2026-06-10', newBytes: 300_000, backlogBytes: 0 }],
    });
    expect(allowance.hold('new', 600_000)).toBeNull();
    allowance.begin('new', 600_000);
    expect(allowance.hold('new', 200_000)?.by).toBe('day-budget');
    allowance.end('new', { bytes: 600_000, sent: 50_000 });
    expect(allowance.hold('new', 600_000)).toBeNull();
    expect(allowance.unsaved()).toEqual([{ day: '2026-06-10', newBytes: 50_000, backlogBytes: 0 }]);
    await clock.advance(120_000);
    allowance.begin('backlog', 10);
    allowance.end('backlog', { bytes: 10, sent: 10 });
    const written = allowance.unsaved();
    expect(written).toHaveLength(2);
    allowance.saved(written);
    expect(allowance.unsaved()).toEqual([]);
    expect(allowance.hold('new', 900_000)).toBeNull();
  });

  it('keeps the backlog at its rate', async () => {
    const clock = createHandClock(noon);
    const delivery = limits({ backlogBitsPerSecond: 80_000 });
    const settings = () => ({ delivery, timeZone: 'UTC' });
    const allowance = createAllowance({ clock, log: createHeardLog(), settings, sentBytes: () => [] });
    let sent = 0;
    for (let second = 0; second < 100; second += 1) {
      while (allowance.hold('backlog', 35_000) === null) {
        allowance.begin('backlog', 35_000);
        allowance.end('backlog', { bytes: 35_000, sent: 35_000 });
        sent += 35_000;
      }
      await clock.advance(1000);
    }
    expect(Math.abs(sent - 1_000_000)).toBeLessThan(40_000);
  });
});

describe('delivery within limits', () => {
  it('sends new frames, holds the backlog until its hours, and says why', async () => {
    const scene = await openDelivery();
    const old = await scene.keepMany(6, { camera: newCameraId() });
    const hour = (new Date().getUTCHours() + 3) % 24;
    const text = (of: number) => `${String(of % 24).padStart(2, '0')}:00`;
    scene.limits.delivery = limits({ backlogHours: [{ from: text(hour), until: text(hour + 1) }] });
    scene.start();
    scene.cloud.listen(true);
    await until('somebody listens', () => scene.uplink.listening());
    const fresh = await scene.keepMany(3);
    const now = [...fresh, ...old.slice(-1)];
    await until('the new ones and the newest are delivered', () => now.every((one) => scene.cloud.forgotten.has(one)));
    expect(scene.cloud.forgotten.size).toBe(4);
    expect(scene.allowance.holds().backlog?.by).toBe('hours');
    expect(scene.log.lines.map(({ message }) => message)).toContain('the backlog is held back by the hours');
    scene.limits.delivery = undefined;
    await until('all is delivered', () => scene.cloud.forgotten.size === 9);
  });

  it('stops when the budget is used up, remembers that over a restart, and goes on with a larger one', async () => {
    const scene = await openDelivery();
    scene.limits.delivery = limits({ bytesPerDay: 1_000_000 });
    const frames = await scene.keepMany(4, { sizeBytes: 350_000 });
    const stop = scene.start();
    scene.cloud.listen(true);
    await until('two are delivered', () => scene.cloud.forgotten.size === 2);
    await until('the rest is held', () => scene.allowance.holds().new?.by === 'day-budget');
    await stop();
    const sent = scene.buffer.sentBytes().reduce((sum, one) => sum + one.newBytes + one.backlogBytes, 0);
    expect(sent).toBe(700_000);
    expect(scene.cloud.uploads.size).toBe(2);
    scene.limits.delivery = limits({ bytesPerDay: 2_000_000 });
    scene.start();
    await until('all are delivered', () => frames.every((frame) => scene.cloud.forgotten.has(frame)));
  });

  it('renews a grant that is over at once, and never sets a frame aside for it', async () => {
    const scene = await openDelivery({ quarantineAfter: 1 });
    let over = 0;
    scene.cloud.onUpload = (_, __, response) => {
      over += 1;
      if (over > 2) return false;
      const code = over === 1 ? 'upload.expired' : 'x';
      if (over === 1) response.writeHead(403).end(JSON.stringify({ code }));
      else response.writeHead(403).end('<Code>AccessDenied</Code><Message>Request has expired</Message>');
      return true;
    };
    scene.start();
    scene.cloud.listen(true);
    const frame = await scene.keep();
    await until('it is delivered', () => scene.cloud.forgotten.has(frame));
    expect(over).toBe(3);
    expect(scene.buffer.backlog().quarantined).toBe(0);
  });

  it('gives up on a connection on which nothing moves, and on none that is slow', async () => {
    const scene = await openDelivery({ uploadTimeoutMs: 800 });
    let silent = false;
    let given = 0;
    scene.cloud.onUpload = async (frame, request, response) => {
      given += 1;
      if (silent && given === 1) return new Promise(() => request.pause());
      // Slower than the time in which something has to move, all in all.
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
        await systemClock.sleep(15, new AbortController().signal);
      }
      scene.cloud.uploads.set(frame, Buffer.concat(chunks));
      response.end();
      return true;
    };
    scene.start();
    scene.cloud.listen(true);
    const slow = await scene.keep({ sizeBytes: 6_000_000 });
    await until('it is delivered', () => scene.cloud.forgotten.has(slow), 20_000);
    expect(scene.log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    silent = true;
    given = 0;
    const next = await scene.keep({ sizeBytes: 20_000_000 });
    await until('the next one is delivered', () => scene.cloud.forgotten.has(next), 30_000);
    expect(given).toBe(2);
    expect(scene.log.lines.some(({ message }) => message.includes('nothing moved for 800 ms'))).toBe(true);
  });

  it('reports a picture whose bytes have changed on the card, and blames nobody else', async () => {
    const scene = await openDelivery();
    const frame = await scene.keep();
    const [name = ''] = await scene.filesLeft();
    await writeFile(path.join(scene.folder, 'data', 'frames', name), Buffer.alloc(2000));
    scene.start();
    scene.cloud.listen(true);
    const evicted = await until('it is reported', () =>
      [...scene.cloud.recorded.values()].find((event) => event.type === 'frames.evicted'),
    );
    expect(evicted.body).toEqual({ frameIds: [frame], reason: 'picture-unreadable' });
  });
});
