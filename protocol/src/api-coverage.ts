/** The shapes of the REST API about what was planned and what became of it. */
import { z } from 'zod';
import { timelapseState } from './feed.ts';
import { cameraId, timelapseId } from './ids.ts';
import { outcome } from './outcome.ts';
import { instant } from './primitives.ts';

/** An hour or a day of a timelapse. */
const coveragePart = z.object({
  /** On the wall of the schedule's time zone, such as `2026-06-01`. */
  date: z.string(),
  from: instant,
  to: instant,
  planned: z.int(),
  outcomes: z.record(outcome, z.int()),
  covered: z.number().nullable(),
});
export type CoveragePart = z.infer<typeof coveragePart>;

/** Planned slots against outcomes. `planned` is the sum of all outcomes. */
export const coverageView = z.object({
  timelapseId,
  from: instant,
  to: instant,
  planned: z.int(),
  outcomes: z.record(outcome, z.int()),
  /** Captured and flagged of those that are due by now, 0 to 1; null when nothing was planned. */
  covered: z.number().nullable(),
  /** Neighbouring slots without a picture, with the reason that they share; newest 200. */
  gaps: z.array(
    z.object({ firstDueAt: instant, lastDueAt: instant, count: z.int(), outcome, reason: z.string().nullable() }),
  ),
  /** Where hours or days were asked for: those that have slots. */
  parts: z.array(coveragePart).optional(),
});
export type CoverageView = z.infer<typeof coverageView>;

/** The timelapses of a camera that had something to do in the time, and all of them together. */
export const cameraCoverageView = coverageView
  .omit({ timelapseId: true, gaps: true, parts: true })
  .extend({ cameraId, timelapses: z.array(coverageView) });
export type CameraCoverageView = z.infer<typeof cameraCoverageView>;

/** Days on the wall of the schedule's time zone, ascending. */
export const calendarView = z.object({ timelapseId, timeZone: z.string(), days: z.array(coveragePart) });
export type CalendarView = z.infer<typeof calendarView>;

/** What somebody should know of a timelapse before it is too late. */
export const outlookView = z.object({
  timelapseId,
  state: timelapseState,
  /** It runs, and its agent has not said yet that it has its settings. */
  waitsForAgent: z.boolean(),
  nextDueAt: instant.nullable(),
  /** It runs, and no slot is planned for the next 7 days. */
  nothingPlannedFor7Days: z.boolean(),
  /** 0 to 1; null when nothing was planned. */
  coveredLast7Days: z.number().nullable(),
  /** Whether that is below what was asked for; null when nothing was planned. */
  isBelow: z.boolean().nullable(),
});
export type OutlookView = z.infer<typeof outlookView>;

/** Slots of this time (until exclusive) that nobody has reported are given up; a report that comes later still counts. */
export const lostInput = z
  .strictObject({
    from: instant,
    until: instant,
    reason: z.string().trim().min(1).max(200).default('said by a person'),
  })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'must be later than from' });
export type LostInput = z.infer<typeof lostInput>;
