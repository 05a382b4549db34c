import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createWorker } from '@slowlight/control-plane/src/jobs/worker.ts';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { spareThreads } from '@slowlight/control-plane/src/render/spare-threads.ts';
import { createThumbnailRunner } from '@slowlight/control-plane/src/render/thumbnail.ts';
import { frameKey, newCameraId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { createEdge, frameOf } from '../rig/edge.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { aCamera, everyMinute } from '../rig/records-scene.ts';
import type { Bench } from './run.ts';

const START = Date.UTC(2026, 2, 1);
const SCENES = 12;
const AT_ONCE = 2;
/** As `control-plane/src/wire-making.ts` has it. */
const LANES = 4;

async function drawScenes(folder: string): Promise<Buffer[]> {
  const source = 'testsrc2=s=1920x1080:r=1,noise=alls=8:allf=t,gblur=sigma=0.8';
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', String(SCENES), '-q:v', '4'];
  await promisify(execFile)('ffmpeg', [...args, path.join(folder, '%04d.jpg')]);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  return Promise.all(names.map((name) => readFile(path.join(folder, name))));
}

/** What anybody would write with sharp: both sizes from the bytes, a few pictures at once, nothing stored. */
async function bare(pictures: readonly Buffer[], count: number): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    for (; next < count; ) {
      const bytes = pictures[next % pictures.length] as Buffer;
      next += 1;
      const fit = { fit: 'inside', withoutEnlargement: true } as const;
      await sharp(bytes).resize(800, 600, fit).jpeg({ quality: 80 }).toBuffer();
      await sharp(bytes).resize(200, 150, fit).jpeg({ quality: 80 }).toBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return (1000 * count) / (performance.now() - began);
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** `thumbnails [frames = 400]` */
export const bench: Bench = {
  question:
    'How many 1080p frames a second get both thumbnails, from the job to the record, store and SQLite with FULL included? (bar: 40 on 2 cores)',
  async run(report, [count = '400']) {
    const frames = Number(count);
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const clock = systemClock;
    const records = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock });
    const stop = new AbortController();
    try {
      const store = await openDirectoryObjectStore(
        { clock },
        { folder: path.join(folder, 'objects'), signingKeyFile: path.join(folder, 'key'), publicUrl: () => '' },
      );
      const scenes = await drawScenes(folder);
      report('size of a picture', (scenes[0]?.length ?? 0) / 1000, 'kB');
      const site = await records.createSite({ name: 'Bench', timeZone: 'UTC', latitude: null, longitude: null });
      const agent = await records.createAgent({ siteId: site.id, name: 'Bench', secretHash: 'a'.repeat(64) });
      const camera = newCameraId();
      await records.createCamera(camera, agent.id, aCamera);
      const timelapse = await records.startTimelapse({ cameraId: camera, name: 'Bench', schedule: everyMinute });
      const edge = createEdge(agent.id, START);
      const events = Array.from({ length: frames }, (_, number) => {
        const bytes = scenes[number % SCENES] as Buffer;
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        return edge.captured(timelapse.id, camera, START + number * 60_000, { sizeBytes: bytes.length, sha256 });
      });
      await records.recordEvents(events);
      for (const [number, event] of events.entries())
        await store.write(frameKey(frameOf(event), 'image/jpeg'), scenes[number % SCENES] as Buffer, 'image/jpeg');
      await records.picturesStored(events.map(frameOf));

      spareThreads();
      let cpu = process.cpuUsage();
      const rounds = { bare: [await bare(scenes, frames)] };
      const bareCpu = cpuMs(cpu) / frames;
      const log = createQuietLog();
      const none = async () => {};
      const thumbnail = createThumbnailRunner({ objects: store, records });
      const runners = {
        thumbnail,
        overlay: none,
        'overlay-remake': none,
        segment: none,
        video: none,
        animation: none,
        bulk: none,
      };
      const atOnce = { thumbnail: LANES, overlay: 0, 'overlay-remake': 0, segment: 0, video: 0, animation: 0, bulk: 0 };
      cpu = process.cpuUsage();
      const began = performance.now();
      const working = createWorker({ clock, log, jobs: records, runners }, { atOnce }).run(stop.signal);
      for (let open = 1; open > 0; ) {
        await clock.sleep(20, stop.signal);
        const { waiting, running } = await records.jobCounts();
        open = waiting + running;
      }
      const ours = (1000 * frames) / (performance.now() - began);
      const oursCpu = cpuMs(cpu) / frames;
      stop.abort();
      await working;
      rounds.bare.push(await bare(scenes, frames));
      const reference = rounds.bare.reduce((sum, one) => sum + one, 0) / rounds.bare.length;
      report('frames a second', ours, '1/s');
      report('bare sharp, frames a second, before and after', reference, '1/s');
      report('against bare sharp', ours / reference, '');
      report('CPU a frame', oursCpu, 'ms');
      report('CPU a frame, bare sharp', bareCpu, 'ms');
    } finally {
      stop.abort();
      await records.close();
      await rm(folder, { recursive: true });
    }
  },
};
