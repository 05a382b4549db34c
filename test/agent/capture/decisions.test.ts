import { problemOf } from '@slowlight/agent/src/capture/camera-failure.ts';
import { leadOf } from '@slowlight/agent/src/capture/lead.ts';
import { createRhythm } from '@slowlight/agent/src/capture/rhythm.ts';
import { isBlocked, readAddress } from '@slowlight/agent/src/capture/rtsp/address.ts';
import { refusalOf } from '@slowlight/agent/src/capture/rtsp/answer.ts';
import { waitBeforeNextTry } from '@slowlight/agent/src/capture/tries.ts';
import { createTurnstile } from '@slowlight/agent/src/capture/turnstile.ts';
import { describe, expect, it } from 'vitest';
import { neverAborted } from '../../rig/capture-parts.ts';
import { until } from '../../rig/until.ts';

describe('the lead before a slot', () => {
  it.each([
    [[], 4000],
    [[300], 4000],
    [[5000], 5750],
    [[300, 900, 2100, 800, 400, 600], 2500],
    [[50, 50, 50, 50, 50, 50], 500],
    [[60_000], 10_000],
  ])('after starts of %j is %i ms', (starts, expected) => {
    expect(leadOf(starts)).toBe(expected);
  });
});

describe('another try', () => {
  it.each([
    ['after the first', { tries: 1, retry: 'soon', now: 0, deadlineAt: 30_000 }, 2000],
    ['after the second', { tries: 2, retry: 'soon', now: 0, deadlineAt: 30_000 }, 4000],
    ['not after the third', { tries: 3, retry: 'soon', now: 0, deadlineAt: 30_000 }, null],
    ['not when the slot is over by then', { tries: 1, retry: 'soon', now: 0, deadlineAt: 2400 }, null],
    [
      'not where a wrong password would lock the account',
      { tries: 1, retry: 'later', now: 0, deadlineAt: 30_000 },
      null,
    ],
  ] as const)('%s', (_, tried, expected) => {
    expect(waitBeforeNextTry(tried)).toBe(expected);
  });
});

describe('the rhythm of slots', () => {
  it('keeps a camera connected only between slots that lie close together', () => {
    const rhythm = createRhythm(10_000);
    expect(rhythm.lingerMs()).toBe(0);
    rhythm.beat(0, 2000);
    expect(rhythm.lingerMs()).toBe(6000);
    rhythm.beat(2000, 3000);
    expect(rhythm.lingerMs()).toBe(3000);
    rhythm.beat(62_000, 92_000);
    expect(rhythm.lingerMs()).toBe(0);
  });
});

describe('a camera’s address', () => {
  it.each([
    ['rtsp://10.0.0.5/a?b=c', { secure: false, hostname: '10.0.0.5', port: 554, url: 'rtsp://10.0.0.5/a?b=c' }],
    [
      'rtsps://cam.local:7441/x#y',
      { secure: true, hostname: 'cam.local', port: 7441, url: 'rtsps://cam.local:7441/x' },
    ],
    ['rtsps://cam.local/x', { secure: true, hostname: 'cam.local', port: 322, url: 'rtsps://cam.local/x' }],
    ['rtsp://[fd12::5]:8554/x', { secure: false, hostname: 'fd12::5', port: 8554, url: 'rtsp://[fd12::5]:8554/x' }],
    ['rtsp://user:pw@10.0.0.5/a', { secure: false, hostname: '10.0.0.5', port: 554, url: 'rtsp://10.0.0.5/a' }],
  ])('%s is read', (url, expected) => {
    expect(readAddress(url)).toEqual(expected);
  });

  it.each([
    'http://10.0.0.5/',
    'file:///etc/passwd',
    'rtsp:///x',
    '-i',
    'rtsp://10.0.0.5/a b',
    'rtsp://10.0.0.5/a\r\nX: y',
  ])('%j is none', (url) => {
    expect(() => readAddress(url)).toThrow(expect.objectContaining({ code: 'capture.unsupported' }));
  });

  it.each([
    ['192.168.1.20', false],
    ['127.0.0.1', false],
    ['169.254.7.7', false],
    ['fe80::1', false],
    ['0.0.0.0', true],
    ['169.254.169.254', true],
    ['239.1.2.3', true],
    ['255.255.255.255', true],
    ['::', true],
    ['ff02::1', true],
    ['::ffff:169.254.169.254', true],
    ['fd00:ec2::254', true],
  ])('%s: blocked is %s', (ip, expected) => {
    expect(isBlocked(ip)).toBe(expected);
  });
});

describe('an answer that is not 200', () => {
  it.each([
    [401, 'unauthorised'],
    [403, 'unauthorised'],
    [404, 'not-found'],
    [453, 'refused'],
    [503, 'refused'],
    [461, 'unsupported'],
    [302, 'unsupported'],
    [500, 'refused'],
    [400, 'unsupported'],
  ])('%i means %s', (status, code) => {
    const problem = problemOf(refusalOf({ status, reason: 'no\u0007', method: 'DESCRIBE', login: null }));
    expect(problem?.code).toBe(code);
    expect(problem?.hint).toMatch(/^[\x20-\x7e’–…]+\.$/);
  });
});

describe('the turnstile', () => {
  it('lets no more through than it may, in order, and forgets whoever gave up', async () => {
    const turnstile = createTurnstile(1);
    const passed: string[] = [];
    const first = Promise.withResolvers<void>();
    const gone = new AbortController();
    const all = [
      turnstile.pass(() => first.promise, neverAborted),
      turnstile.pass(async () => passed.push('gone'), gone.signal).catch(() => passed.push('gave up')),
      turnstile.pass(async () => passed.push('third'), neverAborted),
      turnstile.pass(async () => passed.push('fourth'), neverAborted),
    ];
    gone.abort();
    await until('the second gave up', () => passed.length === 1);
    first.resolve();
    await Promise.all(all);
    expect(passed).toEqual(['gave up', 'third', 'fourth']);
    await turnstile.pass(async () => passed.push('again'), neverAborted);
    expect(passed.at(-1)).toBe('again');
  });
});
