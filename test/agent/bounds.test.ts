import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createNetworks, embeddedIpv4, PRIVATE_NETWORKS } from '@slowlight/agent/src/capture/networks.ts';
import { describeCamera } from '@slowlight/agent/src/capture/onvif/describe-camera.ts';
import { createUploader } from '@slowlight/agent/src/uplink/upload.ts';
import { createUploadBounds } from '@slowlight/agent/src/upload-bounds.ts';
import { type CameraSettings, cameraSettings, frameIdOf, newAgentId, newCameraId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { neverAborted, now } from '../rig/capture-parts.ts';
import { openCapture } from '../rig/capture-room.ts';
import { openFolder } from '../rig/folder.ts';

/** A server that counts who asks, whatever they ask for. */
async function openListener(answer: { status: number; headers?: Record<string, string> } = { status: 200 }) {
  const asked: { method: string; url: string; headers: IncomingHttpHeaders }[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    request.resume();
    response.writeHead(answer.status, answer.headers).end();
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, asked, connections: () => connections };
}

function cameraOf(kind: 'rtsp' | 'snapshot' | 'mjpeg', url: string): CameraSettings {
  return cameraSettings.parse({
    id: newCameraId(),
    name: 'North',
    enabled: true,
    source: { kind, url },
    credentials: null,
    shape: {},
    judging: {},
  });
}

/** Ways to write this device's own address, or to have a name lead to it. */
const DISGUISES = [
  '127.0.0.1',
  'localhost',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '0.0.0.0',
];
const WAYS = [
  ['rtsp', 'rtsp:'],
  ['rtsp', 'rtsps:'],
  ['snapshot', 'http:'],
  ['snapshot', 'https:'],
  ['mjpeg', 'http:'],
  ['mjpeg', 'https:'],
] as const;

describe('an agent that may reach any network, but was not told of its own', () => {
  it.each(WAYS)(
    'opens no line to itself for a camera of kind %s at %s, however the address is written',
    async (kind, scheme) => {
      const victim = await openListener();
      const capture = openCapture({ networks: ['any'] });
      for (const host of DISGUISES) {
        const taken = await capture.take(
          now(cameraOf(kind, `${scheme}//${host}:${victim.port}/x`), 2000),
          neverAborted,
        );
        expect
          .soft(taken, host)
          .toMatchObject({ kind: 'failed', code: expect.stringMatching(/^(blocked-address|unreachable)$/) });
        const probe = await capture.probeCamera(cameraOf(kind, `${scheme}//${host}:${victim.port}/x`), neverAborted);
        expect.soft(probe, host).toMatchObject({ kind: 'failed' });
      }
      expect(victim.connections()).toBe(0);
    },
  );

  it('opens none for ONVIF either', async () => {
    const victim = await openListener();
    for (const host of DISGUISES)
      await expect(
        describeCamera(
          {
            clock: systemClock,
            url: `http://${host}:${victim.port}/onvif/device_service`,
            login: null,
            networks: createNetworks(['any']),
            timeoutMs: 1000,
          },
          neverAborted,
        ),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^capture\.(blocked-address|unreachable)$/) });
    expect(victim.connections()).toBe(0);
  });

  it.each(['file:///etc/passwd', 'concat:/etc/passwd', 'gopher://10.0.0.1/', 'tcp://10.0.0.1:25', 'rtmp://10.0.0.1/x'])(
    'asks for nothing at %s',
    async (url) => {
      const capture = openCapture({ networks: ['any'] });
      for (const kind of ['rtsp', 'snapshot', 'mjpeg'] as const) {
        const camera = {
          ...cameraOf(kind, kind === 'rtsp' ? 'rtsp://10.0.0.1/' : 'http://10.0.0.1/'),
          source: { kind, url },
        } as CameraSettings;
        expect(await capture.take(now(camera, 2000), neverAborted)).toMatchObject({ code: 'unsupported' });
      }
    },
  );
});

describe('a camera that sends its viewers elsewhere', () => {
  it.each(['snapshot', 'mjpeg'] as const)('is not followed, for a camera of kind %s', async (kind) => {
    const victim = await openListener();
    const headers = { location: `http://127.0.0.1:${victim.port}/` };
    const camera = await openListener({ status: 302, headers });
    const capture = openCapture();
    const taken = await capture.take(now(cameraOf(kind, `http://127.0.0.1:${camera.port}/x`), 2000), neverAborted);
    expect(taken).toMatchObject({ kind: 'failed', code: 'unsupported' });
    expect(camera.asked.length).toBeGreaterThan(0);
    expect(victim.connections()).toBe(0);
  });

  it('is not followed over ONVIF', async () => {
    const victim = await openListener();
    const camera = await openListener({ status: 302, headers: { location: `http://127.0.0.1:${victim.port}/` } });
    const url = `http://127.0.0.1:${camera.port}/onvif/device_service`;
    const networks = createNetworks(['127.0.0.0/8']);
    await expect(
      describeCamera({ clock: systemClock, url, login: null, networks, timeoutMs: 1000 }, neverAborted),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^capture\./) });
    expect(camera.asked.length).toBeGreaterThan(0);
    expect(victim.connections()).toBe(0);
  });
});

