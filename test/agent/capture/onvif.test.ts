import { discoverCameras } from '@slowlight/agent/src/capture/discover.ts';
import { createNetworks } from '@slowlight/agent/src/capture/networks.ts';
import { describeCamera } from '@slowlight/agent/src/capture/onvif/describe-camera.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { neverAborted } from '../../rig/capture-parts.ts';
import { type OnvifCameraOptions, openOnvifCamera } from '../../rig/onvif-camera.ts';

const clock = systemClock;

async function discover(options: OnvifCameraOptions = {}) {
  const { group, serviceUrl } = await openOnvifCamera(options);
  const found = await discoverCameras({ clock, timeoutMs: 250, group, from: ['127.0.0.1'] }, neverAborted);
  return { found, serviceUrl };
}

async function describeAt(options: OnvifCameraOptions, login: OnvifCameraOptions['login'] | null, timeoutMs = 3000) {
  const { serviceUrl: url } = await openOnvifCamera(options);
  const networks = createNetworks(['127.0.0.0/8']);
  return await describeCamera({ clock, url, login: login ?? null, networks, timeoutMs }, neverAborted);
}

describe('the search for cameras', () => {
  it('lists what answers, with its name, and nothing that is no web address', async () => {
    const { found, serviceUrl } = await discover();
    expect(found).toEqual([
      {
        endpoint: 'urn:uuid:camera-1',
        address: '127.0.0.1',
        name: 'North gate',
        hardware: 'VC-1',
        xaddrs: [serviceUrl],
      },
    ]);
  });

  it.each(['foreign-answer', 'noise'] as const)('is not misled by a %s', async (fault) => {
    expect((await discover({ fault })).found).toEqual([]);
  });

  it('ends at once when it is called off, and does not mind a network that cannot be asked', async () => {
    const stop = new AbortController();
    stop.abort();
    const group = { address: '239.255.255.250', port: 3702 };
    expect(await discoverCameras({ clock, timeoutMs: 9000, group, from: ['203.0.113.7'] }, stop.signal)).toEqual([]);
    expect(await discoverCameras({ clock, timeoutMs: 10, group, from: ['203.0.113.7'] }, neverAborted)).toEqual([]);
  });
});

describe('the description of a camera over ONVIF', () => {
  const login = { username: 'north', password: 'pä:ss <&>' };

  it('tells its streams without the login that the camera puts into them, and asks at no other address', async () => {
    expect(await describeAt({ login }, login)).toEqual([
      {
        token: 'main',
        name: 'main stream',
        codec: 'H264',
        widthPx: 1920,
        heightPx: 1080,
        streamUrl: 'rtsp://192.168.1.20:554/main',
        snapshotUrl: 'http://192.168.1.20/snap.jpg?a=1&b=2',
      },
      {
        token: 'sub',
        name: 'sub stream',
        codec: 'JPEG',
        widthPx: 640,
        heightPx: 360,
        streamUrl: 'rtsp://192.168.1.20:554/sub',
        snapshotUrl: null,
      },
    ]);
  });

  it.each([
    ['a wrong password is unauthorised', { login }, { ...login, password: 'no' }, 'capture.unauthorised'],
    ['no login where one is asked for is unauthorised', { login }, null, 'capture.unauthorised'],
    ['a camera that is silent is timed out', { fault: 'silent' }, null, 'capture.timed-out'],
  ] as const)('%s', async (_, options, given, code) => {
    await expect(describeAt(options, given, 400)).rejects.toMatchObject({ code });
  });

  it('a camera where none may be is not even asked', async () => {
    const { serviceUrl: url } = await openOnvifCamera();
    const asking = { clock, url, login: null, networks: createNetworks(['any']), timeoutMs: 1000 };
    await expect(describeCamera(asking, neverAborted)).rejects.toMatchObject({ code: 'capture.blocked-address' });
  });
});
