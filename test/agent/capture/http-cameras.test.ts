import { X509Certificate } from 'node:crypto';
import { boundaryOf, createMultipartReader } from '@slowlight/agent/src/capture/http/multipart.ts';
import type { CaptureResult } from '@slowlight/agent/src/frame.ts';
import type { CameraFault, CameraSettings, CameraSource } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { cameraAt, neverAborted, now } from '../../rig/capture-parts.ts';
import { openCapture } from '../../rig/capture-room.ts';
import { type HttpCameraOptions, type HttpFault, openHttpCamera } from '../../rig/http-camera.ts';
import { readClock } from '../../rig/picture-clock.ts';
import { ownFfmpegs } from '../../rig/processes.ts';
import { makeSelfSigned } from '../../rig/self-signed.ts';
import { until } from '../../rig/until.ts';

type Kind = 'snapshot' | 'mjpeg';

const settingsOf = (kind: Kind, url: string, username?: string, certificateSha256?: string): CameraSettings => ({
  ...cameraAt('rtsp://unused.invalid/', username),
  source: { kind, url, certificateSha256 } as CameraSource,
});

function clockIn(result: CaptureResult): number {
  if (result.kind === 'failed') throw new Error(`${result.code}: ${result.hint}`);
  const { pixels, widthPx, heightPx } = result.picture;
  const at = readClock(pixels, widthPx, heightPx);
  if (at === null) throw new Error('no clock can be read in the picture');
  return at;
}

async function takeFrom(kind: Kind, options: HttpCameraOptions, withinMs = 5000) {
  const camera = await openHttpCamera(options);
  const url = kind === 'snapshot' ? camera.snapshotUrl : camera.streamUrl;
  const settings = settingsOf(kind, url, options.login?.username);
  const result = await openCapture({ password: options.login?.password ?? null }).take(
    now(settings, withinMs),
    neverAborted,
  );
  return { camera, result };
}

describe('a camera that is asked over HTTP', () => {
  it('gives its picture at the slot, without any process', async () => {
    const { snapshotUrl } = await openHttpCamera();
    const camera = settingsOf('snapshot', snapshotUrl);
    const dueAt = systemClock.now() + 150;
    const result = await openCapture().take({ camera, dueAt, deadlineAt: dueAt + 3000 }, neverAborted);
    expect(clockIn(result) - dueAt).toBeGreaterThanOrEqual(0);
    expect(clockIn(result) - dueAt).toBeLessThan(500);
    expect(ownFfmpegs()).toEqual([]);
  });

  it.each(['basic', 'digest-md5', 'digest-sha-256'] as const)(
    'is told the login with %s only when it asks for it, and digest never tells the password',
    async (scheme) => {
      const login = { username: 'us"er', password: 'pä:ss/@ "\\', scheme };
      const { camera, result } = await takeFrom('snapshot', { login });
      clockIn(result);
      const [first, second] = camera.asked;
      expect(first?.proof).toBeUndefined();
      expect(second?.path).toBe('/snapshot.jpg?channel=1');
      expect(second?.proof?.startsWith(scheme === 'basic' ? 'Basic ' : 'Digest ')).toBe(true);
      expect(camera.asked.length).toBe(2);
    },
  );

  it('with a wrong password is asked once, because cameras lock accounts', async () => {
    const camera = await openHttpCamera({ login: { username: 'a', password: 'b' } });
    const settings = settingsOf('snapshot', camera.snapshotUrl, 'a');
    const result = await openCapture({ password: 'not-this-one' }).take(now(settings, 5000), neverAborted);
    expect(result).toMatchObject({ kind: 'failed', code: 'unauthorised', tries: 1 });
    expect(camera.asked.length).toBe(2);
    expect(JSON.stringify(result)).not.toContain('not-this-one');
  });

  const faults: [Kind, HttpFault, CameraFault][] = [
    ['snapshot', 'cut-short', 'undecodable'],
    ['snapshot', 'page', 'undecodable'],
    ['snapshot', 'redirect', 'unsupported'],
    ['snapshot', 'busy', 'refused'],
    ['snapshot', 'silent', 'timed-out'],
    ['snapshot', 'endless', 'timed-out'],
    ['snapshot', 'hang-up', 'unreachable'],
    ['mjpeg', 'page', 'unsupported'],
    ['mjpeg', 'silent', 'timed-out'],
  ];
  it.each(faults)('of kind %s that is %s is %s', async (kind, fault, code) => {
    const { result } = await takeFrom(kind, { fault }, 900);
    expect(result).toMatchObject({ kind: 'failed', code, hint: expect.stringMatching(/^[^\n]{20,500}$/) });
  });

  it('gives grey pictures as colour ones', async () => {
    const { result } = await takeFrom('snapshot', { grey: true });
    clockIn(result);
    expect(result).toMatchObject({ picture: { pixels: { length: 640 * 360 * 3 } } });
  });

  it('over TLS is believed by its pinned fingerprint, by an own authority, and in no other case', async () => {
    const pair = makeSelfSigned();
    const { snapshotUrl } = await openHttpCamera({ tls: pair });
    const pin = new X509Certificate(pair.cert).fingerprint256;
    const take = (certificate: string | undefined, certificates: string[] = []) =>
      openCapture({ certificates }).take(
        now(settingsOf('snapshot', snapshotUrl, undefined, certificate), 3000),
        neverAborted,
      );
    clockIn(await take(pin));
    clockIn(await take(pin.replaceAll(':', '').toLowerCase()));
    clockIn(await take(undefined, [pair.cert]));
    expect(await take(undefined)).toMatchObject({ kind: 'failed', code: 'tls', tries: 1 });
    const other = new X509Certificate(makeSelfSigned().cert).fingerprint256;
    expect(await take(other, [pair.cert])).toMatchObject({ kind: 'failed', code: 'tls' });
  });
});

