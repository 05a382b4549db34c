import { Cron } from 'croner';
import { z } from 'zod';
import { instant, timeZone } from './primitives.ts';

const DAY_MS = 86_400_000;

/** The shortest interval that the language knows; a control plane may ask for more (its default is 5 s). */
export const MIN_INTERVAL_MS = 1000;
export const MAX_INTERVAL_MS = 7 * DAY_MS;

/** Looked at from 1970 on, not from now: settings that could be read once can be read for ever, also when all is over. */
function cronFault(expression: string): string | null {
  try {
    return new Cron(expression, { paused: true }).nextRun(new Date(0)) === null ? 'never comes due' : null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

const rhythm = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('interval'),
    /** Between slots, in ms, aligned to the wall clock of the schedule's time zone: every 15 minutes is :00 :15 :30 :45. */
    everyMs: z.int().min(MIN_INTERVAL_MS).max(MAX_INTERVAL_MS),
  }),
  z.strictObject({
    kind: z.literal('cron'),
    /** Five fields, or six with seconds first, as croner reads them, in the schedule's time zone. */
    expression: z
      .string()
      .min(1)
      .max(200)
      .superRefine((expression, context) => {
        const fault = cronFault(expression);
        if (fault !== null) context.addIssue({ code: 'custom', message: `is not a cron expression: ${fault}` });
      }),
  }),
]);
export type Rhythm = z.infer<typeof rhythm>;

/** When a timelapse wants pictures. Which moments that means exactly is decided by `slotsBetween` alone. */
export const schedule = z
  .strictObject({
    rhythm,
    timeZone,
    /** No slot before this moment; null: from the start of the timelapse. */
    startsAt: instant.nullable().default(null),
    /** No slot at or after this moment; reaching it completes the timelapse. */
    endsAt: instant.nullable().default(null),
  })
  .refine((value) => value.startsAt === null || value.endsAt === null || value.startsAt < value.endsAt, {
    path: ['endsAt'],
    message: 'must be later than startsAt',
  });
export type Schedule = z.infer<typeof schedule>;
