import path from 'node:path';
import { createWorker } from '@slowlight/control-plane/src/jobs/worker.ts';
import { createAnimationRunner } from '@slowlight/control-plane/src/render/animation.ts';
import { createSegmentRunner } from '@slowlight/control-plane/src/render/segment.ts';
import { createVideoRunner } from '@slowlight/control-plane/src/render/video.ts';
import { openWorkFolder } from '@slowlight/control-plane/src/render/work-folder.ts';
import type { TimelapseId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { start } from './flow.ts';
import { openFolder } from './folder.ts';
import { arrange, recordFrame } from './http-arrange.ts';
import { openHttpServer } from './http-server.ts';
import { createQuietLog } from './quiet-log.ts';
import { until } from './until.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 5, 1, 12);

/** The http room with frames in a timelapse, and a worker that makes films of them. */
export async function openFilmServer(pictures: readonly Buffer[]) {
  const server = await openHttpServer();
  const { admin, agent, camera } = await arrange(server);
  const schedule = { rhythm: { kind: 'interval', everyMs: MINUTE_MS }, timeZone: 'UTC' };
  const body = { cameraId: camera.id, name: 'Roses', schedule };
  const timelapseId = (await admin('POST', '/api/timelapses', { body })).body.id as TimelapseId;
  const frames = [];
  for (const [index, bytes] of pictures.entries())
    frames.push(
      await recordFrame(server, {
        agent: agent.id,
        camera: camera.id,
        timelapse: timelapseId,
        seq: index + 1,
        bytes,
        takenAt: START + index * MINUTE_MS,
      }),
    );
  const { records, objects } = server;
  const deps = { clock: systemClock, log: createQuietLog(), objects, records };
  const workFolder = await openWorkFolder(path.join(await openFolder(), 'work'), systemClock);
  const runners = {
    thumbnail: async () => {},
    overlay: async () => {},
    bulk: async () => {},
    animation: createAnimationRunner(deps, { workFolder }),
    'overlay-remake': async () => {},
    segment: createSegmentRunner(deps, { workFolder }),
    video: createVideoRunner(deps, { workFolder }),
  };
  const atOnce = { thumbnail: 1, overlay: 0, bulk: 0, 'overlay-remake': 0, segment: 2, video: 1, animation: 1 };
  start(createWorker({ clock: systemClock, log: deps.log, jobs: records, runners }, { atOnce }).run);
  const ready = async (id: string) => {
    const ask = async () => (await admin('GET', `/api/videos/${id}`)).body;
    await until('the film is ready', async () => (await ask()).state === 'ready', 30_000);
    return ask();
  };
  return { ...server, admin, timelapseId, frames, ready };
}
