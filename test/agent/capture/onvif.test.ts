import { discoverCameras } from '@slowlight/agent/src/capture/discover.ts';
import { createNetworks } from '@slowlight/agent/src/capture/networks.ts';
import { describeCamera } from '@slowlight/agent/src/capture/onvif/describe-camera.ts';
import { type Found, findCameras, tellFound } from '@slowlight/agent/src/find-cameras.ts';
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

describe('cameras that are looked for from afar', () => {
  const login = { username: 'north', password: 'pass' };
  async function find(given: typeof login | null, networks: readonly string[]) {
    const { group } = await openOnvifCamera({ login });
    const world = { clock, networks, where: { group, from: ['127.0.0.1'] } };
    return tellFound(await findCameras({ forMs: 500, login: given, describe: true }, world, neverAborted));
  }

  it('are told with their streams where the login is right, with the reason where it is not, and not at all where none may be', async () => {
    const [known, unknown, elsewhere] = await Promise.all([
      find(login, ['127.0.0.0/8']),
      find(null, ['127.0.0.0/8']),
      find(login, ['192.168.0.0/16']),
    ]);
    expect(known).toMatchObject({
      cameras: [{ name: 'North gate', code: null, streams: [{ streamUrl: 'rtsp://192.168.1.20:554/main' }, {}] }],
      more: false,
    });
    expect(unknown.cameras).toEqual([
      { address: '127.0.0.1', name: 'North gate', hardware: 'VC-1', streams: null, code: 'capture.unauthorised' },
    ]);
    expect(elsewhere.cameras).toEqual([]);
  });

  it('are told in bounds, however many answer and whatever they say', () => {
    const stream = { name: 'n'.repeat(200), token: 't', codec: null, widthPx: null, heightPx: null };
    const url = `rtsp://10.0.0.1/${'x'.repeat(400)}`;
    const streams = Array.from({ length: 16 }, () => ({ ...stream, streamUrl: url, snapshotUrl: `${url}${url}` }));
    const camera: Found = {
      endpoint: 'e',
      address: '10.0.0.1',
      name: null,
      hardware: null,
      xaddrs: [],
      streams,
      problem: null,
    };
    const told = tellFound(Array.from({ length: 500 }, () => camera));
    expect(JSON.stringify(told).length).toBeLessThan(62_000);
    expect(told.more).toBe(true);
    expect(told.cameras[0]?.streams?.[0]).toMatchObject({ streamUrl: url, snapshotUrl: null });
  });
});
