import type { CaptureResult, Picture } from '@slowlight/agent/src/frame.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { cameraAt, neverAborted, now, silentLog } from '../../rig/capture-parts.ts';
import { openCapture } from '../../rig/capture-room.ts';
import { openVirtualCamera } from '../../rig/open-virtual-camera.ts';
import { readClock } from '../../rig/picture-clock.ts';
import { listProcesses, ownFfmpegs } from '../../rig/processes.ts';
import { makeSelfSigned } from '../../rig/self-signed.ts';
import { until } from '../../rig/until.ts';

function pictureOf(result: CaptureResult): Picture {
  if (result.kind === 'failed') throw new Error(`${result.code}: ${result.hint}`);
  return result.picture;
}

function clockIn({ pixels, widthPx, heightPx }: Picture): number {
  const at = readClock(pixels, widthPx, heightPx);
  if (at === null) throw new Error('no clock can be read in the picture');
  return at;
}

describe('capture from a real RTSP stream', () => {
  it('takes the picture of the slot’s moment, connected cold, and leaves nothing behind', async () => {
    const { url, server } = await openVirtualCamera({ gopSeconds: 2 });
    const room = openCapture({ warmIntervalMs: 0 });
    const camera = cameraAt(url);
    for (let slot = 0; slot < 3; slot += 1) {
      const dueAt = systemClock.now() + room.leadMs(camera);
      const picture = pictureOf(await room.take({ camera, dueAt, deadlineAt: dueAt + 5000 }, neverAborted));
      expect(Math.abs(clockIn(picture) - dueAt)).toBeLessThan(1000);
      expect(Math.abs(picture.taken.wall - clockIn(picture))).toBeLessThan(300);
      expect([picture.widthPx, picture.heightPx, picture.pixels.length]).toEqual([640, 360, 640 * 360 * 3]);
      await until('the camera is left', () => server.viewers() === 0);
    }
    expect(server.visits()).toBe(3);
    await room.close();
    expect(ownFfmpegs().filter(({ commandLine }) => commandLine.includes('rtsp_transport tcp -allowed'))).toEqual([]);
  });

  it.each([
    ['h264', true],
    ['hevc', false],
    ['hevc', true],
    ['mjpeg', false],
  ] as const)('reads %s, with parameter sets in the stream: %s', async (codec, parametersInStream) => {
    const { url } = await openVirtualCamera({ codec, parametersInStream, gopSeconds: 0.5, controls: 'absolute' });
    const picture = pictureOf(await openCapture().take(now(cameraAt(url)), neverAborted));
    expect(systemClock.now() - clockIn(picture)).toBeLessThan(3000);
  });

  it.each(['h264', 'hevc'] as const)('reads %s whose parameter sets stand in the stream alone', async (codec) => {
    const { url } = await openVirtualCamera({ codec, parametersInSdp: false, parametersInStream: true, gopSeconds: 1 });
    const dueAt = systemClock.now() + 3000;
    const camera = cameraAt(url);
    const picture = pictureOf(await openCapture().take({ camera, dueAt, deadlineAt: dueAt + 8000 }, neverAborted));
    expect(Math.abs(clockIn(picture) - dueAt)).toBeLessThan(1000);
  });

  it('slots that lie close together share one connection, and each gets its own picture', async () => {
    const { url, server } = await openVirtualCamera({ gopSeconds: 1 });
    const room = openCapture();
    const camera = cameraAt(url);
    const first = systemClock.now() + 2500;
    const slots = [0, 1000, 2000, 3000].map((after) => first + after);
    for (const dueAt of slots) {
      const picture = pictureOf(await room.take({ camera, dueAt, deadlineAt: dueAt + 900 }, neverAborted));
      expect(Math.abs(clockIn(picture) - dueAt)).toBeLessThan(700);
    }
    expect(server.visits()).toBeLessThanOrEqual(2);
    room.keepOnly([]);
    await until('a camera that is kept no more is left', () => server.viewers() === 0);
  });

  it('a camera that is too slow for its first slots is not started all over again at each', async () => {
    const { url, server } = await openVirtualCamera({ gopSeconds: 4 });
    const room = openCapture();
    const camera = cameraAt(url);
    const results: string[] = [];
    for (let slot = 0; slot < 6; slot += 1) {
      const dueAt = Math.ceil(systemClock.now() / 1500) * 1500;
      const result = await room.take({ camera, dueAt, deadlineAt: dueAt + 1400 }, neverAborted);
      results.push(result.kind);
      expect(result.kind === 'picture' || result.code === 'timed-out').toBe(true);
    }
    expect(results.slice(-2)).toContain('picture');
    expect(server.visits()).toBe(1);
  });

  it('takes pictures of a 1080p camera over TLS, with the certificate checked', async () => {
    const pair = makeSelfSigned();
    const { url } = await openVirtualCamera({ widthPx: 1920, heightPx: 1080, fps: 10, gopSeconds: 1, tls: pair });
    const room = openCapture({ certificates: [pair.cert] });
    const picture = pictureOf(await room.take(now(cameraAt(url)), neverAborted));
    expect([picture.widthPx, picture.heightPx]).toEqual([1920, 1080]);
    clockIn(picture);
  });

  it.each(['basic', 'digest-md5', 'digest-sha-256'] as const)(
    'logs in with %s, and the password is in no process list and no message',
    async (scheme) => {
      const password = 'pa:ss/@?#%& "\\wörd';
      const username = 'us"er\\:@x'.replace(':', scheme === 'basic' ? '' : ':');
      // The codec that ffmpeg copies: what we read ourselves is in no process at all.
      const codec = 'mjpeg';
      const { url } = await openVirtualCamera({ login: { username, password, scheme }, codec });
      const traces = [
        password,
        encodeURIComponent(password),
        Buffer.from(`${username}:${password}`).toString('base64'),
      ];
      const seen = new Set<string>();
      const taking = openCapture({ password }).take(now(cameraAt(url, username)), neverAborted);
      await until('ffmpeg runs on the gate', () => {
        for (const { commandLine } of listProcesses()) seen.add(commandLine);
        return [...seen].some((line) => line.includes('-allowed_media_types video'));
      });
      const result = await taking;
      for (const { commandLine } of listProcesses()) seen.add(commandLine);
      clockIn(pictureOf(result));
      for (const trace of traces) expect([...seen].filter((line) => line.includes(trace))).toEqual([]);

      const wrong = await openCapture({ password: `${password}!` }).take(now(cameraAt(url, username)), neverAborted);
      expect(wrong).toMatchObject({ kind: 'failed', code: 'unauthorised', tries: 1 });
      expect(JSON.stringify(wrong)).not.toContain('pa:ss');
      const none = await openCapture().take(now(cameraAt(url)), neverAborted);
      expect(none).toMatchObject({ kind: 'failed', code: 'unauthorised' });
      const sealedForAnother = await openCapture({ password: null }).take(now(cameraAt(url, username)), neverAborted);
      expect(sealedForAnother).toMatchObject({
        kind: 'failed',
        code: 'unauthorised',
        hint: expect.stringContaining('sealed'),
      });
    },
  );

  it('of a camera that is set to keyframes says how old each picture is, and gives none to two slots', async () => {
    const { url, server } = await openVirtualCamera({ gopSeconds: 1.5 });
    const source = { kind: 'rtsp' as const, url, pictures: 'keyframe' as const, connection: 'warm' as const };
    const camera = { ...cameraAt(url), source };
    const room = openCapture({ warmIntervalMs: 0 });
    const shown: number[] = [];
    for (let slot = 0; slot < 4; slot += 1) {
      const dueAt = systemClock.now() + (slot === 0 ? 2000 : 600);
      const picture = pictureOf(await room.take({ camera, dueAt, deadlineAt: dueAt + 5000 }, neverAborted));
      shown.push(clockIn(picture));
      expect(Math.abs(picture.taken.wall - clockIn(picture))).toBeLessThan(400);
    }
    const apart = shown.slice(1).map((at, index) => at - (shown[index] ?? 0));
    // Where slots lie closer together than keyframes, the pictures between them are used.
    for (const ms of apart) expect(ms).toBeGreaterThan(0);
    expect(server.visits()).toBe(1);
  });

  it('notices in mid-stream that the camera sends another size, and then another codec', async () => {
    const warned: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) };
    const options = { carryOver: true, parametersInStream: true, gopSeconds: 0.5 };
    const { url, server, change } = await openVirtualCamera(options);
    const camera = { ...cameraAt(url), source: { kind: 'rtsp' as const, url, connection: 'warm' as const } };
    const room = openCapture({ log });
    const sizes: string[] = [];
    const takeNext = async () => {
      const dueAt = systemClock.now() + (sizes.length === 0 ? 1500 : 3500);
      const picture = pictureOf(await room.take({ camera, dueAt, deadlineAt: dueAt + 12_000 }, neverAborted));
      expect(Math.abs(clockIn(picture) - picture.taken.wall)).toBeLessThan(1500);
      sizes.push(`${picture.widthPx} × ${picture.heightPx}`);
    };
    await takeNext();
    await change({ widthPx: 800, heightPx: 448 });
    await takeNext();
    expect(server.visits()).toBe(1);
    await change({ codec: 'hevc', widthPx: 720, heightPx: 400 });
    await takeNext();
    expect(sizes).toEqual(['640 × 360', '800 × 448', '720 × 400']);
    expect(warned.length).toBe(2);
    // It was connected anew, because it sent what it had not announced.
    expect(server.visits()).toBe(2);
  });

  it('takes whole pictures over UDP where the camera refuses TCP, also when packets overtake each other', async () => {
    const { url } = await openVirtualCamera({ transport: 'udp', gopSeconds: 1, udpTrouble: 'reorder' });
    const dueAt = systemClock.now() + 2000;
    const wish = { camera: cameraAt(url), dueAt, deadlineAt: dueAt + 4000 };
    const picture = pictureOf(await openCapture().take(wish, neverAborted));
    expect(Math.abs(clockIn(picture) - dueAt)).toBeLessThan(1000);
  });

  it('over UDP that loses packets, takes only what is whole, or says that it is not', async () => {
    const { url } = await openVirtualCamera({ transport: 'udp', udpTrouble: 'lose', gopSeconds: 0.5 });
    const result = await openCapture().take(now(cameraAt(url), 3000), neverAborted);
    if (result.kind === 'picture') clockIn(result.picture);
    else expect(result).toMatchObject({ code: 'undecodable', hint: expect.stringContaining('lost') });
  });

  it('never takes RTP over UDP for what should be encrypted', async () => {
    const pair = makeSelfSigned();
    const { url } = await openVirtualCamera({ transport: 'udp', tls: pair });
    const result = await openCapture({ certificates: [pair.cert] }).take(now(cameraAt(url)), neverAborted);
    expect(result).toMatchObject({ kind: 'failed', code: 'tls', tries: 1 });
  });

  it('a test of a camera tells size, codec and time, or what is wrong', async () => {
    const good = await openVirtualCamera({ gopSeconds: 0.5 });
    const bad = await openVirtualCamera({ fault: 'notFound' });
    const room = openCapture();
    const [found, failed] = await Promise.all([
      room.probeCamera(cameraAt(good.url), neverAborted),
      room.probeCamera(cameraAt(bad.url), neverAborted),
    ]);
    expect(found).toMatchObject({ kind: 'ok', widthPx: 640, heightPx: 360, codec: 'h264' });
    expect(failed).toMatchObject({ kind: 'failed', code: 'not-found' });
  });

  it('a capture that is called off ends at once, and with it all that ran for it', async () => {
    const { url, server } = await openVirtualCamera();
    const room = openCapture();
    const stop = new AbortController();
    const dueAt = systemClock.now() + 60_000;
    const taking = room.take({ camera: cameraAt(url), dueAt: dueAt - 57_000, deadlineAt: dueAt }, stop.signal);
    const outcome = taking.catch((reason: unknown) => reason);
    await until('it plays', () => server.asked().includes('PLAY'));
    stop.abort(new Error('called off'));
    expect(await outcome).toMatchObject({ message: 'called off' });
    await until('the camera is left', () => server.viewers() === 0);
    expect(server.asked().at(-1)).toBe('TEARDOWN');
  });
});

