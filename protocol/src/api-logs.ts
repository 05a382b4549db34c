/** The shapes of the REST API about the control plane's own log, as far as it is kept in memory. */
import { z } from 'zod';
import { instant } from './primitives.ts';

export const logLevel = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof logLevel>;

export const logLine = z.object({
  /** Grows from line to line, also over a restart of the control plane. */
  number: z.int(),
  at: instant,
  /** What a program calls fatal is an `error` here, and a trace is `debug`. */
  level: logLevel,
  message: z.string(),
  /** What the line says beside its sentence. What looks like a secret is cut. */
  fields: z.record(z.string(), z.string()),
});
export type LogLine = z.infer<typeof logLine>;

/** At least of this level, and with this text anywhere in them, whatever its case. */
const wish = { level: logLevel.default('info'), text: z.string().max(200).default('') };
export const logQuery = z.strictObject({
  ...wish,
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export const logFollowQuery = z.strictObject({
  ...wish,
  /** The number of the last line that is known; nothing: from now on. */
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});
