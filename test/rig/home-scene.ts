/** Home automation on real records, a real directory store and a real feed, with the verbs of the API; no agent, no broker of ours. */
import path from 'node:path';
import { createFeed } from '@slowlight/control-plane/src/feed/feed.ts';
import type { HomeAutomation } from '@slowlight/control-plane/src/home-automation/home-automation.ts';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';

import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { wireHome } from '@slowlight/control-plane/src/wire-home.ts';
import {
  type AgentCommand,
  type AgentId,
  type CameraId,
  type FrameId,
  frameKey,
  type HomeBrokerInput,
  homeBrokerInput,
  newCameraId,
  newSessionId,
  thumbnailKey,
} from '@slowlight/protocol';
import { newKeyPair, systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { createEdge, frameOf } from './edge.ts';
import { openFolder } from './folder.ts';
import type { HouseBroker } from './house-broker.ts';
import { createQuietLog } from './quiet-log.ts';
import { aCamera, everyMinute } from './records-scene.ts';

const MIN_INTERVAL_MS = 5000;

export async function openHomeScene(options: { publicUrl?: string } = {}) {
  const folder = await openFolder();
  const clock = systemClock;
  const log = createQuietLog();
  const records = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock });
  onTestFinished(() => records.close());
  const objects = await openDirectoryObjectStore(
    { clock },
    { folder: path.join(folder, 'objects'), signingKeyFile: path.join(folder, 'key'), publicUrl: () => '' },
  );
  const sent: { agent: AgentId; command: AgentCommand }[] = [];
  const site = await records.createSite({ name: 'Bridge', timeZone: 'Europe/Vienna', latitude: 48.2, longitude: 16.4 });
  const agent = await records.createAgent({ siteId: site.id, name: 'Pi 1', secretHash: 'a'.repeat(64) });
  const edge = createEdge(agent.id, clock.now());
  let session = newSessionId();

  async function sayStatus(status: 'online' | 'stopped'): Promise<void> {
    if (status === 'online') session = newSessionId();
    const now = clock.now();
    const common = { v: 1 as const, session, sentAt: now, type: 'agent.status' as const };
    const bootId = '00000000-0000-0000-0000-000000000001' as never;
    await records.recordStatus(
      agent.id,
      status === 'online'
        ? {
            ...common,
            body: {
              status,
              bootId,
              version: '0.1.0',
              startedAt: now,
              settingsVersion: 0,
              capabilities: [],
              publicKey: newKeyPair().publicKey,
            },
          }
        : { ...common, body: { status } },
    );
  }
  await sayStatus('online');

  async function addCamera(name: string): Promise<CameraId> {
    const id = newCameraId();
    await records.createCamera(id, agent.id, { ...aCamera, name });
    return id;
  }
  const cameraId = await addCamera('Crane');
  const timelapse = await records.startTimelapse({ cameraId, name: 'The bridge', schedule: everyMinute });
  await records.recordEvents([
    edge.say('camera.health-changed', {
      cameraId,
      health: 'online',
      code: null,
      hint: null,
      consecutiveFailures: 0,
      at: clock.now(),
    }),
  ]);

  /** Taken, delivered, verified, with its thumbnails. Gives the bytes of the large one. */
  async function takePicture(grey: number): Promise<{ frame: FrameId; thumbnail: Buffer }> {
    const event = edge.captured(timelapse.id, cameraId, clock.now());
    const frame = frameOf(event);
    const thumbnail = await sharp({
      create: { width: 800, height: 450, channels: 3, background: { r: grey, g: 9, b: 9 } },
    })
      .jpeg()
      .toBuffer();
    await records.recordEvents([event]);
    await objects.write(frameKey(frame, 'image/jpeg'), thumbnail, 'image/jpeg');
    await objects.write(thumbnailKey(frame, 'large'), thumbnail, 'image/jpeg');
    await records.pictureStored(frame);
    await records.thumbnailsDrawn([{ frameId: frame, failed: null }]);
    return { frame, thumbnail };
  }

  /** A control plane's part; what it is told of and what it asks for is real. */
  async function start(): Promise<{ home: HomeAutomation; stop: () => Promise<void> }> {
    const sendCommand = async (to: AgentId, command: AgentCommand) => void sent.push({ agent: to, command });
    const home = await wireHome(
      { clock, log, objects, records, sendCommand },
      {
        dataDir: folder,
        version: '0.2.0',
        publicUrl: options.publicUrl ?? null,
        minIntervalMs: MIN_INTERVAL_MS,
        speaks: true,
      },
    );
    const feed = createFeed({ records, clock, onFailure: () => {} });
    const ending = new AbortController();
    const from = await records.lastPosition();
    const running = Promise.all([
      feed.run(ending.signal),
      feed.follow(from, async (entry) => home.hear(entry), ending.signal),
      home.run(ending.signal),
    ]);
    const stop = async () => {
      ending.abort();
      await running;
    };
    onTestFinished(stop);
    return { home, stop };
  }

  return {
    folder,
    log,
    records,
    objects,
    sent,
    site,
    agent,
    edge,
    cameraId,
    timelapse,
    sayStatus,
    addCamera,
    takePicture,
    start,
    houseId: await records.houseId(),
  };
}
export type HomeScene = Awaited<ReturnType<typeof openHomeScene>>;

/** The settings of a connection to this broker, as somebody types them in. */
export function inputFor(broker: HouseBroker, change: Partial<HomeBrokerInput> = {}): HomeBrokerInput {
  const { url, username, password, certificate } = broker;
  return homeBrokerInput.parse({ name: 'House', url, username, password, ca: certificate?.cert ?? null, ...change });
}
