/** What captures in tests are made of; nothing of vitest here. */

import { createNetworks } from '@slowlight/agent/src/capture/networks.ts';
import type { Trust } from '@slowlight/agent/src/capture/trust.ts';
import type { Log, Moment } from '@slowlight/agent/src/frame.ts';
import { type CameraSettings, cameraSettings, newCameraId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';

export const realMoment = (): Moment => ({
  wall: systemClock.now(),
  bootId: 'boot-0000' as Moment['bootId'],
  monotonicMs: systemClock.monotonicMs(),
  clock: 'synchronised',
});

/** A way to cameras on this machine. */
export const localTrust = (more: Partial<Trust> = {}): Trust => ({
  certificates: [],
  pin: null,
  networks: createNetworks(['127.0.0.0/8']),
  ...more,
});

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Settings of a camera as the control plane would send them. */
export function cameraAt(url: string, username?: string): CameraSettings {
  return cameraSettings.parse({
    id: newCameraId(),
    name: 'North',
    enabled: true,
    source: { kind: 'rtsp', url },
    credentials: username === undefined ? null : { username, sealedPassword: 'c2VhbGVk' },
    shape: {},
    judging: {},
  });
}

/** As soon as possible, within `withinMs`. */
export const now = (camera: CameraSettings, withinMs = 20_000) => ({
  camera,
  dueAt: null,
  deadlineAt: systemClock.now() + withinMs,
});

export const neverAborted = new AbortController().signal;
