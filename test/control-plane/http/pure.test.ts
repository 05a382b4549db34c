import { isOfTopics, piecesOf, startOf } from '@slowlight/control-plane/src/feed/sse.ts';
import { isSameOrigin } from '@slowlight/control-plane/src/http/access.ts';
import { readRange } from '@slowlight/control-plane/src/http/byte-range.ts';
import { fileName } from '@slowlight/control-plane/src/http/file-name.ts';
import { previewOf } from '@slowlight/control-plane/src/http/preview.ts';
import { statusOfCode, toProblem, wrongFields } from '@slowlight/control-plane/src/http/problems.ts';
import { startOfDay, tooShort } from '@slowlight/control-plane/src/http/schedules.ts';
import type { Schedule } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';

describe('a byte range', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-', [0, 99]],
    ['bytes=10-19', [10, 19]],
    ['bytes=90-500', [90, 99]],
    ['bytes=-10', [90, 99]],
    ['bytes=-500', [0, 99]],
    ['bytes=100-', 'outside'],
    ['bytes=-0', 'outside'],
    ['bytes=20-10', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['lines=0-1', 'whole'],
    ['bytes=-', 'whole'],
  ])('%s of 100 bytes', (header, expected) => {
    const answer = readRange(header, 100);
    expect(answer.kind === 'part' ? [answer.range.first, answer.range.last] : answer.kind).toEqual(expected);
  });
  it('of an empty file is outside', () => expect(readRange('bytes=0-', 0).kind).toBe('outside'));
});

describe('access', () => {
  it.each([
    ['GET', 'cross-site', undefined, true],
    ['POST', 'same-origin', undefined, true],
    ['POST', 'none', undefined, true],
    ['POST', 'same-site', undefined, false],
    ['POST', 'cross-site', 'http://me:1', false],
    ['POST', undefined, 'http://me:1', true],
    ['POST', undefined, 'http://me:2', false],
    ['DELETE', undefined, 'null', false],
    ['POST', undefined, undefined, true],
  ])('a %s with Sec-Fetch-Site %s and Origin %s may change something: %s', (method, secFetchSite, origin, expected) => {
    expect(isSameOrigin({ method, secFetchSite, origin, host: 'me:1' })).toBe(expected);
  });
});

describe('a problem', () => {
  it.each([
    ['camera.not-found', 404],
    ['camera.busy', 409],
    ['camera.in-use', 409],
    ['camera.agent-not-ready', 409],
    ['timelapse.completed', 409],
    ['video.too-few-frames', 409],
    ['login.needed', 401],
    ['access.role-too-low', 403],
    ['request.invalid', 400],
    ['records.unreachable', 503],
    ['object.store-unreachable', 503],
    ['object.store-full', 507],
    ['frame.picture-not-here', 404],
    ['something.else', 500],
  ])('%s has status %i', (code, status) => expect(statusOfCode(code)).toBe(status));

  it('tells nothing of a fault inside, but where to look', () => {
    const problem = toProblem(new Error('select * from secrets at /srv/db.ts:1'), 'req-1');
    expect(problem).toMatchObject({ status: 500, code: 'unexpected' });
    expect(JSON.stringify(problem)).toContain('req-1');
    expect(JSON.stringify(problem)).not.toMatch(/secrets|\.ts/);
    const failure = new Failure({ code: 'odd.thing', message: 'inner', hint: 'inner', retry: 'never' });
    expect(JSON.stringify(toProblem(failure, 'req-2'))).not.toContain('inner');
  });

  it('names wrong fields that only the server can see', () => {
    const problem = toProblem(wrongFields([{ path: 'schedule.rhythm.everyMs', problem: 'is too short' }]), 'req-1');
    expect(problem).toMatchObject({
      status: 400,
      code: 'request.invalid',
      fields: [{ path: 'schedule.rhythm.everyMs', problem: 'is too short' }],
    });
  });
});

