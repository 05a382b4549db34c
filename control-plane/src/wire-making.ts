/** A chapter of THE PAGE: what is made of frames (thumbnails, overlays, pieces of films, films), and who makes it when. */
import path from 'node:path';
import type { Clock } from '@slowlight/protocol/kit';
import { createGrowingFilms } from './automation/growing-films.ts';
import { createRuleKeeper } from './automation/rules.ts';
import type { Roles, VideoEncoder } from './config-making.ts';
import type { Log, ObjectStore } from './frame.ts';
import type { DrawSheet, FilmSight, Overlays } from './http/deps.ts';
import { createWorker, type JobRunner } from './jobs/worker.ts';
import type { Job, Records } from './ports.ts';
import { deflicker } from './render/deflicker.ts';
import { canvasOf } from './render/film-plan.ts';
import { createFilmSweep } from './render/sweep-films.ts';
import { openWorkFolder } from './render/work-folder.ts';
import type { Rendering } from './wire-rendering.ts';

/** More than there are processors: most of the time of a thumbnail is waiting for the disk. */
const THUMBNAILS_AT_ONCE = 4;
/** Planned and joined at the same time; what is encoded at the same time is a setting. */
const FILMS_AT_ONCE = 2;

export interface Making {
  overlays: Overlays;
  drawSheet: DrawSheet;
  filmSight: FilmSight;
  /** Works off what is owed until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * @param options `encoders`: pieces of films that are encoded at once, and `videoEncoder` by what; `rush`: what hurries while somebody waits; `roles`:
 * who works off what is owed, and who keeps films and rules
 */
export async function wireMaking(
  work: { clock: Clock; log: Log; objects: ObjectStore; records: Records },
  {
    dataDir,
    encoders,
    videoEncoder,
    rush,
    roles,
  }: { dataDir: string; encoders: number; videoEncoder: VideoEncoder; rush: () => boolean; roles: Roles },
): Promise<Making> {
  const workFolder = await openWorkFolder(path.join(dataDir, 'work'), work.clock);
  let loaded: Promise<Rendering> | null = null;
  const rendering = (): Promise<Rendering> => {
    loaded ??= import('./wire-rendering.ts').then(({ wireRendering }) =>
      wireRendering(work, { workFolder, videoEncoder }),
    );
    return loaded;
  };
  const runnerOf =
    (kind: Job['kind']): JobRunner =>
    async (job, signal, say) =>
      (await rendering()).runners[kind](job, signal, say);
  const runners = {
    thumbnail: runnerOf('thumbnail'),
    overlay: runnerOf('overlay'),
    'overlay-remake': runnerOf('overlay-remake'),
    segment: runnerOf('segment'),
    video: runnerOf('video'),
    animation: runnerOf('animation'),
    bulk: runnerOf('bulk'),
  };
  const atOnce = {
    thumbnail: THUMBNAILS_AT_ONCE,
    overlay: 1,
    'overlay-remake': 1,
    segment: encoders,
    video: FILMS_AT_ONCE,
    animation: 1,
    bulk: 1,
  };
  const worker = createWorker({ ...work, jobs: work.records, runners, rush }, { atOnce });
  return {
    overlays: {
      takeAsset: async (upload) => (await rendering()).overlays.takeAsset(upload),
      removeAsset: async (id) => (await rendering()).overlays.removeAsset(id),
      preview: async (wish, signal) => (await rendering()).overlays.preview(wish, signal),
    },
    drawSheet: async (...wish) => (await rendering()).drawSheet(...wish),
    filmSight: {
      gains: deflicker,
      canvas: canvasOf,
      title: async (...wish) => (await rendering()).drawTitle(...wish),
    },
    run: async (signal) => {
      const keepers = [createFilmSweep(work), createGrowingFilms(work), createRuleKeeper(work)];
      const going = [...(roles.works ? [worker] : []), ...(roles.serves ? keepers : [])];
      await Promise.all(going.map((one) => one.run(signal)));
    },
  };
}