describe('the size of the pictures', () => {
  it('is watched: when it changes, the log says so', async () => {
    const lines: { message: string; fields: object }[] = [];
    const log = { ...silentLog, warn: (fields: object, message: string) => void lines.push({ message, fields }) };
    const room = openCapture({ log });
    const camera = cameraAt('rtsp://unused.invalid/');
    for (const widthPx of [320, 320, 640])
      await room.take(now({ ...camera, source: { kind: 'test', widthPx, heightPx: 180 } }), neverAborted);
    expect(lines).toEqual([
      {
        message: 'the camera sends pictures of another size',
        fields: { camera: camera.id, before: '320 × 180', now: '640 × 180' },
      },
    ]);
  });
});

describe('the test source', () => {
  it('gives a new picture at its slot without any process', async () => {
    const room = openCapture();
    const camera = {
      ...cameraAt('rtsp://unused.invalid/'),
      source: { kind: 'test' as const, widthPx: 320, heightPx: 180 },
    };
    expect(room.leadMs(camera)).toBe(0);
    const dueAt = systemClock.now() + 60;
    const first = pictureOf(await room.take({ camera, dueAt, deadlineAt: dueAt + 1000 }, neverAborted));
    const second = pictureOf(await room.take(now(camera), neverAborted));
    expect(first.taken.wall).toBeGreaterThanOrEqual(dueAt);
    expect(first.pixels.length).toBe(320 * 180 * 3);
    expect(first.pixels.equals(second.pixels)).toBe(false);
    expect(ownFfmpegs()).toEqual([]);
  });
});
