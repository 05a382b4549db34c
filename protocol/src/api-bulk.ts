/** The shapes of the REST API about work on many frames at once. */
import { z } from 'zod';
import { bulkId, siteId, timelapseId } from './ids.ts';
import { instant } from './primitives.ts';

export const bulkState = z.enum(['running', 'done', 'cancelled', 'failed']);
export const bulkWhat = z.enum(['thumbnails', 'overlays']);
/** `all`: every frame's is made again; `broken`: each is looked for, and made again where it is not there. */
export const bulkWhich = z.enum(['all', 'broken']);

export const bulkInput = z
  .strictObject({
    what: bulkWhat,
    which: bulkWhich.default('broken'),
    /** The frames of one timelapse, or of all cameras of a site. */
    timelapseId: timelapseId.optional(),
    siteId: siteId.optional(),
  })
  .refine((input) => (input.timelapseId === undefined) !== (input.siteId === undefined), {
    path: ['timelapseId'],
    message: 'must be given, or siteId must, and not both',
  });
export type BulkInput = z.infer<typeof bulkInput>;

export const bulkView = z.object({
  id: bulkId,
  what: bulkWhat,
  which: bulkWhich,
  timelapseId: timelapseId.nullable(),
  siteId: siteId.nullable(),
  state: bulkState,
  /** Frames when it began. */
  total: z.int(),
  lookedAt: z.int(),
  /** Made again; overlays: sent to be drawn again, which is told as progress of the timelapse's overlays. */
  made: z.int(),
  /** Could not be made: their pictures cannot be read. */
  failed: z.int(),
  reason: z.string().nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
});
export type BulkView = z.infer<typeof bulkView>;