describe('a camera that sends JPEG after JPEG', () => {
  it.each([true, false])(
    'gives the picture of the slot, and stays connected; lengths in its parts: %s',
    async (lengths) => {
      const camera = await openHttpCamera({ lengths });
      const room = openCapture();
      const settings = settingsOf('mjpeg', camera.streamUrl);
      for (let slot = 0; slot < 2; slot += 1) {
        const dueAt = systemClock.now() + 700;
        const result = await room.take({ camera: settings, dueAt, deadlineAt: dueAt + 2000 }, neverAborted);
        expect(Math.abs(clockIn(result) - dueAt)).toBeLessThan(400);
      }
      expect(camera.asked.length).toBe(1);
      room.keepOnly([]);
      await until('it is left', () => camera.viewers() === 0);
    },
  );

  it('gives no old picture as a fresh one when it has stopped', async () => {
    const { streamUrl } = await openHttpCamera({ fault: 'stall' });
    const dueAt = systemClock.now() + 3900;
    const camera = settingsOf('mjpeg', streamUrl);
    const result = await openCapture().take({ camera, dueAt, deadlineAt: dueAt + 500 }, neverAborted);
    expect(result).toMatchObject({ kind: 'failed', code: 'timed-out', hint: expect.stringContaining('stopped') });
  });

  it.each([
    ['multipart/x-mixed-replace; boundary=abc', 'abc'],
    ['multipart/x-mixed-replace;charset=x; boundary="--a b"', 'a b'],
    ['multipart/mixed;boundary=--abc', 'abc'],
    ['image/jpeg', null],
    [undefined, null],
  ])('%j has the boundary %j', (type, expected) => {
    expect(boundaryOf(type)).toBe(expected);
  });

  it('is cut into its parts however the network cut it', () => {
    const part = (body: string, length: boolean) =>
      `--abc\r\nContent-Type: image/jpeg\r\n${length ? `Content-Length: ${body.length}\r\n` : ''}\r\n${body}\r\n`;
    const stream = Buffer.from(
      `noise${part('one --abc inside', true)}${part('two', false)}${part('three', true)}--abc--`,
    );
    for (const size of [1, 3, 10, stream.length]) {
      const reader = createMultipartReader('abc');
      const parts: string[] = [];
      for (let at = 0; at < stream.length; at += size)
        parts.push(...reader.push(stream.subarray(at, at + size)).map(String));
      expect(parts).toEqual(['one --abc inside', 'two', 'three']);
    }
  });
});
