import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createWorker } from '@slowlight/control-plane/src/jobs/worker.ts';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { createSegmentRunner } from '@slowlight/control-plane/src/render/segment.ts';
import { createVideoRunner } from '@slowlight/control-plane/src/render/video.ts';
import { openWorkFolder } from '@slowlight/control-plane/src/render/work-folder.ts';
import { frameKey, newCameraId, type VideoId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { createEdge, frameOf } from '../rig/edge.ts';
import { aFilm } from '../rig/film.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { aCamera, everyMinute } from '../rig/records-scene.ts';
import { drawScenes, pictureOf } from './film-pictures.ts';
import type { Bench } from './run.ts';

const run = promisify(execFile);
const INTERVAL_MS = 300_000;
const START = Date.UTC(2026, 2, 1);
const APPENDED = 60;
const SCENES = { widthPx: 640, heightPx: 360, count: 240 };
/** What a clock tick of /proc is, ms. */
const TICK_MS = 10;

/** CPU of this process, and of all that it has started and that has ended, ms. */
function cpuOf(): { own: number; started: number } {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ms = (one: number, other: number) => ((fields[one] ?? 0) + (fields[other] ?? 0)) * TICK_MS;
  return { own: ms(11, 12), started: ms(13, 14) };
}

function cpuMs(): number {
  const { own, started } = cpuOf();
  return own + started;
}

/**
 * Arguments: how many frames (1,000; 5,000 for the whole answer). What the work costs is CPU of this process and of every
 * ffmpeg together; the reference is one ffmpeg that is fed the same pictures and makes one film with the same settings.
 */
export const bench: Bench = {
  question:
    'What does a film cost at first, when frames are added, when one comes late, and when its speed is changed?',
  async run(report, [count = '1000']) {
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
      const scenes = await drawScenes(folder, SCENES);
      const site = await records.createSite({ name: 'Bench', timeZone: 'UTC', latitude: null, longitude: null });
      const agent = await records.createAgent({ siteId: site.id, name: 'Bench', secretHash: 'a'.repeat(64) });
      const camera = newCameraId();
      await records.createCamera(camera, agent.id, aCamera);
      const timelapse = await records.startTimelapse({ cameraId: camera, name: 'Bench', schedule: everyMinute });
      const edge = createEdge(agent.id, START);
      const picture = (number: number) => pictureOf(scenes, number);
      const store1 = async (number: number, at: number) => {
        const bytes = picture(number);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const { widthPx, heightPx } = SCENES;
        const change = { sizeBytes: bytes.length, sha256, widthPx, heightPx };
        const event = edge.captured(timelapse.id, camera, at, change);
        await records.recordEvents([event]);
        await store.write(frameKey(frameOf(event), 'image/jpeg'), bytes, 'image/jpeg');
        await records.pictureStored(frameOf(event));
      };
      const add = async (from: number, to: number) => {
        for (let number = from; number < to; number += 1) await store1(number, START + number * INTERVAL_MS);
      };
      await add(0, frames);

      const log = createQuietLog();
      const workFolder = await openWorkFolder(path.join(folder, 'work'), systemClock);
      const deps = { clock, log, objects: store, records };
      const none = async () => {};
      const runners = {
        thumbnail: none,
        overlay: none,
        bulk: none,
        'overlay-remake': none,
        animation: none,
        segment: createSegmentRunner(deps, { workFolder }),
        video: createVideoRunner(deps, { workFolder }),
      };
      const atOnce = { thumbnail: 1, overlay: 0, bulk: 0, 'overlay-remake': 0, segment: 2, video: 1, animation: 0 };
      const working = createWorker({ clock, log, jobs: records, runners }, { atOnce }).run(stop.signal);
      const idle = async () => {
        while ((await records.jobCounts()).waiting + (await records.jobCounts()).running > 0)
          await clock.sleep(20, stop.signal);
      };
      await idle();

      /** Until the film is ready; gives what it cost. */
      async function cost(
        id: VideoId,
        begin: () => Promise<unknown>,
      ): Promise<{ cpu: number; own: number; wall: number }> {
        const [cpu, own, wall] = [cpuMs(), cpuOf().own, performance.now()];
        await begin();
        for (let video = await records.video(id); video?.state !== 'ready'; video = await records.video(id)) {
          if (log.lines.some(({ level }) => level === 'warn')) throw new Error(JSON.stringify(log.lines));
          if (video?.state === 'failed') throw new Error(video.reason ?? 'it failed');
          await clock.sleep(20, stop.signal);
        }
        return { cpu: cpuMs() - cpu, own: cpuOf().own - own, wall: performance.now() - wall };
      }
      const piecesOf = async (id: VideoId) =>
        new Map((await records.shownSegments(id)).map(({ address, frames: shown }) => [address, shown]));
      const encodedSince = async (id: VideoId, before: ReadonlyMap<string, number>) =>
        [...(await piecesOf(id))].reduce((sum, [address, shown]) => sum + (before.has(address) ? 0 : shown), 0);

      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss());
      }, 100);
      const input = { timelapseId: timelapse.id, ...aFilm, quality: 'medium', grows: true } as const;
      const { id } = await records.createVideo(input);
      const full = await cost(id, none);
      clearInterval(watch);
      report('full render, CPU', full.cpu / 1000, 's');
      report('full render, CPU of Node', full.own / 1000, 's');
      report('full render, wall', full.wall / 1000, 's');
      report('full render, most memory of Node', most / 2 ** 20, 'MB');
      let before = await piecesOf(id);
      report('pieces', before.size, '');

      // As the growing film does after its pause; the speed stays what it is.
      const grow = () => records.changeVideo(id, { fps: 24 });
      await add(frames, frames + APPENDED);
      await idle();
      const appended = await cost(id, grow);
      report(`${APPENDED} frames appended, CPU`, appended.cpu / 1000, 's');
      report(`${APPENDED} frames appended, CPU of Node`, appended.own / 1000, 's');
      report(`${APPENDED} frames appended, full render is so many times as much`, full.cpu / appended.cpu, '');
      report(`${APPENDED} frames appended, frames encoded`, await encodedSince(id, before), '');
      before = await piecesOf(id);
      await store1(frames + APPENDED, START + (frames / 2) * INTERVAL_MS + 1000);
      await idle();
      const late = await cost(id, grow);
      report('one late frame, CPU', late.cpu / 1000, 's');
      report('one late frame, frames encoded', await encodedSince(id, before), '');
      before = await piecesOf(id);
      const retimed = await cost(id, () => records.changeVideo(id, { fps: 50 }));
      report('another speed, wall', retimed.wall / 1000, 's');
      report('another speed, CPU', retimed.cpu / 1000, 's');
      report('another speed, frames encoded', await encodedSince(id, before), '');

      // The reference: the same pictures in one ffmpeg, once with a key picture every two seconds, once as x264 likes it.
      const all = frames + APPENDED;
      const joined = path.join(folder, 'joined.mp4');
      const { key } = (await records.videoObjects(id)) ?? { key: null };
      const parts: Uint8Array[] = [];
      for await (const part of await store.read(key ?? '')) parts.push(part);
      await writeFile(joined, Buffer.concat(parts));
      const list = path.join(folder, 'list.mjpeg');
      const order = Array.from({ length: all }, (_, number) => number);
      order.splice(frames / 2 + 1, 0, all);
      await writeFile(list, Buffer.concat(order.map(picture)));
      const encode = async (group: number) => {
        const file = path.join(folder, `one-${group}.mp4`);
        const filter = 'scale=flags=lanczos:out_range=tv:out_color_matrix=bt709,format=yuv420p';
        const args = [
          '-y',
          '-v',
          'error',
          '-f',
          'mjpeg',
          '-framerate',
          '24',
          '-i',
          list,
          '-vf',
          filter,
          '-c:v',
          'libx264',
        ];
        const cpu = cpuMs();
        await run('ffmpeg', [
          ...args,
          '-preset',
          'veryfast',
          '-crf',
          '23',
          '-g',
          String(group),
          '-movflags',
          '+faststart',
          file,
        ]);
        return { file, cpu: cpuMs() - cpu };
      };
      const [one, loose] = [await encode(48), await encode(250)];
      const size = async (file: string) => (await readFile(file)).length;
      report('full render, CPU against one ffmpeg', full.cpu / one.cpu, '');
      report('size against one piece, key picture every 48', (await size(joined)) / (await size(one.file)) - 1, '');
      report('size against one piece, key picture every 250', (await size(joined)) / (await size(loose.file)) - 1, '');
      const ssim = async (file: string) => {
        const filter =
          '[0:v]settb=1/50,setpts=N,format=yuv420p[a];[1:v]settb=1/50,setpts=N,scale=out_range=tv:out_color_matrix=bt709,format=yuv420p[b];[a][b]ssim';
        const args = ['-i', file, '-f', 'mjpeg', '-framerate', '24', '-i', list, '-lavfi', filter, '-f', 'null', '-'];
        const { stderr } = await run('ffmpeg', ['-hide_banner', ...args], { maxBuffer: 2 ** 26 });
        return Number(/All:([\d.]+)/.exec(stderr)?.[1]);
      };
      if (all <= 2000) {
        const [ours, tight, free] = [await ssim(joined), await ssim(one.file), await ssim(loose.file)];
        report('SSIM against one piece, key picture every 48', ours - tight, '');
        report('SSIM against one piece, key picture every 250', ours - free, '');
      }
      stop.abort();
      await working;
    } finally {
      stop.abort();
      await records.close();
      await rm(folder, { recursive: true });
    }
  },
};
