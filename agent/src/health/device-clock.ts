/**
 * What time it is, as honestly as this device can say.
 * A clock counts as synchronised when the system's time service says so, when the user says so, or when a receipt carried the
 * same time; the last is given up as soon as the wall clock jumps.
 */
import { existsSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { type BootId, bootId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Moment } from '../frame.ts';

export interface DeviceClockOptions {
  /** The user vouches for the clock. */
  trustClock: boolean;
  /** Files whose presence says that the system has set its clock. */
  synchronisedFiles?: readonly string[];
}

const SYNCHRONISED_FILES = ['/run/systemd/timesync/synchronized', '/run/chrony/synchronized'];
/** How far the control plane's time may be from ours, ms. */
const SAME_TIME_MS = 2000;
/** How long the answer of the system's time service is believed, ms. */
const LOOK_AGAIN_MS = 10_000;

export function createDeviceClock(clock: Clock, options: DeviceClockOptions) {
  const files = options.synchronisedFiles ?? SYNCHRONISED_FILES;
  const boot = readBootId();
  const bootAheadMs = uptime() * 1000 - clock.monotonicMs();
  let looked = { at: Number.NEGATIVE_INFINITY, said: false };
  /** Wall time minus monotonic time when a receipt confirmed it. */
  let confirmed: number | null = null;

  function serviceSays(): boolean {
    const now = clock.monotonicMs();
    if (now - looked.at >= LOOK_AGAIN_MS) looked = { at: now, said: files.some((file) => existsSync(file)) };
    return looked.said;
  }
  const stillConfirmed = () =>
    confirmed !== null && Math.abs(clock.now() - clock.monotonicMs() - confirmed) < SAME_TIME_MS;
  const state = (): Moment['clock'] =>
    options.trustClock || serviceSays() || stillConfirmed() ? 'synchronised' : 'untrusted';

  return {
    state,
    bootId: boot,
    /** Since the machine was switched on, ms. */
    uptimeMs: () => clock.monotonicMs() + bootAheadMs,
    moment: (): Moment => ({
      wall: clock.now(),
      bootId: boot,
      monotonicMs: Math.max(0, clock.monotonicMs() + bootAheadMs),
      clock: state(),
    }),
    /** A receipt carried the control plane's wall time, ms. */
    compare(serverTime: number): void {
      if (Math.abs(serverTime - clock.now()) < SAME_TIME_MS) confirmed = clock.now() - clock.monotonicMs();
      else confirmed = null;
    },
  };
}
export type DeviceClock = ReturnType<typeof createDeviceClock>;

/** The system's id of this boot; where it tells none, one for this process. */
function readBootId(): BootId {
  try {
    return bootId.parse(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  } catch {
    return bootId.parse(crypto.randomUUID());
  }
}
