import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createCameraHealth } from '@slowlight/agent/src/health/camera-health.ts';
import { createDevice, diskFloorBytes } from '@slowlight/agent/src/health/device.ts';
import { createDeviceClock } from '@slowlight/agent/src/health/device-clock.ts';
import { createDeviceReports } from '@slowlight/agent/src/health/device-reports.ts';
import { type AgentEventContent, newCameraId } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { until } from '../rig/until.ts';

const failed = { kind: 'failed', code: 'timed-out', hint: 'silent' } as const;

describe('the health of a camera', () => {
  it('goes by failures in a row, is told once for each change, and one success is online again', () => {
    const told: AgentEventContent[] = [];
    const health = createCameraHealth({
      clock: createHandClock(),
      log: createHeardLog(),
      tell: (event) => told.push(event),
    });
    const [camera, other] = [newCameraId(), newCameraId()];
    const seen: string[] = [];
    for (const result of [
      { kind: 'picture' } as const,
      failed,
      failed,
      failed,
      failed,
      failed,
      failed,
      { kind: 'picture' } as const,
    ]) {
      health.note(camera, result, 1000);
      seen.push(health.of(camera).health);
    }
    expect(seen).toEqual(['online', 'degraded', 'degraded', 'degraded', 'degraded', 'offline', 'offline', 'online']);
    expect(told.map((event) => event.body)).toMatchObject([
      { health: 'online', code: null },
      { health: 'degraded', consecutiveFailures: 1, code: 'timed-out' },
      { health: 'offline', consecutiveFailures: 5 },
      { health: 'online', consecutiveFailures: 0 },
    ]);
    expect(health.of(other)).toMatchObject({ health: 'online', lastTriedDueAt: null });
  });
});

describe('the clock of the device', () => {
  const open = async (trustClock = false) => {
    const clock = createHandClock();
    const file = path.join(await openFolder(), 'synchronized');
    return { clock, file, device: createDeviceClock(clock, { trustClock, synchronisedFiles: [file] }) };
  };

  it('is untrusted until the time service, a receipt or the user says otherwise', async () => {
    const { clock, file, device } = await open();
    expect(device.state()).toBe('untrusted');
    await writeFile(file, '');
    expect(existsSync(file)).toBe(true);
    await clock.advance(10_000);
    expect(device.moment().clock).toBe('synchronised');
    expect((await open(true)).device.state()).toBe('synchronised');
  });

  it('is believed after a receipt of the same time, and no longer once it jumps', async () => {
    const { clock, device } = await open();
    device.compare(clock.now() + 5000);
    expect(device.state()).toBe('untrusted');
    device.compare(clock.now() + 500);
    expect(device.state()).toBe('synchronised');
    await clock.advance(86_400_000);
    expect(device.state()).toBe('synchronised');
    clock.setWall(clock.now() + 60_000);
    expect(device.state()).toBe('untrusted');
  });

  it('counts monotonic time from when the machine was switched on', async () => {
    const { clock, device } = await open();
    const before = device.moment();
    clock.setWall(0);
    await clock.advance(1000);
    expect(device.moment().monotonicMs - before.monotonicMs).toBeCloseTo(1000);
    expect(before.bootId).toBe(device.bootId);
  });
});

describe('the device', () => {
  it('keeps free what is asked for, or a part of a small disk', () => {
    const floor = { megabytes: 500, percent: 5 };
    expect(diskFloorBytes(1e12, floor)).toBe(500e6);
    expect(diskFloorBytes(4e9, floor)).toBe(200e6);
  });

  it('reports itself on and on, but keeps one report at most while nobody takes them', async () => {
    const clock = createHandClock();
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder, { clock });
    const stopping = new AbortController();
    const run = createDeviceReports(
      {
        ...buffer,
        clock,
        log: createHeardLog(),
        device: createDevice(clock, folder),
        clockState: () => 'untrusted',
        uptimeMs: () => 1000,
      },
      { everyMs: 60_000, ffmpeg: path.join(folder, 'no-such-program') },
    );
    const ended = run(stopping.signal);
    onTestFinished(async () => {
      stopping.abort();
      await ended;
    });
    const reports = () => buffer.unrecorded(0, 1e9, 100).filter((event) => event.type === 'device.reported');
    const minutes = async (count: number) => {
      for (let minute = 0; minute < count; minute += 1) {
        await until('the reporter waits', () => clock.sleepers > 0);
        await clock.advance(60_000);
      }
    };
    await minutes(30);
    await until('one report is there', () => reports().length === 1);
    const first = reports()[0];
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ clock: 'untrusted', ffmpegVersion: null, backlogFrames: 0 });
    buffer.receive({ recordedUpTo: first?.seq ?? 0, recordedAlso: [], forget: [], refused: [], serverTime: 0 });
    await minutes(30);
    await until('the next report is there', () => reports().length === 1);
  });
});
