import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { addresses, startControlPlane } from '@slowlight/deploy/local/product.ts';
import { frameKey, newCameraId, type TimelapseId, type VideoView } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { logIn } from '../demo/api.ts';
import { createEdge, frameOf } from '../rig/edge.ts';
import { aCamera, everyMinute } from '../rig/records-scene.ts';
import { drawScenes, pictureOf } from './film-pictures.ts';
import type { Bench } from './run.ts';

const PASSWORD = 'a-password-of-the-bench';
const SIZE = { widthPx: 1920, heightPx: 1080 };
const SCENES = { ...SIZE, count: 48 };
const BETWEEN_MS = 300_000;
const LOOK_EVERY_MS = 100;

/** `rendering-memory [frames = 5000]` */
export const bench: Bench = {
  question:
    'How much memory do the whole control plane and its ffmpegs hold while a film of many 1080p frames is made with an overlay? (bar: 400 MB without ffmpeg)',
  async run(report, [count = '5000']) {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const environment = {
      ...{ SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0', SLOWLIGHT_WEATHER: 'off' },
      SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
    };
    try {
      const timelapseId = await fill(dataDir, Number(count));
      const program = startControlPlane({ dataDir, environment, onLine: () => {} });
      const { address } = await addresses(program);
      const api = await logIn(address, 'admin', PASSWORD);
      await api.fetch(`/api/timelapses/${timelapseId}/overlay`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ templateId: 'ovt-builtin-complete', sidecars: false }),
      });
      await wait(30_000);
      report('before', residentMegabytes(program.pid), 'MB');
      const began = performance.now();
      let { id, state } = await api.send<VideoView>('POST', '/api/videos', {
        timelapseId,
        quality: 'low',
        overlay: true,
      });
      const most = { plane: 0, ffmpegs: 0 };
      for (let look = 0; state !== 'ready'; look += 1) {
        most.plane = Math.max(most.plane, residentMegabytes(program.pid));
        const children = childrenOf(program.pid).map(residentMegabytes);
        most.ffmpegs = Math.max(
          most.ffmpegs,
          children.reduce((sum, one) => sum + one, 0),
        );
        await wait(LOOK_EVERY_MS);
        if (look % 10 === 0) ({ id, state } = await api.get<VideoView>(`/api/videos/${id}`));
        if (state === 'failed') throw new Error('the film failed');
      }
      report('making the film', (performance.now() - began) / 1000, 's');
      report('most while it is made', most.plane, 'MB');
      report('most of all ffmpegs together', most.ffmpegs, 'MB');
      await program.stop();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

/** As after a year: frames are recorded, their pictures and thumbnails stored. */
async function fill(dataDir: string, frames: number): Promise<TimelapseId> {
  const folder = path.join(dataDir, 'control-plane');
  mkdirSync(folder, { recursive: true });
  const clock = systemClock;
  const records = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock });
  try {
    const objects = await openDirectoryObjectStore(
      { clock },
      { folder: path.join(folder, 'objects'), signingKeyFile: path.join(folder, 'key'), publicUrl: () => '' },
    );
    const scenes = await drawScenes(dataDir, SCENES);
    const site = await records.createSite({ name: 'Bench', timeZone: 'UTC', latitude: null, longitude: null });
    const agent = await records.createAgent({ siteId: site.id, name: 'Bench', secretHash: 'a'.repeat(64) });
    const camera = newCameraId();
    await records.createCamera(camera, agent.id, aCamera);
    const timelapse = await records.startTimelapse({ cameraId: camera, name: 'Bench', schedule: everyMinute });
    const first = Date.UTC(2026, 2, 1);
    const edge = createEdge(agent.id, first);
    for (let number = 0; number < frames; number += 1) {
      const bytes = pictureOf(scenes, number);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const about = { sizeBytes: bytes.length, sha256, ...SIZE };
      const event = edge.captured(timelapse.id, camera, first + number * BETWEEN_MS, about);
      await records.recordEvents([event]);
      await objects.write(frameKey(frameOf(event), 'image/jpeg'), bytes, 'image/jpeg');
      await records.pictureStored(frameOf(event));
      await records.thumbnailsDrawn([{ frameId: frameOf(event), failed: null }]);
    }
    return timelapse.id;
  } finally {
    await records.close();
  }
}

/** Of a process that may have ended meanwhile: then 0. Source: proc(5). */
function residentMegabytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}
