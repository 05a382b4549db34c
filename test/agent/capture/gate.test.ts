import { once } from 'node:events';
import net from 'node:net';
import type { Login } from '@slowlight/agent/src/capture/login.ts';
import { openGate } from '@slowlight/agent/src/capture/rtsp/gate.ts';
import { createRtspReader, type RtspMessage, writeRequest } from '@slowlight/agent/src/capture/rtsp/message.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localTrust, neverAborted } from '../../rig/capture-parts.ts';
import { openVirtualCamera } from '../../rig/open-virtual-camera.ts';
import { until } from '../../rig/until.ts';
import type { VirtualCameraOptions } from '../../rig/virtual-camera.ts';

async function openTo(options: VirtualCameraOptions = {}, login: Login | null = null) {
  const camera = await openVirtualCamera({ gopSeconds: 0.5, ...options });
  const gate = await openGate(
    { clock: systemClock, url: camera.url, login, trust: localTrust(), connectMs: 5000, onStage: () => {} },
    neverAborted,
  );
  onTestFinished(() => gate.close());
  return { camera, gate, port: Number(new URL(gate.localUrl).port) };
}

/** A viewer by hand, in ffmpeg's place. */
async function knock(port: number) {
  const socket = net.connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const reader = createRtspReader();
  const got: RtspMessage[] = [];
  socket.on('data', (chunk: Buffer) => got.push(...reader.read(chunk)));
  const answers = () => got.filter((message) => message.kind === 'response');
  return {
    socket,
    packets: () => got.filter((message) => message.kind === 'packet').length,
    async ask(method: string, url: string, headers: Record<string, string>) {
      const before = answers().length;
      socket.write(writeRequest({ method, url, headers }));
      return await until(`an answer to ${method}`, () => answers()[before]);
    },
  };
}

describe('the gate', () => {
  it('plays the camera’s stream at its own address, keeps CSeq, and shows no address of the camera', async () => {
    const { camera, gate, port } = await openTo({ controls: 'absolute' });
    const viewer = await knock(port);
    const described = await viewer.ask('DESCRIBE', gate.localUrl, { CSeq: '41' });
    expect(described.headers.get('cseq')).toEqual(['41']);
    expect(described.body.toString()).toContain(`a=control:${gate.localUrl}/video`);
    expect(described.body.toString()).not.toContain(new URL(camera.url).port);
    const setUp = await viewer.ask('SETUP', `${gate.localUrl}/video`, {
      CSeq: '42',
      Transport: 'RTP/AVP/TCP;unicast;interleaved=4-5',
    });
    expect([setUp.status, setUp.headers.get('cseq')]).toEqual([200, ['42']]);
    expect((await viewer.ask('PLAY', gate.localUrl, { CSeq: '43' })).status).toBe(200);
    await until('packets come', () => viewer.packets() > 20);
    expect((await viewer.ask('GET_PARAMETER', gate.localUrl, { CSeq: '44' })).headers.get('cseq')).toEqual(['44']);
    expect((await viewer.ask('RECORD', gate.localUrl, { CSeq: '45' })).status).toBe(501);
    expect((await viewer.ask('PLAY', 'rtsp://10.0.0.1/other', { CSeq: '46' })).status).toBe(404);
    viewer.socket.destroy();
    expect(await gate.closed).toBeNull();
    await until('the camera has been told goodbye', () => camera.server.asked().at(-1) === 'TEARDOWN');
    await until('and is left', () => camera.server.viewers() === 0);
  });

  it('lets one in, and then nobody', async () => {
    const { port } = await openTo();
    await knock(port);
    const [fault] = await once(net.connect(port, '127.0.0.1'), 'error');
    expect(fault).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('logs in again when the camera’s nonce is stale', async () => {
    const login = { username: 'north', password: 'secret' };
    const { gate, port } = await openTo({ login: { ...login, nonceLasts: 1 } }, login);
    const viewer = await knock(port);
    const transport = { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' };
    expect((await viewer.ask('SETUP', `${gate.localUrl}/video`, { CSeq: '1', ...transport })).status).toBe(200);
    expect((await viewer.ask('PLAY', gate.localUrl, { CSeq: '2' })).status).toBe(200);
  });

  it('holds the camera back when its reader is slow, instead of piling up packets', async () => {
    const { camera, gate, port } = await openTo({ widthPx: 1920, heightPx: 1080, gopSeconds: 0.1 });
    const viewer = await knock(port);
    await viewer.ask('SETUP', `${gate.localUrl}/video`, {
      CSeq: '1',
      Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1',
    });
    await viewer.ask('PLAY', gate.localUrl, { CSeq: '2' });
    viewer.socket.pause();
    // Behind a slow reader the bytes stay at the camera, whose own queue grows.
    await until('the camera notices', () => camera.server.longestQueueBytes() > 200_000, 20_000);
    viewer.socket.resume();
    await until('and gets rid of it afterwards', () => camera.server.longestQueueBytes() === 0, 20_000);
  });

  it('closes when the camera goes, and says so', async () => {
    const { camera, gate, port } = await openTo();
    const viewer = await knock(port);
    const over = once(viewer.socket, 'close');
    await camera.server.close();
    await over;
    await gate.closed;
  });
});
