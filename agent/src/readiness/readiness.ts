import {
  type AgentSettings,
  type CameraId,
  nextSlot,
  rhythmAt,
  type Slot,
  type TimelapseId,
} from '@slowlight/protocol';
import type { Readiness } from '../frame.ts';

/** Everything that the decision rests on, gathered once. */
export interface ReadinessFacts {
  settings: AgentSettings | null;
  /** What is asked for: a slot of a timelapse, or a picture by hand. */
  asked: { kind: 'slot'; slot: Slot } | { kind: 'by-hand'; cameraId: CameraId; force?: boolean | undefined };
  now: number;
  /** The last settled slot of this timelapse; null: none, or asked by hand. */
  settledUpTo: number | null;
  camera: {
    health: 'online' | 'degraded' | 'offline';
    consecutiveFailures: number;
    /** The moment of the last slot that was tried, ms; null: none since the start. */
    lastTriedDueAt: number | null;
  };
  device: {
    diskFreeBytes: number;
    diskFloorBytes: number;
    temperatureCelsius: number | null;
    tooHotCelsius: number;
    clock: 'synchronised' | 'untrusted';
    uptimeMs: number;
    /** How long after a start of the machine to wait for the clock. */
    clockHoldMs: number;
  };
}

/** A camera that is offline is still tried at least this often, ms. */
const LONGEST_PROBE_GAP_MS = 60_000;
/** From this many failures on a camera is offline. */
const OFFLINE_AFTER = 5;

/**
 * Whether the picture that is asked for can be taken now. Decided here and nowhere else; the first condition that fails names
 * the reason. Pure. A check that breaks is the caller's to report: the slot is taken then.
 */
export function checkReadiness(facts: ReadinessFacts): Readiness {
  const { settings, asked } = facts;
  const no = notReady(null);
  const timelapseId = asked.kind === 'slot' ? asked.slot.timelapseId : null;
  const timelapse = timelapseId === null ? null : timelapseOf(settings, timelapseId);
  if (timelapseId !== null && timelapse === null)
    return no('timelapse-not-found', `the settings hold no timelapse ${timelapseId}`);
  const cameraId = asked.kind === 'slot' ? timelapse?.cameraId : asked.cameraId;
  const camera = settings?.cameras.find((one) => one.id === cameraId);
  if (camera === undefined) return no('camera-not-found', `the settings hold no camera ${cameraId}`);
  if (!camera.enabled) return no('camera-disabled', 'the camera is switched off');
  if (asked.kind === 'slot' && timelapse !== null) {
    const reason = whyNotRunning(timelapse, asked.slot.dueAt);
    if (reason !== null) return no('timelapse-not-running', reason);
    if (facts.settledUpTo !== null && asked.slot.dueAt <= facts.settledUpTo)
      return no('not-due', 'this slot, or a later one, has its outcome already');
    const { rhythm } = timelapse.schedule;
    const everyMs = rhythm.kind === 'interval' ? rhythm.everyMs : LONGEST_PROBE_GAP_MS;
    const probeAt = nextProbeAt(facts.camera, everyMs);
    if (probeAt !== null && asked.slot.dueAt < probeAt)
      return notReady(probeAt)(
        'camera-offline',
        `${facts.camera.consecutiveFailures} tries in a row have failed; the next one follows soon`,
      );
  }
  if (asked.kind === 'by-hand' && asked.force !== true) {
    const closed = outsideWindow(settings, asked.cameraId, facts.now);
    if (closed !== null) return closed;
  }
  return deviceReadiness(facts.device);
}

/** By hand, where the running timelapse of the camera plans nothing at this time; null: nothing is in the way. */
function outsideWindow(settings: AgentSettings | null, cameraId: CameraId, now: number): Readiness | null {
  const running = settings?.timelapses.find((one) => one.cameraId === cameraId && whyNotRunning(one, now) === null);
  if (running === undefined || rhythmAt(running.schedule, now) !== null) return null;
  const nextDueAt = nextSlot({ schedule: running.schedule, from: now, until: null, firstAtOnce: false }, now);
  return notReady(nextDueAt)(
    'outside-window',
    `the timelapse of this camera plans no pictures at this time${
      nextDueAt === null ? '' : `, the next is due at ${new Date(nextDueAt).toISOString()}`
    }; force it to take one all the same`,
  );
}

type TimelapseSettings = AgentSettings['timelapses'][number];
const timelapseOf = (settings: AgentSettings | null, id: TimelapseId) =>
  settings?.timelapses.find((one) => one.id === id) ?? null;

function whyNotRunning({ state, schedule }: TimelapseSettings, dueAt: number): string | null {
  if (state !== 'running') return `the timelapse is ${state}`;
  if (schedule.startsAt !== null && dueAt < schedule.startsAt) return 'the timelapse has not begun yet';
  if (schedule.endsAt !== null && dueAt >= schedule.endsAt) return 'the timelapse has reached its end';
  return null;
}

/**
 * When an offline camera is tried again: with growing distance, at least once a minute, so at every slot of a schedule that
 * is slower than that. Null: it need not be spared.
 */
function nextProbeAt(camera: ReadinessFacts['camera'], everyMs: number): number | null {
  if (camera.health !== 'offline' || camera.lastTriedDueAt === null) return null;
  const doublings = Math.min(camera.consecutiveFailures - OFFLINE_AFTER + 1, 20);
  return camera.lastTriedDueAt + Math.min(LONGEST_PROBE_GAP_MS, everyMs * 2 ** doublings);
}

function deviceReadiness(device: ReadinessFacts['device']): Readiness {
  const no = notReady(null);
  if (device.diskFreeBytes < device.diskFloorBytes)
    return no(
      'card-full',
      `${megabytes(device.diskFreeBytes)} MB are free, ${megabytes(device.diskFloorBytes)} MB must stay free`,
    );
  const { temperatureCelsius, tooHotCelsius } = device;
  if (temperatureCelsius !== null && temperatureCelsius >= tooHotCelsius)
    return no('too-hot', `the device is at ${Math.round(temperatureCelsius)} °C, the limit is ${tooHotCelsius} °C`);
  if (device.clock === 'untrusted' && device.uptimeMs < device.clockHoldMs)
    return no('clock-not-set', 'the clock has not been set since the device was switched on');
  return { kind: 'ready' };
}

const megabytes = (bytes: number) => Math.floor(bytes / 1e6);

function notReady(nextDueAt: number | null) {
  return (reason: Extract<Readiness, { kind: 'not-ready' }>['reason'], detail: string): Readiness => ({
    kind: 'not-ready',
    reason,
    detail,
    nextDueAt,
  });
}
