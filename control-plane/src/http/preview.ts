/** What a schedule would come to: its next slots, and how many pictures, bytes and minutes of film that is a day. */
import { setImmediate as pause } from 'node:timers/promises';
import { type Place, type Schedule, type SchedulePreview, slotsFrom } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';
import { drawDays, MOST_DRAWN_SLOTS } from './preview-days.ts';

const SHOWN_SLOTS = 20;
const DAY_MS = 86_400_000;
const DAYS = 7;
const MONTH_DAYS = 30;
/** Without a frame of the camera: what a 1080p JPEG of a garden is like. */
export const ASSUMED_FRAME_BYTES = 500_000;
/** How many slots are counted at all, and before others get their turn: a cron expression costs some 0.1 ms a slot. */
const COUNTING = { interval: { most: 700_000, breath: 20_000 }, cron: { most: 20_000, breath: 100 } } as const;

export interface PreviewOptions {
  now: number;
  /** A timelapse that starts takes its first picture at once. */
  firstAtOnce: boolean;
  fps: number;
  /** What frames of this camera are like; null: it has none yet. */
  frameSize: { frames: number; meanBytes: number } | null;
  /** Of the site; null: not known. */
  place: Place | null;
}

export async function previewOf(schedule: Schedule, options: PreviewOptions): Promise<SchedulePreview> {
  const { now, firstAtOnce, fps } = options;
  const from = Math.max(now, schedule.startsAt ?? now);
  const days = calendarDays(schedule.timeZone, from);
  const until = from + DAYS * DAY_MS;
  const counting = COUNTING[asksCron(schedule) ? 'cron' : 'interval'];
  const slots: number[] = [];
  const perDay = days.map(() => 0);
  const drawn = { from: days[0]?.from ?? from, until: days[1]?.until ?? until };
  const drawnSlots: number[] = [];
  let [slotsInFirstDay, counted, today] = [0, 0, 0];
  let countedUpTo = Math.min(until, Math.max(from, schedule.endsAt ?? until));
  for (const dueAt of slotsFrom({ schedule, from: now, until: null, firstAtOnce }, now)) {
    if (dueAt >= until && slots.length >= SHOWN_SLOTS) break;
    if (slots.length < SHOWN_SLOTS) slots.push(dueAt);
    if (dueAt < drawn.until && drawnSlots.length <= MOST_DRAWN_SLOTS) drawnSlots.push(dueAt);
    if (dueAt < (slots[0] ?? dueAt) + DAY_MS) slotsInFirstDay += 1;
    if (dueAt >= until) continue;
    if (counted === counting.most) {
      countedUpTo = dueAt;
      break;
    }
    counted += 1;
    while (today < days.length && dueAt >= (days[today]?.until ?? 0)) today += 1;
    if (today < days.length) perDay[today] = (perDay[today] ?? 0) + 1;
    if (counted % counting.breath === 0) await pause();
  }
  const mean = counted / Math.max(1, (countedUpTo - from) / DAY_MS);
  const frameBytes = options.frameSize?.meanBytes ?? ASSUMED_FRAME_BYTES;
  const amounts = (ofSlots: number) => ({
    slots: Math.round(ofSlots * 10) / 10,
    bytes: Math.round(ofSlots * frameBytes),
    filmMs: Math.round((ofSlots / fps) * 1000),
  });
  return {
    schedule,
    slots,
    slotsInFirstDay,
    slotsPerDay: days
      .map(({ day, until: ends }, index) => ({ day, slots: perDay[index] ?? 0, ends }))
      .filter(({ ends }) => countedUpTo >= Math.min(ends, schedule.endsAt ?? ends))
      .map(({ day, slots: many }) => ({ day, slots: many })),
    perDay: amounts(mean),
    perMonth: amounts(mean * MONTH_DAYS),
    frameSize: { bytes: frameBytes, frames: options.frameSize?.frames ?? 0 },
    fps,
    days: drawDays(schedule, { ...drawn, slots: drawnSlots, place: options.place }),
  };
}

const asksCron = ({ rhythm, overrides = [] }: Schedule): boolean =>
  rhythm.kind === 'cron' || overrides.some((one) => one.rhythm?.kind === 'cron');

/** The seven calendar days from the one that holds `at`, and when each begins and ends, ms. */
function calendarDays(timeZone: string, at: number): { day: string; from: number; until: number }[] {
  const first = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
  return Array.from({ length: DAYS }, (_, index) => {
    const day = first.add({ days: index });
    const begins = (of: Temporal.PlainDate) => of.toZonedDateTime(timeZone).epochMilliseconds;
    return { day: day.toString(), from: begins(day), until: begins(day.add({ days: 1 })) };
  });
}
