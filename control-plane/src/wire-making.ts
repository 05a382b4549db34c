/** A chapter of THE PAGE: what is made of frames (thumbnails, overlays, pieces of films, films), and who makes it when. */
import path from 'node:path';
import type { Clock } from '@slowlight/protocol/kit';
import { createGrowingFilms } from './automation/growing-films.ts';
import type { Log, ObjectStore } from './frame.ts';
import type { Overlays } from './http/deps.ts';
import { createWorker } from './jobs/worker.ts';
import type { Records } from './ports.ts';
import { createOverlays } from './render/overlay/overlays.ts';
import { createSegmentRunner } from './render/segment.ts';
import { createFilmSweep } from './render/sweep-films.ts';
import { createThumbnailRunner } from './render/thumbnail.ts';
import { createVideoRunner } from './render/video.ts';
import { openWorkFolder } from './render/work-folder.ts';

const THUMBNAILS_AT_ONCE = 2;
/** Planned and joined at the same time; what is encoded at the same time is a setting. */
const FILMS_AT_ONCE = 2;

export interface Making {
  overlays: Overlays;
  /** Works off what is owed until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** @param options `encoders`: pieces of films that are encoded at once; `rush`: what hurries while somebody waits */
export async function wireMaking(
  work: { clock: Clock; log: Log; objects: ObjectStore; records: Records },
  { dataDir, encoders, rush }: { dataDir: string; encoders: number; rush: () => boolean },
): Promise<Making> {
  const overlays = createOverlays(work);
  const workFolder = await openWorkFolder(path.join(dataDir, 'work'));
  const films = { ...work, overlays: overlays.films };
  const runners = {
    thumbnail: createThumbnailRunner(work),
    overlay: overlays.sidecars.one,
    'overlay-remake': overlays.sidecars.all,
    segment: createSegmentRunner(films, { workFolder }),
    video: createVideoRunner(films, { workFolder }),
  };
  const atOnce = {
    thumbnail: THUMBNAILS_AT_ONCE,
    overlay: 1,
    'overlay-remake': 1,
    segment: encoders,
    video: FILMS_AT_ONCE,
  };
  const worker = createWorker({ ...work, jobs: work.records, runners, rush }, { atOnce });
  return {
    overlays,
    run: async (signal) => {
      await Promise.all([worker.run(signal), createFilmSweep(work).run(signal), createGrowingFilms(work).run(signal)]);
    },
  };
}
