/**
 * A chapter of THE PAGE: everything that opens pictures. It is loaded when the first of them is to be opened, because its
 * libraries take more memory than the rest of an idle control plane's work.
 */
import type { Clock } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from './frame.ts';
import type { Records } from './ports.ts';
import { createAnimationRunner } from './render/animation.ts';
import { createBulkRunner } from './render/bulk.ts';
import { createEncoders, type WantedEncoder } from './render/encoders.ts';
import { createOverlays } from './render/overlay/overlays.ts';
import { createSegmentRunner } from './render/segment.ts';
import { createSheets } from './render/sheet.ts';
import { spareThreads } from './render/spare-threads.ts';
import { createThumbnailDrawer, createThumbnailRunner } from './render/thumbnail.ts';
import { createTitlePreview } from './render/title-preview.ts';
import { createVideoRunner } from './render/video.ts';

export type Rendering = ReturnType<typeof wireRendering>;

export function wireRendering(
  work: { clock: Clock; log: Log; objects: ObjectStore; records: Records },
  { workFolder, videoEncoder }: { workFolder: string; videoEncoder: WantedEncoder },
) {
  spareThreads();
  const overlays = createOverlays(work);
  const encoders = createEncoders(work, { wanted: videoEncoder, workFolder });
  const films = { ...work, overlays: overlays.films, encoders };
  return {
    overlays,
    drawSheet: createSheets(work),
    drawTitle: createTitlePreview(work),
    runners: {
      thumbnail: createThumbnailRunner(work),
      overlay: overlays.sidecars.one,
      'overlay-remake': overlays.sidecars.all,
      segment: createSegmentRunner(films, { workFolder }),
      video: createVideoRunner(films, { workFolder }),
      animation: createAnimationRunner(work, { workFolder }),
      bulk: createBulkRunner({ ...work, drawThumbnails: createThumbnailDrawer(work) }),
    },
  };
}
