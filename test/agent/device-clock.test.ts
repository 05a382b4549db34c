import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createServerTime, DOUBT_MS } from '@slowlight/agent/src/health/believed-time.ts';
import { createClockWatch } from '@slowlight/agent/src/health/clock-watch.ts';
import { createDeviceClock } from '@slowlight/agent/src/health/device-clock.ts';
import { type AgentEventContent, agentEvent, newTimelapseId } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, makeFrame, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 1, 12);

async function open({ trustClock = false, rtc = false } = {}) {
  const system = createHandClock(START);
  const folder = await openFolder();
  const file = path.join(folder, 'synchronized');
  const rtcFile = path.join(folder, 'hctosys');
  if (rtc) await writeFile(rtcFile, '1\n');
  const device = createDeviceClock(system, { trustClock, synchronisedFiles: [file], rtcFile });
  const now = () => device.clock.now() - START;
  /** The system's time service sets the clock, and says so. */
  const ntpSets = async (at: number) => {
    system.setWall(at);
    await writeFile(file, '');
  };
  return { system, device, now, ntpSets };
}

describe('the clock that the agent works by', () => {
  it('says what it rests on', async () => {
    const { device, system, ntpSets } = await open({ rtc: true });
    expect(device.moment()).toMatchObject({ clock: 'untrusted', clockSource: 'rtc' });
    device.compare(system.now() + 100);
    expect(device.moment()).toMatchObject({ clock: 'synchronised', clockSource: 'server' });
    await ntpSets(system.now());
    await system.advance(10_000);
    expect(device.moment()).toMatchObject({ clock: 'synchronised', clockSource: 'ntp' });
    expect((await open({ trustClock: true })).device.moment().clockSource).toBe('user');
    expect((await open()).device.moment().clockSource).toBe('none');
  });

  it('takes the time from receipts where there is no time service, and leaves the system alone', async () => {
    const { device, system, now } = await open();
    device.compare(START + 3 * HOUR);
    expect(now()).toBe(3 * HOUR);
    expect(system.now()).toBe(START);
    await system.advance(HOUR);
    expect(now()).toBe(4 * HOUR);
    expect(device.about()).toEqual({ source: 'server', offsetMs: -3 * HOUR });
  });

  it('that receipts have told does not follow the system when that is set wrong, back and forth', async () => {
    const { device, system, now } = await open();
    device.compare(START);
    for (const wrong of [5 * HOUR, -70 * HOUR, 400 * 24 * HOUR]) {
      system.setWall(START + wrong);
      await system.advance(10 * 60_000);
      expect(device.state()).toBe('synchronised');
    }
    expect(now()).toBe(30 * 60_000);
  });

  it('doubts a jump that nobody has confirmed for five minutes, and a jump that is taken back leaves no trace', async () => {
    const { device, system, now } = await open();
    await system.advance(1000);
    system.setWall(START + 5 * HOUR);
    expect(now()).toBe(1000);
    await system.advance(DOUBT_MS - 1000);
    expect(now()).toBe(DOUBT_MS);
    system.setWall(START + DOUBT_MS);
    await system.advance(1000);
    expect(now()).toBe(DOUBT_MS + 1000);
    expect(device.news()).toBeNull();
    system.setWall(START - HOUR);
    now();
    await system.advance(DOUBT_MS);
    expect(now()).toBe(DOUBT_MS - HOUR);
    expect(device.news()).toMatchObject({ bootedAt: null, source: 'none' });
  });

  it('follows the time service at once when that has just set it, and the user always', async () => {
    const { device, system, now, ntpSets } = await open();
    device.moment();
    await system.advance(20_000);
    await ntpSets(START + 9 * HOUR);
    await system.advance(10_000);
    expect(now()).toBe(9 * HOUR + 10_000);
    const own = await open({ trustClock: true });
    own.system.setWall(START - 2 * HOUR);
    expect(own.now()).toBe(-2 * HOUR);
  });

  it('under a time service doubts what somebody sets by hand, unless the control plane says the same', async () => {
    const { device, system, now, ntpSets } = await open();
    await ntpSets(START);
    await system.advance(120_000);
    system.setWall(START + 5 * HOUR);
    expect(now()).toBe(120_000);
    device.compare(START + 5 * HOUR - 300);
    expect(now()).toBe(5 * HOUR);
    expect(device.state()).toBe('synchronised');
  });

  it('is not led astray by receipts that come late', () => {
    const server = createServerTime();
    const heard = [
      [1000, 0],
      [61_000, 60_100],
      [62_000, 90_000],
      [1_000_000, 1_000_200],
    ] as const;
    for (const [said, mono] of heard) server.heard(said, mono);
    expect(server.anchor()).toBe(1000);
    server.heard(2_000_000, 2_000_500);
    server.heard(3_000_000, 3_000_700);
    expect(server.anchor()).toBe(-500);
  });

  it('tells when the boot began, so that every picture of it gets its true moment', async () => {
    const { device, system } = await open();
    const early = device.moment();
    await system.advance(60_000);
    expect(device.news()).toBeNull();
    device.compare(START + 48 * HOUR + 60_000);
    const news = device.news();
    expect(news).toMatchObject({ offsetMs: 48 * HOUR, source: 'server' });
    expect((news?.bootedAt ?? 0) + early.monotonicMs).toBeCloseTo(START + 48 * HOUR, -1);
    expect(device.news()).toBeNull();
  });
});

describe('the watch over the clock', () => {
  it('tells what a wrong clock has settled ahead once, and again only when that changes', async () => {
    const { device, system } = await open({ trustClock: true });
    const told: AgentEventContent[] = [];
    const timelapseId = newTimelapseId();
    const settled = { until: START + 5 * HOUR };
    const watch = createClockWatch({
      clock: device.clock,
      log: createHeardLog(),
      bootId: device.bootId,
      news: device.news,
      trusted: () => device.state() === 'synchronised',
      settledUpTo: () => [
        { timelapseId, until: settled.until },
        { timelapseId: newTimelapseId(), until: START + 30_000 },
      ],
      tell: (event) => told.push(event),
    });
    const stopping = new AbortController();
    const ended = watch(stopping.signal);
    onTestFinished(async () => {
      stopping.abort();
      await ended;
    });
    await system.advance(20_000);
    expect(told).toMatchObject([
      { type: 'clock.corrected', body: { waiting: [{ timelapseId, until: settled.until }] } },
    ]);
    settled.until += HOUR;
    await system.advance(4000);
    expect(told).toHaveLength(2);
    for (const event of told)
      expect(agentEvent.safeParse({ v: 1, seq: 1, session: 'ses-0000000000000000', sentAt: 1, ...event }).error).toBe(
        undefined,
      );
  });

  it('knows after a crash that frames of this boot are still to be put right', async () => {
    const buffer = await openTestBuffer(await openFolder());
    const moment = { wall: START, bootId: 'boot-of-the-test' as never, monotonicMs: 5, clockSource: 'none' } as const;
    expect(buffer.holdsUntrusted(moment.bootId)).toBe(false);
    await buffer.commitFrame(makeFrame({ taken: { ...moment, clock: 'synchronised' } }));
    expect(buffer.holdsUntrusted(moment.bootId)).toBe(false);
    await buffer.commitFrame(makeFrame({ taken: { ...moment, clock: 'untrusted' } }));
    expect(buffer.holdsUntrusted(moment.bootId)).toBe(true);
    expect(buffer.holdsUntrusted('boot-of-another' as never)).toBe(false);
  });
});