describe('where cameras may be', () => {
  const own = () => ['192.168.1.5', 'fe80::1%eth0', '2001:db8::5'];
  it.each([
    ['192.168.1.5', [...PRIVATE_NETWORKS], false],
    ['::ffff:192.168.1.5', [...PRIVATE_NETWORKS], false],
    ['192.168.1.6', [...PRIVATE_NETWORKS], true],
    ['192.168.1.5', ['192.168.1.0/24'], false],
    ['192.168.1.5', ['192.168.1.5'], true],
    ['192.168.1.5', ['192.168.1.5/32'], true],
    ['192.168.1.5', [...PRIVATE_NETWORKS, '127.0.0.0/8'], true],
    ['2001:db8::5', ['any'], false],
    ['2001:db8::6', ['any'], true],
    ['168.63.129.16', ['any'], false],
    ['192.0.0.192', ['any'], false],
  ])('%s in %j, on a device with addresses of its own: %s', (ip, networks, expected) => {
    expect(createNetworks(networks, own).allow(ip)).toBe(expected);
  });

  it.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['0:0:0:0:0:ffff:0a00:0001', '10.0.0.1'],
    ['::ffff:0:10.0.0.1', '10.0.0.1'],
    ['::10.0.0.1', '10.0.0.1'],
    ['64:ff9b::a00:1', '10.0.0.1'],
    ['2002:a00:1::1', '10.0.0.1'],
    ['::1', undefined],
    ['::', undefined],
    ['2001:db8::a00:1', undefined],
    ['fd12::5', undefined],
  ])('%s leads to the IPv4 address %s', (ip, ipv4) => {
    expect(embeddedIpv4(ip)?.ipv4).toBe(ipv4);
  });
});

describe('where uploads may go', () => {
  const own = () => ['192.168.1.5'];
  it.each([
    ['a store outside', '93.184.216.34', '198.51.100.7', null, true],
    ['a store outside, before the broker was reached', '93.184.216.34', null, null, true],
    ['a device of the house, for a control plane outside', '192.168.1.1', '198.51.100.7', null, false],
    ['a device of the house, before the broker was reached', '192.168.1.1', null, null, false],
    ['a store of the house, for a control plane in the house', '192.168.1.9', '192.168.1.8', null, true],
    ['this device, for a control plane in the house', '127.0.0.1', '192.168.1.8', null, false],
    ['this device by its other address, for a control plane in the house', '192.168.1.5', '192.168.1.8', null, false],
    ['this device, for a control plane on it', '127.0.0.1', '127.0.0.1', null, true],
    ['this device by its other address, for a control plane on it', '192.168.1.5', '::ffff:127.0.0.1', null, true],
    ['a store of the house, for a control plane on this device', '192.168.1.9', '127.0.0.1', null, true],
    ['where a cloud keeps its secrets', '169.254.169.254', '127.0.0.1', null, false],
    ['the same in other clothes', '::ffff:a9fe:a9fe', '127.0.0.1', null, false],
    ['a store of the house that is named', '192.168.1.9', '198.51.100.7', ['192.168.1.9'], true],
    ['a store that is not named', '93.184.216.34', '198.51.100.7', ['192.168.1.9'], false],
  ])('%s: %s', (_, ip, peer, named, expected) => {
    expect(createUploadBounds({ named, peer: () => peer, own }).allow(ip)).toBe(expected);
  });

  async function upload(
    url: string,
    headers: Record<string, string> = { 'content-type': 'image/jpeg' },
    mayReach = () => false,
  ) {
    const file = path.join(await openFolder(), 'picture');
    await writeFile(file, 'picture');
    const uploader = createUploader(systemClock, { timeoutMs: 2000, atOnce: 1, ca: null, mayReach });
    onTestFinished(() => uploader.close());
    const grant = {
      frameId: frameIdOf(newAgentId(), 1),
      method: 'PUT' as const,
      url,
      headers,
      sizeBytes: 7,
      sha256: '0'.repeat(64),
      expiresAt: systemClock.now() + 60_000,
    };
    return await uploader.upload({ path: file, sizeBytes: 7 }, grant, neverAborted);
  }

  it.each(['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:7f00:1]'])(
    'a grant for %s, where uploads may not go, opens no line and is told in words',
    async (host) => {
      const victim = await openListener();
      const ended = await upload(`http://${host}:${victim.port}/key`);
      expect(ended).toMatchObject({
        kind: 'again',
        sentBytes: 0,
        reason: expect.stringContaining('may not upload to'),
      });
      expect(victim.connections()).toBe(0);
    },
  );

  it('a redirect of the store is not followed', async () => {
    const victim = await openListener();
    const store = await openListener({ status: 307, headers: { location: `http://127.0.0.1:${victim.port}/` } });
    const ended = await upload(`http://127.0.0.1:${store.port}/key`, undefined, () => true);
    expect(ended).toMatchObject({ kind: 'refused' });
    expect(store.asked).toHaveLength(1);
    expect(victim.connections()).toBe(0);
  });

  it.each(['host', 'authorization', 'cookie', 'x-http-method-override', 'transfer-encoding', 'upgrade'])(
    'a grant that wants the header %s is refused before anything is sent',
    async (header) => {
      const victim = await openListener();
      const ended = await upload(`http://127.0.0.1:${victim.port}/key`, { [header]: 'x' }, () => true);
      expect(ended).toMatchObject({ kind: 'refused', sentBytes: 0 });
      expect(victim.connections()).toBe(0);
    },
  );
});
