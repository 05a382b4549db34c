/**
 * Stills: what a camera shows while somebody watches it. They are no frames: nobody stores them, one that is lost is not said
 * again, and the next replaces it. QoS 0, never retained.
 */
import { z } from 'zod';
import { noticeEnvelope } from './envelope.ts';
import { cameraId } from './ids.ts';
import { failureCode, instant } from './primitives.ts';

/** The largest JPEG of a still, in bytes: with its base64 and its envelope it fits into one message. */
export const MOST_STILL_BYTES = 180_000;
/** The longest side of a still, px. */
export const MOST_STILL_PX = 960;

const side = z.int().min(1).max(MOST_STILL_PX);

export const still = noticeEnvelope(
  'still',
  z.discriminatedUnion('result', [
    z.strictObject({
      result: z.literal('picture'),
      cameraId,
      /** Wall time of the picture, ms. */
      takenAt: instant,
      widthPx: side,
      heightPx: side,
      jpeg: z.base64().max(Math.ceil(MOST_STILL_BYTES / 3) * 4),
    }),
    /** The camera gave none; it is tried again as long as somebody watches. */
    z.strictObject({ result: z.literal('failed'), cameraId, code: failureCode, hint: z.string().max(500) }),
  ]),
);
export type Still = z.infer<typeof still>;
