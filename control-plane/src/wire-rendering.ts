/**
 * A chapter of THE PAGE: everything that opens pictures. It is loaded when the first of them is to be opened, because its
 * libraries take more memory than the rest of an idle control plane's work.
 */
import type { Clock } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from './frame.ts';
import type { Records } from './ports.ts';
import { createBulkRunner } from './render/bulk.ts';
import { createOverlays } from './render/overlay/overlays.ts';
import { createSegmentRunner } from './render/segment.ts';
import { createSheets } from './render/sheet.ts';
import { spareThreads } from './render/spare-threads.ts';
import { createThumbnailDrawer, createThumbnailRunner } from './render/thumbnail.ts';
import { createVideoRunner } from './render/video.ts';

export type Rendering = ReturnType<typeof wireRendering>;

export function wireRendering(
  work: { clock: Clock; log: Log; objects: ObjectStore; records: Records },
  { workFolder }: { workFolder: string },
) {
  spareThreads();
  const overlays = createOverlays(work);
  const films = { ...work, overlays: overlays.films };
  return {
    overlays,
    drawSheet: createSheets(work),
    runners: {
      thumbnail: createThumbnailRunner(work),
      overlay: overlays.sidecars.one,
      'overlay-remake': overlays.sidecars.all,
      segment: createSegmentRunner(films, { workFolder }),
      video: createVideoRunner(films, { workFolder }),
      bulk: createBulkRunner({ ...work, drawThumbnails: createThumbnailDrawer(work) }),
    },
  };
}
