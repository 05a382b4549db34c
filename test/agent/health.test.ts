import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createCameraHealth } from '@slowlight/agent/src/health/camera-health.ts';
import { createDevice, diskFloorBytes } from '@slowlight/agent/src/health/device.ts';
import { createDeviceClock } from '@slowlight/agent/src/health/device-clock.ts';
import { createDeviceDetails } from '@slowlight/agent/src/health/device-details.ts';
import { createDeviceReports } from '@slowlight/agent/src/health/device-reports.ts';
import { watchEventLoop } from '@slowlight/agent/src/health/event-loop.ts';
import { parseWireless, readNetwork } from '@slowlight/agent/src/health/network.ts';
import { createThrottling, parseThrottled } from '@slowlight/agent/src/health/throttling.ts';
import { type AgentEventContent, deviceReported, newAgentId, newCameraId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, makeSettings, momentAt, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { until } from '../rig/until.ts';

const picture = { kind: 'picture', picture: { taken: momentAt(990) } } as const;
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
    for (const result of [picture, failed, failed, failed, failed, failed, failed, picture]) {
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
        details: async () => ({}),
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

describe('what else a device tells', () => {
  const never = new AbortController().signal;

  it.each([
    ['throttled=0x0', { now: [], sinceBoot: [] }],
    ['throttled=0x50005\n', { now: ['under-voltage', 'throttled'], sinceBoot: ['under-voltage', 'throttled'] }],
    ['80008', { now: ['temperature-limit'], sinceBoot: ['temperature-limit'] }],
    ['0xe0000', { now: [], sinceBoot: ['frequency-capped', 'throttled', 'temperature-limit'] }],
    ['VCHI initialization failed', null],
  ])('reads %j as why the processor is slow', (text, throttling) => {
    expect(parseThrottled(text)).toEqual(throttling);
  });

  it('asks the firmware’s program where the kernel has no file for it, and nobody where neither is there', async () => {
    const folder = await openFolder();
    const program = path.join(folder, 'vcgencmd');
    await writeFile(program, '#!/bin/sh\n[ "$1" = get_throttled ] && echo throttled=0x1\n');
    await chmod(program, 0o755);
    expect(await createThrottling(systemClock, { files: [], program })(never)).toEqual({
      now: ['under-voltage'],
      sinceBoot: [],
    });
    const nobody = createThrottling(systemClock, { files: [], program: path.join(folder, 'missing') });
    expect([await nobody(never), await nobody(never)]).toEqual([null, null]);
    const file = path.join(folder, 'get_throttled');
    await writeFile(file, '20002\n');
    expect(await createThrottling(systemClock, { files: [file] })(never)).toMatchObject({ now: ['frequency-capped'] });
  });

  it('reads the network interfaces, those that are up first, with the quality of radio links', async () => {
    const folder = await openFolder();
    for (const [name, state, received] of [
      ['eth0', 'down', '0'],
      ['wlan0', 'up', '1234'],
      ['wg0', 'unknown', '5'],
      ['lo', 'unknown', '99'],
      ['veth12', 'up', '99'],
    ] as const) {
      await mkdir(path.join(folder, name, 'statistics'), { recursive: true });
      await writeFile(path.join(folder, name, 'operstate'), `${state}\n`);
      await writeFile(path.join(folder, name, 'statistics/rx_bytes'), `${received}\n`);
    }
    const wireless = path.join(await openFolder(), 'wireless');
    await writeFile(
      wireless,
      'Inter-| sta-|   Quality        |\n face | tus | link level noise |\n wlan0: 0000   49.  -61.  -256        0\n',
    );
    expect(await readNetwork(folder, wireless)).toEqual([
      { name: 'wg0', up: true, receivedBytes: 5, sentBytes: 0 },
      { name: 'wlan0', up: true, receivedBytes: 1234, sentBytes: 0, linkPercent: 70 },
      { name: 'eth0', up: false, receivedBytes: 0, sentBytes: 0 },
    ]);
    expect(await readNetwork(path.join(folder, 'none'))).toEqual([]);
    expect(parseWireless('').size).toBe(0);
  });

  it('sees what holds up the event loop, once', async () => {
    const watch = watchEventLoop();
    onTestFinished(watch.close);
    const passes = (ms: number) => {
      const end = performance.now() + ms;
      return until('time passes', () => performance.now() > end);
    };
    await passes(300);
    const busyUntil = performance.now() + 400;
    while (performance.now() < busyUntil);
    await passes(300);
    expect(watch.take()?.most).toBeGreaterThan(200);
    await passes(300);
    expect(watch.take()?.most).toBeLessThan(200);
  });

  it('each camera with what was learnt of it, in a report that the language takes', async () => {
    const clock = createHandClock();
    const [camera] = makeSettings({ agentId: newAgentId() }).cameras;
    if (camera === undefined) throw new Error('no camera');
    const cameraHealth = createCameraHealth({ clock, log: createHeardLog(), tell: () => {} });
    cameraHealth.note(
      camera.id,
      { kind: 'picture', picture: { taken: momentAt(clock.now() - 40) } },
      clock.now() - 180,
    );
    cameraHealth.note(camera.id, failed, clock.now());
    const details = await createDeviceDetails({
      cameras: () => [camera],
      cameraHealth,
      capture: { leadMs: () => 2500.4, modeOf: () => 'warm' },
      clock: () => ({ source: 'ntp', offsetMs: null }),
      eventLoop: { take: () => null },
      throttling: () => Promise.reject(new Error('no firmware')),
      network: readNetwork,
      logLevel: () => 'info',
    })(never);
    expect(details).toMatchObject({
      clockSource: 'ntp',
      logLevel: 'info',
      cameras: [
        {
          cameraId: camera.id,
          health: 'degraded',
          consecutiveFailures: 1,
          code: 'timed-out',
          lastPictureAt: clock.now() - 40,
          leadMs: 2500,
          captureMs: 180,
        },
      ],
    });
    expect(Object.keys(details)).not.toContain('throttling');
    expect(deviceReported.shape.body.partial().parse(details)).toEqual(details);
  });
});
