import type { CameraWrite, Records } from '@slowlight/control-plane/src/ports.ts';
import { type CameraId, newCameraId, type Schedule, type TimelapseView } from '@slowlight/protocol';
import type { TestContext } from 'vitest';
import type { OpenHouse, RecordsHouse } from '../contracts/records.ts';
import { createEdge, type Edge } from './edge.ts';
import { createHandClock, type HandClock } from './hand-clock.ts';

export const everyMinute: Schedule = {
  rhythm: { kind: 'interval', everyMs: 60_000 },
  timeZone: 'UTC',
  startsAt: null,
  endsAt: null,
};
export const aCamera: CameraWrite = {
  name: 'Crane',
  enabled: true,
  source: { kind: 'rtsp', url: 'rtsp://192.168.1.20/stream' },
  username: 'viewer',
  sealedPassword: 'c2VhbGVk',
  shape: { crop: null, rotateDegrees: 0, aspect: null },
  quality: 90,
  judging: { threshold: 70, badFrames: 'flag' },
};

export interface RecordsScene {
  house: RecordsHouse;
  records: Records;
  clock: HandClock;
  now: number;
  site: Awaited<ReturnType<Records['createSite']>>;
  agent: Awaited<ReturnType<Records['createAgent']>>;
  cameraId: CameraId;
  timelapse: TimelapseView;
  edge: Edge;
}

/** Records with one site, one agent, one camera and one running timelapse that wants a picture every minute. */
export async function openRecordsScene(openHouse: OpenHouse, context: TestContext): Promise<RecordsScene> {
  const house = await openHouse(context);
  const clock = createHandClock();
  const records = await house.open(clock);
  const site = await records.createSite({ name: 'Bridge', timeZone: 'Europe/Vienna', latitude: 48.2, longitude: 16.4 });
  const agent = await records.createAgent({ siteId: site.id, name: 'Pi 1', secretHash: 'a'.repeat(64) });
  const cameraId = newCameraId();
  await records.createCamera(cameraId, agent.id, aCamera);
  const timelapse = await records.startTimelapse({ cameraId, name: 'The bridge', schedule: everyMinute });
  const now = clock.now();
  return { house, records, clock, now, site, agent, cameraId, timelapse, edge: createEdge(agent.id, now) };
}
