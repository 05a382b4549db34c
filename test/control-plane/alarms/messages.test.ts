import { afterFailure } from '@slowlight/control-plane/src/alarms/deliver.ts';
import { digestPeriod, dueDigests } from '@slowlight/control-plane/src/alarms/digest.ts';
import {
  isSigningSecret,
  newSigningSecret,
  signatureHeaders,
} from '@slowlight/control-plane/src/alarms/signed-post.ts';
import { afterFault, isWanted } from '@slowlight/control-plane/src/alarms/webhooks.ts';
import type { SiteId } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1, 12);
const siteId = 'sit-aaaaaaaaaaaaaaaa' as SiteId;

describe('messages', () => {
  test('are signed as Standard Webhooks has it', () => {
    // The example of the specification's libraries.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = signatureHeaders(secret, {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    expect(isSigningSecret(newSigningSecret())).toBe(true);
    for (const bad of ['whsec_', 'whsec_c2hvcnQ=', 'secret', `x${secret}`]) expect(isSigningSecret(bad)).toBe(false);
  });

  test('are tried again later and later, for a day; what is refused for good is given up at once', () => {
    const at = (attempts: number, age = 0) =>
      afterFailure({ attempts, createdAt: NOW - age }, 'soon', { now: NOW, random: 1 });
    expect([1, 2, 5, 30].map((attempts) => at(attempts))).toEqual(
      [15_000, 25_000, 165_000, 3_605_000].map((ms) => ({ state: 'waiting', dueAt: NOW + ms })),
    );
    expect(at(3, DAY)).toEqual({ state: 'dead' });
    expect(afterFailure({ attempts: 1, createdAt: NOW }, 'never', { now: NOW })).toEqual({ state: 'dead' });
  });

  test('a webhook is paused after three days, or when nobody listens any more', () => {
    const failure = { code: 'receiver.failed', message: 'm', hint: 'h' };
    const first = afterFault({ attempts: 0, failingSince: null }, failure, { now: NOW, random: 1 });
    expect(first).toMatchObject({ attempts: 1, failingSince: NOW, nextTryAt: NOW + 7500 });
    expect(first.pausedAt).toBeUndefined();
    expect(afterFault({ attempts: 9, failingSince: NOW - 3 * DAY }, failure, { now: NOW })).toMatchObject({
      pausedAt: NOW,
      nextTryAt: null,
    });
    expect(
      afterFault({ attempts: 0, failingSince: null }, { ...failure, code: 'receiver.gone' }, { now: NOW }).pausedAt,
    ).toBe(NOW);
    expect(['video.completed', 'videos.x', 'frame.captured'].map((type) => isWanted(type, ['video']))).toEqual([
      true,
      false,
      false,
    ]);
    expect(isWanted('anything.else', [])).toBe(true);
  });
});

describe('digests', () => {
  const timeZone = 'Europe/Vienna';
  const at = (text: string) => Date.parse(text);
  test.each([
    ['2026-06-03T04:59:59Z', 'day', '2026-06-01T05:00:00Z', '2026-06-02T05:00:00Z'],
    ['2026-06-03T05:00:00Z', 'day', '2026-06-02T05:00:00Z', '2026-06-03T05:00:00Z'],
    ['2026-06-03T05:00:00Z', 'week', '2026-05-25T05:00:00Z', '2026-06-01T05:00:00Z'],
    // The day on which the clocks go forwards has 23 hours.
    ['2026-03-29T06:00:00Z', 'day', '2026-03-28T06:00:00Z', '2026-03-29T05:00:00Z'],
  ] as const)('at %s the newest %s that is over is from %s to %s', (now, every, from, to) => {
    expect(digestPeriod(at(now), { timeZone, every, hour: 7 })).toMatchObject({ from: at(from), to: at(to) });
  });

  test('have one name for each period, and begin after the channel was made', () => {
    const channel = {
      enabled: true,
      digest: 'day',
      digestHour: 7,
      siteIds: null,
      id: 'chn-a',
      createdAt: at('2026-06-02T05:00:00Z'),
    };
    const site = { id: siteId, name: 'Bridge', timeZone, createdAt: 0 };
    const due = (now: string) => dueDigests([channel as never], [site], at(now)).map(({ about }) => about);
    expect(due('2026-06-03T04:00:00Z')).toEqual([]);
    expect(due('2026-06-03T05:00:00Z')).toEqual([`digest day ${siteId} 2026-06-03`]);
    expect(due('2026-06-04T04:00:00Z')).toEqual([`digest day ${siteId} 2026-06-03`]);
  });
});
