import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { readAddress } from '@slowlight/agent/src/capture/address.ts';
import { chooseReader } from '@slowlight/agent/src/capture/rtsp/choose-reader.ts';
import { openLine } from '@slowlight/agent/src/capture/rtsp/line.ts';
import { openRtspTap } from '@slowlight/agent/src/capture/rtsp/open-rtsp-tap.ts';
import { receiverReport } from '@slowlight/agent/src/capture/rtsp/rtcp.ts';
import { readDescription } from '@slowlight/agent/src/capture/rtsp/sdp.ts';
import { sessionOf } from '@slowlight/agent/src/capture/rtsp/session.ts';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localTrust, neverAborted } from '../../rig/capture-parts.ts';
import { drip } from '../../rig/drip.ts';
import { openVirtualCamera } from '../../rig/open-virtual-camera.ts';
import { ownFfmpegs } from '../../rig/processes.ts';
import { until } from '../../rig/until.ts';

/** Time that goes twenty times as fast. */
const hurried: Clock = {
  now: systemClock.now,
  monotonicMs: () => systemClock.monotonicMs() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

describe('a tap that reads its camera itself', () => {
  it('runs no process, tells the camera that it listens, keeps the session alive, and says goodbye', async () => {
    const { url, server } = await openVirtualCamera({ gopSeconds: 0.5 });
    const limits = { mostBytes: 1e7, mostAgeMs: 1e6 };
    const meeting = { clock: hurried, url, login: null, trust: localTrust(), connectMs: 100_000, onStage: () => {} };
    const tap = await openRtspTap({ ...meeting, limits }, neverAborted);
    const processes = ownFfmpegs().length;
    await until('reports', () => server.reports() >= 2);
    await until('a word for the session', () => server.asked().includes('GET_PARAMETER'));
    const units = tap.newest()?.units ?? [];
    expect(units[0]?.key).toBe(true);
    // A picture in memory holds its own bytes and no more.
    for (const { bytes } of units) expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect([processes, tap.losses(), tap.heldBackMs()]).toEqual([1, 0, 0]);
    await tap.close();
    expect(server.asked().at(-1)).toBe('TEARDOWN');
    await until('the camera is left', () => server.viewers() === 0);
  });

  const video = (format: string, codec = 'H264') => {
    const media = ['m=video 0 RTP/AVP 97', `a=rtpmap:97 ${codec}/90000`, `a=fmtp:97 ${format}`];
    const found = readDescription(['v=0', ...media, ''].join('\r\n'), 'rtsp://10.0.0.5/');
    if (found.kind !== 'video') throw new Error(found.kind);
    return found;
  };
  it.each([
    ['packetization-mode=1;profile-level-id=42', 'H264', 'own'],
    ['profile-level-id=42', 'H264', 'own'],
    ['sprop-max-don-diff=0', 'H265', 'own'],
    ['packetization-mode=2', 'H264', 'ffmpeg'],
    ['sprop-max-don-diff=2', 'H265', 'ffmpeg'],
    ['x=1; tx-mode=MRST', 'H265', 'ffmpeg'],
    ['x=1', 'JPEG', 'ffmpeg'],
  ])('reads %s of %s by: %3$s', (format, codec, reader) => {
    expect(chooseReader(video(format, codec))).toBe(reader);
    expect(video(format, codec).rtp).toMatchObject({ payloadType: 97, clockHz: 90_000 });
  });

  it.each([
    ['12345;timeout=20', { id: '12345', timeoutMs: 20_000 }],
    ['abc ; timeout = 90', { id: 'abc', timeoutMs: 90_000 }],
    ['abc', { id: 'abc', timeoutMs: 60_000 }],
    ['', null],
  ])('understands the session %j', (session, expected) => {
    const answer = { status: 200, reason: 'OK', body: Buffer.alloc(0), headers: new Map([['session', [session]]]) };
    expect(sessionOf(answer)).toEqual(expected);
  });

  it('reports what it received as RFC 3550 wants it', () => {
    const report = receiverReport(0x01020304, { source: 0xa1a2a3a4, sequence: 0x0001_fffe, lost: 5 });
    expect(report.length % 4).toBe(0);
    expect(report.subarray(0, 20).toString('hex')).toBe('81c9000701020304a1a2a3a4000000050001fffe');
    const name = report.subarray(32);
    expect([name.readUInt16BE(0), (name.readUInt16BE(2) + 1) * 4, name.readUInt32BE(4)]).toEqual([
      0x81ca,
      name.length,
      0x01020304,
    ]);
    expect(name.subarray(10, 19).toString()).toBe('slowlight');
  });
});

describe('the line to a camera', () => {
  async function openTo(write: (socket: net.Socket) => void) {
    const server = net.createServer(write).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = readAddress(`rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
    const left: number[] = [];
    const clock: Clock = {
      ...systemClock,
      sleep(ms, signal) {
        left.push(ms);
        return systemClock.sleep(ms, signal);
      },
    };
    const line = await openLine({ clock, address, trust: localTrust(), onSecuring: () => {} }, neverAborted);
    onTestFinished(() => {
      line.socket.destroy();
      server.close();
    });
    const sizes: number[] = [];
    const kept: Buffer[] = [];
    line.onBytes((bytes) => {
      sizes.push(bytes.length);
      kept.push(Buffer.from(bytes));
    });
    return { line, sizes, left, all: () => Buffer.concat(kept) };
  }

  it('is read in gulps while nobody heeds it, and at once when somebody does', async () => {
    let camera: net.Socket | null = null;
    const { line, sizes, all } = await openTo((socket) => {
      camera = socket;
      socket.setNoDelay(true);
    });
    // Longer than anybody waits here: what comes between two looks comes only because somebody heeds the line.
    line.lookEvery(600_000);
    const socket = await until('it is connected', () => camera);
    await drip(socket, { packets: 80, bytes: 500, everyMs: 5 });
    line.lookEvery(0);
    await until('all is there', () => all().length === 40_000);
    expect(sizes.length).toBeLessThan(20);
    expect(all()).toEqual(Buffer.concat(Array.from({ length: 80 }, (_, packet) => Buffer.alloc(500, packet))));
    const before = sizes.length;
    socket.write('now');
    await until('it is there', () => sizes.length > before);
  });

  it('is looked at more seldom where little comes, but never more than three times as seldom', async () => {
    let camera: net.Socket | null = null;
    const { line, left, all } = await openTo((socket) => {
      camera = socket;
    });
    line.lookEvery(20);
    await drip(await until('it is connected', () => camera), { packets: 100, bytes: 100, everyMs: 5 });
    await until('all is there', () => all().length === 10_000);
    expect(Math.max(...left)).toBe(60);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(20);
  });

  it('does not hold a camera back that sends more than the system keeps between two gulps', async () => {
    const { line, all } = await openTo(
      (socket) => void setTimeout(() => socket.write(Buffer.alloc(4_000_000, 7)), 150),
    );
    line.lookEvery(100);
    const beganAt = performance.now();
    await until('all is there', () => all().length === 4_000_000);
    expect(performance.now() - beganAt).toBeLessThan(2500);
  });
});
