/** The shapes of the REST API about how much is stored, and how fast it grows. */
import { z } from 'zod';
import { agentId } from './ids.ts';

export const storageClass = z.enum(['pictures', 'films', 'pieces', 'assets']);
export type StorageClass = z.infer<typeof storageClass>;

export const storageView = z.object({
  /**
   * What the records know the size of: pictures of frames, films, pieces of films that are kept for the next one, and what
   * was uploaded for overlays. Thumbnails, sidecars and animated previews are small and not counted.
   */
  classes: z.array(z.object({ what: storageClass, count: z.int(), bytes: z.int() })),
  /** What the agents' running timelapses have taken a day, from the first picture to the last; none: too few to tell. */
  growth: z.array(z.object({ agentId, bytesPerDay: z.number() })),
  /** Where the object store is a folder of this machine; null: it is elsewhere. */
  space: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
});
export type StorageView = z.infer<typeof storageView>;