describe('a schedule', () => {
  const schedule = { timeZone: 'Asia/Kathmandu', startsAt: null, endsAt: null };
  const now = Date.UTC(2026, 5, 1, 12, 0, 1);

  const about = { now, firstAtOnce: true, fps: 24, frameSize: null, place: null };

  it('is previewed with a first picture at once, then on its grid', async () => {
    const rhythm = { kind: 'interval', everyMs: 900_000 } as const;
    const { slots, slotsInFirstDay } = await previewOf({ ...schedule, rhythm }, about);
    expect(slots).toHaveLength(20);
    expect(slots[0]).toBe(now);
    expect(slots[1]).toBe(Date.UTC(2026, 5, 1, 12, 15));
    expect(slotsInFirstDay).toBe(1 + 96);
  });

  it('is drawn for two days of its own calendar: when it is open, its slots, and where the sun stands', async () => {
    const rhythm = { kind: 'interval', everyMs: 3_600_000 } as const;
    const [midnight, hour] = [Date.UTC(2026, 5, 1), 3_600_000];
    const pause = { from: midnight + 20 * hour, until: midnight + 30 * hour, rhythm: null, label: 'rest' };
    const edge = (event: 'sunrise' | 'sunset') => ({ event, offsetMinutes: 0 });
    const sunny: Schedule = {
      ...{ ...schedule, timeZone: 'UTC', rhythm, location: { latitude: 48.2, longitude: 16.37 }, overrides: [pause] },
      sunWindows: [{ from: edge('sunrise'), to: edge('sunset') }],
    };
    const place = { latitude: 48.2, longitude: 16.37 };
    const { days } = await previewOf(sunny, { ...about, place });
    expect([days.from, days.until]).toEqual([midnight, midnight + 48 * hour]);
    expect(days.open).toHaveLength(2);
    expect(days.open[1]?.from).toBe(pause.until);
    expect(days.sun?.events.map(({ event }) => event)).toEqual([
      ...['dawn', 'sunrise', 'sunset', 'dusk'],
      ...['dawn', 'sunrise', 'sunset', 'dusk'],
    ]);
    // Before the pause begins at 20:00 the sun has set, at 18:50; after it, at 06:00, it is up.
    expect(days.open[0]?.until).toBe(days.sun?.events[2]?.at);
    const elevations = days.sun?.elevations ?? [];
    expect(elevations).toHaveLength(97);
    // 90° − 48.2° ± the sun's 22° north of the equator, and half a degree more at night, for refraction.
    expect(Math.max(...elevations)).toBeCloseTo(63.8, 0);
    expect(Math.min(...elevations)).toBeCloseTo(-19.3, 0);
    expect(
      days.slots?.every((at) => days.open.some(({ from, until }) => (at >= from && at < until) || at === now)),
    ).toBe(true);
    const dense = await previewOf({ ...schedule, rhythm: { kind: 'interval', everyMs: 60_000 } }, about);
    expect(dense.days).toMatchObject({
      slots: null,
      sun: null,
      open: [{ from: dense.days.from, until: dense.days.until }],
    });
  });

  it('that ends soon previews only what it plans', async () => {
    const rhythm = { kind: 'interval', everyMs: 60_000 } as const;
    expect((await previewOf({ ...schedule, endsAt: now + 150_000, rhythm }, about)).slots).toHaveLength(3);
  });

  it.each([
    [{ kind: 'interval', everyMs: 4999 } as const, 'schedule.rhythm.everyMs'],
    [{ kind: 'interval', everyMs: 5000 } as const, null],
    [{ kind: 'cron', expression: '*/2 * * * * *' } as const, 'schedule.rhythm.expression'],
    [{ kind: 'cron', expression: '0,1 0 * * * *' } as const, 'schedule.rhythm.expression'],
    [{ kind: 'cron', expression: '*/5 * * * *' } as const, null],
  ])('%j is too short for 5 s: %s', (rhythm, field) => {
    expect(tooShort({ ...schedule, rhythm }, 5000, now)?.path ?? null).toBe(field);
  });

  it('has days that begin at midnight of its zone, also when a night has 25 hours', () => {
    const at = Date.UTC(2026, 9, 25, 12);
    expect(startOfDay('Europe/Vienna', at)).toBe(Date.UTC(2026, 9, 24, 22));
    expect(startOfDay('UTC', at)).toBe(Date.UTC(2026, 9, 25));
  });
});

describe('the feed', () => {
  it.each([
    [null, { first: 1, last: 9 }, { after: 9, reset: false }],
    [5, { first: 1, last: 9 }, { after: 5, reset: false }],
    [9, { first: 1, last: 9 }, { after: 9, reset: false }],
    [10, { first: 1, last: 9 }, { after: 9, reset: true }],
    [3, { first: 4, last: 9 }, { after: 3, reset: false }],
    [2, { first: 4, last: 9 }, { after: 9, reset: true }],
    [0, { first: 0, last: 0 }, { after: 0, reset: false }],
    [7, { first: 0, last: 0 }, { after: 0, reset: true }],
  ])('asked after %s of %j begins %j', (asked, kept, expected) => {
    expect(startOf(asked, kept)).toEqual(expected);
  });

  it('is sent in pieces of a bounded size, with nothing lost between them', () => {
    const texts = ['aa', 'bbb', 'c', 'dddddddd', 'e'];
    expect([...piecesOf(texts, 5)]).toEqual(['aabbb', 'c', 'dddddddd', 'e']);
    expect([...piecesOf([], 5)]).toEqual([]);
  });

  it('is narrowed by whole words', () => {
    expect(isOfTopics('frame.captured', [])).toBe(true);
    expect(isOfTopics('frame.captured', ['frame'])).toBe(true);
    expect(isOfTopics('frame.captured', ['video', 'frame.captured'])).toBe(true);
    expect(isOfTopics('frame.captured', ['fram', 'frame.capt'])).toBe(false);
  });
});

it('a file name is safe in a header whatever the video is called', () => {
  expect(fileName('Garten "süd"\r\nX: 1', 'mp4')).toBe(
    `filename="Garten sudX 1.mp4"; filename*=UTF-8''Garten%20%22s%C3%BCd%22%0D%0AX%3A%201.mp4`,
  );
});
