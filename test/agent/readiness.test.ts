import { checkReadiness, type ReadinessFacts } from '@slowlight/agent/src/readiness/readiness.ts';
import { newAgentId, newCameraId, newTimelapseId } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { everyMs, makeSettings } from '../rig/agent-parts.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const agentId = newAgentId();
const cameraId = newCameraId();
const timelapseId = newTimelapseId();
const settings = (more: object = {}) =>
  makeSettings({ agentId, cameraId, timelapseId, schedule: everyMs(5000), ...more });
const online: ReadinessFacts['camera'] = { health: 'online', consecutiveFailures: 0, lastTriedDueAt: null };
const device: ReadinessFacts['device'] = {
  diskFreeBytes: 10e9,
  diskFloorBytes: 1e9,
  temperatureCelsius: 50,
  tooHotCelsius: 85,
  clock: 'synchronised',
  uptimeMs: 1e9,
  clockHoldMs: 300_000,
};
const good: ReadinessFacts = {
  settings: settings(),
  asked: { kind: 'slot', slot: { timelapseId, dueAt: NOON } },
  now: NOON,
  settledUpTo: NOON - 5000,
  camera: online,
  device,
};
const byHand: ReadinessFacts['asked'] = { kind: 'by-hand', cameraId };
const offline = (failures: number, ago: number): ReadinessFacts['camera'] => ({
  health: 'offline',
  consecutiveFailures: failures,
  lastTriedDueAt: NOON - ago,
});

const table: [string, Partial<ReadinessFacts>, string][] = [
  ['all is well', {}, 'ready'],
  ['there are no settings', { settings: null }, 'timelapse-not-found'],
  ['the timelapse is gone', { settings: makeSettings({ agentId }) }, 'timelapse-not-found'],
  ['the camera is gone', { settings: { ...settings(), cameras: [] } }, 'camera-not-found'],
  ['the camera is switched off', { settings: settings({ enabled: false }) }, 'camera-disabled'],
  ['the timelapse is paused', { settings: settings({ state: 'paused' }) }, 'timelapse-not-running'],
  [
    'it has not begun',
    { settings: settings({ schedule: everyMs(5000, { startsAt: NOON + 1 }) }) },
    'timelapse-not-running',
  ],
  ['it has ended', { settings: settings({ schedule: everyMs(5000, { endsAt: NOON }) }) }, 'timelapse-not-running'],
  ['the slot has its outcome', { settledUpTo: NOON }, 'not-due'],
  [
    'the camera is degraded',
    { camera: { health: 'degraded', consecutiveFailures: 4, lastTriedDueAt: NOON - 5000 } },
    'ready',
  ],
  ['the camera is offline since just now', { camera: offline(5, 5000) }, 'camera-offline'],
  ['its next try is due', { camera: offline(5, 10_000) }, 'ready'],
  ['it fails on and on: the distance grows', { camera: offline(8, 55_000) }, 'camera-offline'],
  ['but never beyond a minute', { camera: offline(500, 60_000) }, 'ready'],
  [
    'a slow schedule tries at every slot',
    { settings: settings({ schedule: everyMs(60_000) }), camera: offline(9, 60_000) },
    'ready',
  ],
  ['it is asked by hand', { asked: byHand, camera: offline(50, 1) }, 'ready'],
  ['by hand without a running timelapse', { asked: byHand, settings: settings({ state: 'paused' }) }, 'ready'],
  ['by hand of a camera that is off', { asked: byHand, settings: settings({ enabled: false }) }, 'camera-disabled'],
  ['the card is full', { device: { ...device, diskFreeBytes: 1 } }, 'card-full'],
  ['by hand while the card is full', { asked: byHand, device: { ...device, diskFreeBytes: 1 } }, 'card-full'],
  ['the device is too hot', { device: { ...device, temperatureCelsius: 85 } }, 'too-hot'],
  ['nobody knows how hot it is', { device: { ...device, temperatureCelsius: null } }, 'ready'],
  ['the clock is not set yet', { device: { ...device, clock: 'untrusted', uptimeMs: 299_999 } }, 'clock-not-set'],
  ['the clock was waited for long enough', { device: { ...device, clock: 'untrusted', uptimeMs: 300_000 } }, 'ready'],
];

describe('readiness', () => {
  it.each(table)('when %s', (_, facts, expected) => {
    const found = checkReadiness({ ...good, ...facts });
    expect(found.kind === 'ready' ? 'ready' : found.reason).toBe(expected);
  });

  it('names the first reason of many, in the order of the rules', () => {
    const bad = { ...device, diskFreeBytes: 0, temperatureCelsius: 99, clock: 'untrusted', uptimeMs: 0 } as const;
    const facts: ReadinessFacts = {
      ...good,
      camera: offline(5, 1),
      device: bad,
      settledUpTo: NOON,
      settings: settings({ enabled: false, state: 'paused' }),
    };
    const reasons: string[] = [];
    const mend: ((now: ReadinessFacts) => ReadinessFacts)[] = [
      (now) => ({ ...now, settings: settings({ state: 'paused' }) }),
      (now) => ({ ...now, settings: settings() }),
      (now) => ({ ...now, settledUpTo: null }),
      (now) => ({ ...now, camera: online }),
      (now) => ({ ...now, device: { ...now.device, diskFreeBytes: 10e9 } }),
      (now) => ({ ...now, device: { ...now.device, temperatureCelsius: 20 } }),
    ];
    let now = facts;
    for (const step of [...mend, null]) {
      const found = checkReadiness(now);
      reasons.push(found.kind === 'ready' ? 'ready' : found.reason);
      now = step?.(now) ?? now;
    }
    expect(reasons).toEqual([
      'camera-disabled',
      'timelapse-not-running',
      'not-due',
      'camera-offline',
      'card-full',
      'too-hot',
      'clock-not-set',
    ]);
  });

  it('says when an offline camera is tried again', () => {
    expect(checkReadiness({ ...good, camera: offline(5, 5000) })).toMatchObject({ nextDueAt: NOON + 5000 });
  });
});
