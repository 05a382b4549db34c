/**
 * What time it is, as honestly as this device can say.
 * Promise: the clock that the agent works by, and for each moment whether it could be trusted and why. It counts as
 * synchronised when the system's time service says so, when the user says so, or when receipts carry the same time; jumps of
 * the system's clock that none of them confirms are doubted first (see `believed-time.ts`).
 * When it fails: what cannot be read counts as not said; time goes on by the last belief.
 */
import { existsSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { type BootId, bootId, type ClockSource } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Moment } from '../frame.ts';
import { type Belief, believe, createServerTime, isSame, SAME_TIME_MS } from './believed-time.ts';

export interface DeviceClockOptions {
  /** The user vouches for the clock. */
  trustClock: boolean;
  /** Files whose presence says that the system has set its clock. */
  synchronisedFiles?: readonly string[] | undefined;
  /** Says `1` where the system's clock was set from a clock with a battery. */
  rtcFile?: string;
}

/** What is to be told of the clock. */
export interface ClockNews {
  /** By how much it was set ahead (negative: back) since it was last told, ms. */
  offsetMs: number;
  /** The wall time at the boot's monotonic zero, ms; null: nobody knows it. */
  bootedAt: number | null;
  source: ClockSource;
}

const SYNCHRONISED_FILES = ['/run/systemd/timesync/synchronized', '/run/chrony/synchronized'];
const RTC_FILE = '/sys/class/rtc/rtc0/hctosys';
/** How long the answer of the system's time service is believed, ms. */
const LOOK_AGAIN_MS = 10_000;
/** So long after it began to say so, the time service counts as having set the clock just now, ms. */
const NEW_MS = 60_000;

export function createDeviceClock(system: Clock, options: DeviceClockOptions) {
  const files = options.synchronisedFiles ?? SYNCHRONISED_FILES;
  const boot = readBootId();
  const bootAheadMs = uptime() * 1000 - system.monotonicMs();
  const hasRtc = readRtc(options.rtcFile ?? RTC_FILE);
  const server = createServerTime();
  let looked = { at: Number.NEGATIVE_INFINITY, said: false };
  let ntpSince = Number.NEGATIVE_INFINITY;
  let belief: Belief = { anchor: system.now() - system.monotonicMs(), doubtedSince: null };
  /** The system's wall time minus the control plane's, ms, when a receipt last told it. */
  let offsetMs: number | null = null;
  let movedMs = 0;
  /** A moment was given out that could not be trusted: when the time is known, it can be put right. */
  let owesCorrection = false;

  function serviceSays(): boolean {
    const now = system.monotonicMs();
    if (now - looked.at < LOOK_AGAIN_MS) return looked.said;
    const isFirst = looked.at === Number.NEGATIVE_INFINITY;
    const said = files.some((file) => existsSync(file));
    if (said && !looked.said && !isFirst) ntpSince = now;
    looked = { at: now, said };
    return said;
  }

  /** Looks at everything that says what time it is. Gives wall time, ms. */
  function now(): number {
    const monotonicMs = system.monotonicMs();
    const wall = system.now();
    const before = belief.anchor;
    const ntp = serviceSays();
    belief = believe(belief, {
      system: wall - monotonicMs,
      monotonicMs,
      vouched: options.trustClock,
      ntp,
      ntpIsNew: ntp && monotonicMs - ntpSince < NEW_MS,
      server: server.anchor(),
    });
    if (!isSame(belief.anchor, before)) movedMs += belief.anchor - before;
    return belief.anchor === wall - monotonicMs ? wall : Math.round(belief.anchor + monotonicMs);
  }

  function source(): ClockSource {
    now();
    if (options.trustClock) return 'user';
    if (serviceSays() && belief.doubtedSince === null) return 'ntp';
    const known = server.anchor();
    if (known !== null && isSame(known, belief.anchor)) return 'server';
    return hasRtc ? 'rtc' : 'none';
  }
  const stateOf = (from: ClockSource): Moment['clock'] =>
    from === 'rtc' || from === 'none' ? 'untrusted' : 'synchronised';
  const uptimeMs = () => Math.max(0, system.monotonicMs() + bootAheadMs);

  return {
    /** What the agent works by: it steps only when a step is believed. */
    clock: { ...system, now } satisfies Clock,
    state: (): Moment['clock'] => stateOf(source()),
    bootId: boot,
    /** Since the machine was switched on, ms. */
    uptimeMs,
    moment(): Moment {
      const clockSource = source();
      const clock = stateOf(clockSource);
      if (clock === 'untrusted') owesCorrection = true;
      return { wall: now(), bootId: boot, monotonicMs: uptimeMs(), clock, clockSource };
    },
    /** What says that the clock is right, and how far the system's was from the control plane's. */
    about: (): { source: ClockSource; offsetMs: number | null } => ({ source: source(), offsetMs }),
    /** A receipt carried the control plane's wall time, ms. */
    compare(serverTime: number): void {
      offsetMs = system.now() - serverTime;
      server.heard(serverTime, system.monotonicMs());
      now();
    },
    /** Moments of this boot that could not be trusted were given out by an earlier process. */
    oweCorrection(): void {
      owesCorrection = true;
    },
    /** What must be told now; null: nothing. Each is given once. */
    news(): ClockNews | null {
      const from = source();
      const trusted = stateOf(from) === 'synchronised';
      const moved = Math.abs(movedMs) >= SAME_TIME_MS;
      if (!moved && !(trusted && owesCorrection)) return null;
      const news = {
        offsetMs: Math.round(movedMs),
        bootedAt: trusted ? Math.max(0, Math.round(now() - uptimeMs())) : null,
        source: from,
      };
      movedMs = 0;
      if (trusted) owesCorrection = false;
      return news;
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

function readRtc(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
