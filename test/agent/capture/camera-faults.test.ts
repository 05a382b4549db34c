import { once } from 'node:events';
import net from 'node:net';
import { problemOf } from '@slowlight/agent/src/capture/camera-failure.ts';
import { openGate } from '@slowlight/agent/src/capture/rtsp/gate.ts';
import type { CameraFault } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cameraAt, localTrust, neverAborted, now } from '../../rig/capture-parts.ts';
import { openCapture } from '../../rig/capture-room.ts';
import { openVirtualCamera } from '../../rig/open-virtual-camera.ts';
import { ownFfmpegs } from '../../rig/processes.ts';
import type { RtspFault } from '../../rig/rtsp-server.ts';
import { makeSelfSigned } from '../../rig/self-signed.ts';
import { until } from '../../rig/until.ts';

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function failureOf(url: string, withinMs = 1900) {
  const room = openCapture();
  const result = await room.take(now(cameraAt(url), withinMs), neverAborted);
  if (result.kind !== 'failed') throw new Error('it gave a picture');
  expect(result.hint).toMatch(/^[^\n]{20,500}$/);
  return { ...result, close: room.close };
}

describe('what a camera does wrong is told by code and hint', () => {
  it('a name that nobody knows is unreachable', async () => {
    expect(await failureOf('rtsp://camera.invalid/x')).toMatchObject({ code: 'unreachable' });
  });

  it('a port at which nobody listens is refused', async () => {
    expect(await failureOf(`rtsp://127.0.0.1:${await freePort()}/x`)).toMatchObject({ code: 'refused', tries: 1 });
  });

  it('an address where no camera may be is not even asked', async () => {
    expect(await failureOf('rtsp://169.254.169.254/latest')).toMatchObject({ code: 'blocked-address', tries: 1 });
  });

  const faults: [RtspFault, CameraFault][] = [
    ['notFound', 'not-found'],
    ['noVideo', 'no-video'],
    ['notRtsp', 'unsupported'],
    ['forbidden', 'unauthorised'],
    ['busy', 'refused'],
    ['silent', 'timed-out'],
    ['lossy', 'undecodable'],
    ['garbage', 'undecodable'],
  ];
  it.each(faults)('a camera that is %s is %s', async (fault, code) => {
    const { url, server } = await openVirtualCamera({ fault, gopSeconds: 0.5 });
    // A lossy one is given a second keyframe before it is given up.
    const withinMs = fault === 'lossy' || fault === 'garbage' ? 4000 : 1900;
    const since = performance.now();
    const found = await failureOf(url, withinMs);
    expect(found).toMatchObject({ code });
    expect(performance.now() - since).toBeLessThan(withinMs + 1500);
    await until('the camera is left alone', () => server.viewers() === 0);
    await found.close();
    await until('no ffmpeg is left but the camera’s own', () => ownFfmpegs().length <= 1);
  });

  it('a camera that takes the connection and then says nothing is timed out by the gate itself', async () => {
    const { url } = await openVirtualCamera({ fault: 'silent' });
    const opening = openGate(
      { clock: systemClock, url, login: null, trust: localTrust(), connectMs: 200, onStage: () => {} },
      neverAborted,
    );
    expect(problemOf(await opening.catch((thrown: unknown) => thrown))).toMatchObject({ code: 'timed-out' });
  });

  it('a stream that has stopped gives no old picture as a fresh one', async () => {
    const { url } = await openVirtualCamera({ fault: 'stall', stallAfterMs: 900, gopSeconds: 0.5 });
    const dueAt = systemClock.now() + 3800;
    const result = await openCapture().take({ camera: cameraAt(url), dueAt, deadlineAt: dueAt + 700 }, neverAborted);
    expect(result).toMatchObject({ kind: 'failed', code: 'timed-out', hint: expect.stringContaining('stopped') });
  });

  it('a busy camera is asked again inside the slot, one with a wrong password is not', async () => {
    const busy = await openVirtualCamera({ fault: 'busy' });
    const locked = await openVirtualCamera({ fault: 'forbidden' });
    const [again, once] = await Promise.all([failureOf(busy.url, 3500), failureOf(locked.url, 3500)]);
    expect([again.tries, busy.server.visits()]).toEqual([2, 2]);
    expect([once.tries, locked.server.visits()]).toEqual([1, 1]);
  });

  it('a certificate that nobody trusts is refused, and plain RTSP never stands in for TLS', async () => {
    const secure = await openVirtualCamera({ tls: makeSelfSigned(), fault: 'notFound' });
    expect(await failureOf(secure.url)).toMatchObject({ code: 'tls', tries: 1 });
    const plain = await openVirtualCamera({ fault: 'notFound' });
    expect(await failureOf(plain.url.replace('rtsp:', 'rtsps:'))).toMatchObject({ code: 'tls', tries: 1 });
  });

  it('over TLS that is trusted, the camera’s own fault is told', async () => {
    const pair = makeSelfSigned();
    const { url } = await openVirtualCamera({ tls: pair, fault: 'notFound' });
    const room = openCapture({ certificates: [pair.cert] });
    expect(await room.take(now(cameraAt(url)), neverAborted)).toMatchObject({ kind: 'failed', code: 'not-found' });
  });

  it('a camera without ffmpeg beside it fails with what to install', async () => {
    const { url } = await openVirtualCamera();
    const room = openCapture({ ffmpegPath: '/nowhere/ffmpeg' });
    const result = await room.take(now(cameraAt(url)), neverAborted);
    expect(result).toMatchObject({
      kind: 'failed',
      code: 'unsupported',
      hint: expect.stringContaining('apt-get install ffmpeg'),
    });
  });

  it('one camera that hangs holds up no other', async () => {
    const [silent, alive] = await Promise.all([
      openVirtualCamera({ fault: 'silent' }),
      openVirtualCamera({ gopSeconds: 0.5 }),
    ]);
    const room = openCapture();
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const hanging = room.take(now(cameraAt(silent.url)), stop.signal).catch((reason: unknown) => reason);
    expect(await room.take(now(cameraAt(alive.url)), neverAborted)).toMatchObject({ kind: 'picture' });
    stop.abort(new Error('enough'));
    expect(await hanging).toMatchObject({ message: 'enough' });
  });
});
