import { readAddress } from '@slowlight/agent/src/capture/address.ts';
import { problemOf } from '@slowlight/agent/src/capture/camera-failure.ts';
import { leadOf } from '@slowlight/agent/src/capture/lead.ts';
import { createNetworks, isNetwork, PRIVATE_NETWORKS } from '@slowlight/agent/src/capture/networks.ts';
import { type Connection, createRhythm } from '@slowlight/agent/src/capture/rhythm.ts';
import { refusalOf } from '@slowlight/agent/src/capture/rtsp/answer.ts';
import { chooseWay } from '@slowlight/agent/src/capture/tap/choose-way.ts';
import { createPace } from '@slowlight/agent/src/capture/tap/pace.ts';
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
  const beaten = (connection: Connection, intervalMs: number) => {
    const rhythm = createRhythm({ connection, warmIntervalMs: 10_000 });
    rhythm.beat(0, intervalMs / 2);
    rhythm.beat(intervalMs, intervalMs * 1.5);
    return rhythm;
  };

  it.each([
    ['slots that lie close together', 'auto', 2000, 500, 3000],
    ['slots far apart', 'auto', 60_000, 4000, 0],
    ['a camera that takes a third of the interval to connect', 'auto', 25_000, 9000, 37_500],
    ['one that shall stay connected', 'warm', 60_000, 500, 90_000],
    ['one that shall not', 'cold', 2000, 500, 0],
  ] as const)('%s: how long it stays connected', (_, connection, intervalMs, leadMs, expected) => {
    expect(beaten(connection, intervalMs).lingerMs(leadMs)).toBe(expected);
  });

  it('of the first slot only its end is known; before it, nothing', () => {
    const rhythm = createRhythm({ connection: 'auto', warmIntervalMs: 10_000 });
    expect(rhythm.lingerMs(500)).toBe(0);
    rhythm.beat(0, 2000);
    expect(rhythm.lingerMs(500)).toBe(6000);
  });
});

describe('which pictures are decoded', () => {
  const asked = { pictures: 30, estimateMs: 600, msLeft: 5000, mostMs: 3000, wanted: 'newest' } as const;
  it.each([
    ['the whole way where there is time', {}, 'newest'],
    ['the keyframe where the way costs too much', { estimateMs: 3100 }, 'keyframe'],
    ['the keyframe where the slot is over too soon', { msLeft: 1000 }, 'keyframe'],
    ['the keyframe where somebody wants it cheap', { wanted: 'keyframe' }, 'keyframe'],
    ['a keyframe alone is the newest', { pictures: 1, estimateMs: 9000 }, 'newest'],
  ] as const)('%s', (_, more, expected) => {
    expect(chooseWay({ ...asked, ...more })).toBe(expected);
  });

  it('by the pace that this device showed', () => {
    const pace = createPace();
    expect(pace.estimateMs(10)).toBe(230);
    pace.learn(1, 400);
    expect(pace.estimateMs(10)).toBe(230);
    pace.learn(30, 90);
    expect(pace.estimateMs(10)).toBe(60);
    for (let turn = 0; turn < 30; turn += 1) pace.learn(30, 300);
    expect(pace.estimateMs(10)).toBeCloseTo(130, 0);
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

  it('of a snapshot is one of HTTP', () => {
    expect(readAddress('https://10.0.0.5/a?b=c', 'http')).toMatchObject({ secure: true, port: 443 });
    expect(() => readAddress('rtsp://10.0.0.5/a', 'http')).toThrow(
      expect.objectContaining({ code: 'capture.unsupported' }),
    );
  });
});

describe('where cameras may be', () => {
  const house = PRIVATE_NETWORKS;
  const any = ['any'];
  it.each([
    ['192.168.1.20', house, true],
    ['10.9.8.7', house, true],
    ['fd12::5', house, true],
    ['::ffff:192.168.1.20', house, true],
    ['93.184.216.34', house, false],
    ['93.184.216.34', any, true],
    ['127.0.0.1', house, false],
    ['127.0.0.1', any, false],
    ['127.0.0.1', ['0.0.0.0/0'], false],
    ['::1', any, false],
    ['127.0.0.1', ['127.0.0.0/8'], true],
    ['::ffff:127.0.0.1', any, false],
    ['169.254.7.7', any, false],
    ['169.254.7.7', ['169.254.0.0/16'], true],
    ['fe80::1', any, false],
    ['169.254.169.254', ['169.254.0.0/16'], false],
    ['169.254.169.254', ['169.254.169.254'], false],
    ['::ffff:169.254.169.254', any, false],
    ['100.100.100.200', house, false],
    ['fd00:ec2::254', house, false],
    ['0.0.0.0', any, false],
    ['239.1.2.3', any, false],
    ['255.255.255.255', any, false],
    ['::', any, false],
    ['ff02::1', any, false],
    ['10.0.0.5', ['10.0.0.5'], true],
    ['10.0.0.6', ['10.0.0.5'], false],
    ['not an address', any, false],
  ])('%s in %j: %s', (ip, networks, expected) => {
    expect(createNetworks(networks).allow(ip)).toBe(expected);
  });

  it.each([
    ['10.0.0.0/8', true],
    ['any', true],
    ['fc00::/7', true],
    ['10.0.0.1', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0/8/8', false],
    ['camera.local', false],
    ['', false],
  ])('%j is a network: %s', (text, expected) => {
    expect(isNetwork(text)).toBe(expected);
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
