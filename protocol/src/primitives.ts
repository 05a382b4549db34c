import { z } from 'zod';

/** Wall time in whole milliseconds since 1970-01-01 UTC: the only form in which a moment is stored or sent. */
export const instant = z.int().min(0).max(8_640_000_000_000_000);
export const durationMs = z.int().min(0);
export const seq = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex');
export const sizeBytes = z.int().min(0);
export const displayName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(120, 'is longer than 120 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds a character that cannot be shown');

/** An IANA time zone that this run time knows, such as `Europe/Vienna`. */
export const timeZone = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, 'is not an IANA time zone such as Europe/Vienna or UTC');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A media type that a frame may have. */
export const pictureType = z.enum(['image/jpeg', 'image/webp']);
export type PictureType = z.infer<typeof pictureType>;

/** A word with a dot, such as `capture.timed-out`: the code of a `Failure`, stable for programs. */
export const failureCode = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'is not a code such as capture.timed-out')
  .max(80);
