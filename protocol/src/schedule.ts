import { Cron } from 'croner';
import { z } from 'zod';
import { displayName, instant, timeZone } from './primitives.ts';
import { place, type SunWindow, sunWindow, type WeeklyWindow, weekday, weeklyWindow } from './windows.ts';

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

export const rhythm = z.discriminatedUnion('kind', [
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

/** Between two instants another rhythm holds, or (null) nothing is planned; windows do not count there. */
export const override = z
  .strictObject({
    /** Inclusive. */
    from: instant,
    /** Exclusive. */
    until: instant,
    rhythm: rhythm.nullable(),
    /** What people call it, such as `concrete pour`. */
    label: displayName,
  })
  .refine((value) => value.from < value.until, { path: ['until'], message: 'must be later than its beginning' });
export type Override = z.infer<typeof override>;

// What came after the first version is optional and has no default: an event that was told before an upgrade must read the
// same after it.
const fields = {
  rhythm,
  timeZone,
  /** No slot before this moment; null: from the start of the timelapse. */
  startsAt: instant.nullable().default(null),
  /** No slot at or after this moment; reaching it completes the timelapse. */
  endsAt: instant.nullable().default(null),
  /** How `endsAt` was asked for: so many calendar days after the start, at the same local time. */
  endsAfterDays: z.int().min(1).max(36_500).optional(),
  /** Of their weekdays, these windows alone are open. */
  windows: z.array(weeklyWindow).max(100).optional(),
  /** Open on the weekdays that have no window of their own. Without windows of either kind a schedule is always open. */
  sunWindows: z.array(sunWindow).max(20).optional(),
  /** They win over every window. They must not overlap. */
  overrides: z.array(override).max(200).optional(),
  /** For the sun; set by the control plane from the site. */
  location: place.optional(),
};
interface Whole {
  startsAt: number | null;
  endsAt: number | null;
  endsAfterDays?: number | undefined;
  windows?: readonly WeeklyWindow[] | undefined;
  sunWindows?: readonly SunWindow[] | undefined;
  overrides?: readonly Override[] | undefined;
}

function checkWhole(value: Whole, context: z.core.$RefinementCtx<unknown>): void {
  const { startsAt, endsAt, windows = [], sunWindows = [], overrides = [] } = value;
  const wrong = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message, input: value });
  if (startsAt !== null && endsAt !== null && startsAt >= endsAt) wrong(['endsAt'], 'must be later than startsAt');
  const taken = new Set(windows.flatMap((window) => window.days));
  if (sunWindows.length > 0 && taken.size === weekday.options.length)
    wrong(['sunWindows'], 'would never count: every weekday has a window of its own, and those win');
  const inOrder = overrides.map((one, index) => ({ ...one, index })).sort((a, b) => a.from - b.from);
  for (const [at, one] of inOrder.entries()) {
    const before = inOrder[at - 1];
    if (before !== undefined && before.until > one.from)
      wrong(['overrides', one.index, 'from'], `overlaps with "${before.label}"`);
  }
}

/**
 * When a timelapse wants pictures. Which moments that means exactly is decided by `slotsBetween` alone; what wins over what,
 * and what a window means where clocks change, is argued in `docs/decisions/0009-when-a-schedule-is-open.md`.
 */
export const schedule = z.strictObject(fields).superRefine((value, context) => {
  checkWhole(value, context);
  if ((value.sunWindows ?? []).length > 0 && value.location === undefined)
    context.addIssue({ code: 'custom', path: ['location'], message: 'is needed for windows that follow the sun' });
});
export type Schedule = z.infer<typeof schedule>;

/**
 * A schedule as people ask for it. `location` is replaced by the site's, and `endsAt` follows from `endsAfterDays` where that
 * is given, so that what was read can be sent back.
 */
export const scheduleInput = z
  .strictObject(fields)
  .superRefine((value, context) =>
    checkWhole(value.endsAfterDays === undefined ? value : { ...value, endsAt: null }, context),
  );
export type ScheduleInput = z.infer<typeof scheduleInput>;
