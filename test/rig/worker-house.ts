import path from 'node:path';
import { createWorker, type JobRunner, type WorkerOptions } from '@slowlight/control-plane/src/jobs/worker.ts';
import type { Job, Records } from '@slowlight/control-plane/src/ports.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { newCameraId, type VideoId } from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { createEdge, frameOf } from './edge.ts';
import { start } from './flow.ts';
import { openFolder } from './folder.ts';
import { createQuietLog } from './quiet-log.ts';
import { aCamera, everyMinute } from './records-scene.ts';

export const START = Date.UTC(2026, 5, 1, 12);
export const ONE_EACH = { thumbnail: 1, overlay: 1, 'overlay-remake': 1, segment: 1, video: 1, animation: 1, bulk: 1 };

/** SQLite records with `frames` stored frames, whose thumbnail jobs wait. */
export async function openHouse(frames = 0, clock: Clock = systemClock) {
  const opened = await openSqliteRecords({ path: path.join(await openFolder(), 'records.sqlite'), clock });
  onTestFinished(() => opened.close());
  const records: Records = { ...opened };
  const site = await records.createSite({ name: 'Bridge', timeZone: 'UTC', latitude: null, longitude: null });
  const agent = await records.createAgent({ siteId: site.id, name: 'Pi', secretHash: 'a'.repeat(64) });
  const cameraId = newCameraId();
  await records.createCamera(cameraId, agent.id, aCamera);
  const timelapse = await records.startTimelapse({ cameraId, name: 'The bridge', schedule: everyMinute });
  const edge = createEdge(agent.id, START);
  for (let slot = 0; slot < frames; slot += 1) {
    const event = edge.captured(timelapse.id, cameraId, START + slot * 60_000);
    await records.recordEvents([event]);
    await records.pictureStored(frameOf(event));
  }
  const makeVideo = (): Promise<{ id: VideoId }> =>
    records.createVideo({
      timelapseId: timelapse.id,
      fps: 24,
      heightPx: null,
      quality: 'low',
      from: null,
      to: null,
      flagged: false,
    });
  return { records, makeVideo, clock };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export function openWorker(
  { records, clock }: House,
  runners: Partial<Record<Job['kind'], JobRunner>>,
  options: Partial<WorkerOptions> = {},
  rush = () => false,
) {
  const log = createQuietLog();
  const idle: JobRunner = async () => {};
  const worker = createWorker(
    {
      clock,
      log,
      jobs: records,
      rush,
      runners: {
        thumbnail: idle,
        overlay: idle,
        'overlay-remake': idle,
        segment: idle,
        video: idle,
        animation: idle,
        bulk: idle,
        ...runners,
      },
    },
    { atOnce: { ...ONE_EACH, thumbnail: 2, video: 2 }, ...options },
  );
  return { worker, log, stop: start(worker.run) };
}

export const statesOf = async ({ records }: House) =>
  (await records.jobs({ limit: 100 })).items.map(({ state }) => state);

/** Resolves when the signal aborts, with its reason. */
export const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
