/**
 * Thumbnails or overlays of many frames, made again or looked for.
 *
 * Promise: every frame of the scope is looked at once, a portion at a time; what is made again, or found broken, is made by
 * the same code as for a new frame.
 * When it fails: a store out of reach fails the job, which goes on with the portion where it was; a picture that cannot be
 * read is counted as failed and keeps nobody.
 */
import { type BulkId, sidecarKey, thumbnailKey } from '@slowlight/protocol';
import type { ObjectStore } from '../frame.ts';
import type { Job, ThumbnailRecords, ThumbnailResult } from '../ports.ts';
import type { BulkPortion, BulkRecords } from '../ports-automation.ts';

export interface BulkDeps {
  objects: Pick<ObjectStore, 'stat'>;
  records: Pick<BulkRecords, 'bulkPortion' | 'bulkProgressed' | 'bulkDone'> & ThumbnailRecords;
  /** Draws the thumbnails of a frame anew. */
  drawThumbnails: (frame: BulkPortion['frames'][number], signal: AbortSignal) => Promise<ThumbnailResult>;
}

const PORTION = 40;
/** Frames that are worked on at once. */
const AT_ONCE = 2;
type Frame = BulkPortion['frames'][number];

/** Gives what a worker does with a bulk job. */
export function createBulkRunner({ objects, records, drawThumbnails }: BulkDeps) {
  const isThere = async (key: string) => (await objects.stat(key)) !== null;

  async function isWhole(what: BulkPortion['what'], frame: Frame): Promise<boolean> {
    if (what === 'overlays') return frame.sidecar === true && (await isThere(sidecarKey(frame.frameId)));
    if (frame.thumbnail !== 'ready') return false;
    for (const size of ['small', 'large'] as const)
      if (!(await isThere(thumbnailKey(frame.frameId, size)))) return false;
    return true;
  }

  return async (job: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> => {
    const id = job.subject as BulkId;
    for (;;) {
      signal.throwIfAborted();
      const portion = await records.bulkPortion(id, PORTION);
      if (portion === null) return;
      const { what, which, frames, behind } = portion;
      if (frames.length === 0) return records.bulkDone(id);
      const thumbnails: ThumbnailResult[] = [];
      const said = { lookedAt: frames.length, made: 0, failed: 0, redraw: [] as Frame['frameId'][] };
      await inLanes(frames, async (frame) => {
        signal.throwIfAborted();
        if (what === 'overlays' && frame.sidecar === null) return;
        if (which === 'broken' && (await isWhole(what, frame))) return;
        if (what === 'overlays') said.redraw.push(frame.frameId);
        const drawn = what === 'overlays' ? null : await drawThumbnails(frame, signal);
        if (drawn !== null) thumbnails.push(drawn);
        said[drawn === null || drawn.failed === null ? 'made' : 'failed'] += 1;
      });
      signal.throwIfAborted();
      if (thumbnails.length > 0) await records.thumbnailsDrawn(thumbnails);
      if (!(await records.bulkProgressed(id, { behind, ...said }))) return;
    }
  };
}

async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const lane = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
