/** The first days of a schedule as they can be drawn: when it is open, which slots lie there, how high the sun stands. Pure. */
import {
  type OpenTime,
  openTimes,
  overridesFrom,
  type Place,
  type Schedule,
  type SchedulePreview,
  sunElevation,
  sunEventsIn,
} from '@slowlight/protocol';

/** More lines than that cannot be told apart. */
export const MOST_DRAWN_SLOTS = 400;
const SUN_STEP_MS = 30 * 60_000;
const SUN_EVENTS = ['dawn', 'sunrise', 'sunset', 'dusk'] as const;

interface Drawn {
  from: number;
  until: number;
  /** Those in it, ascending; one more than can be drawn: there are too many. */
  slots: readonly number[];
  place: Place | null;
}

export function drawDays(schedule: Schedule, { from, until, slots, place }: Drawn): SchedulePreview['days'] {
  const begins = Math.max(from, schedule.startsAt ?? from);
  const ends = Math.min(until, schedule.endsAt ?? until);
  return {
    from,
    until,
    open: begins < ends ? openWithOverrides(schedule, begins, ends) : [],
    slots: slots.length > MOST_DRAWN_SLOTS ? null : [...slots],
    sun: place === null ? null : sunOf(place, from, until),
  };
}

/** The windows, but for where an override holds: there it is open when the override has a rhythm. */
function openWithOverrides(schedule: Schedule, from: number, until: number): OpenTime[] {
  const pieces: OpenTime[] = [];
  let at = from;
  for (const one of overridesFrom(schedule, from)) {
    const [begins, ends] = [Math.max(at, Math.min(one.from, until)), Math.min(one.until, until)];
    pieces.push(...openTimes(schedule, at, begins));
    if (one.rhythm !== null && begins < ends) pieces.push({ from: begins, until: ends });
    at = Math.max(at, ends);
  }
  pieces.push(...openTimes(schedule, at, until));
  return joined(pieces);
}

/** Pieces that touch become one. */
function joined(pieces: readonly OpenTime[]): OpenTime[] {
  const whole: OpenTime[] = [];
  for (const piece of pieces) {
    const before = whole.at(-1);
    if (before !== undefined && before.until === piece.from) before.until = piece.until;
    else whole.push({ ...piece });
  }
  return whole;
}

function sunOf(place: Place, from: number, until: number): SchedulePreview['days']['sun'] {
  const count = Math.floor((until - from) / SUN_STEP_MS) + 1;
  const elevations = Array.from(
    { length: count },
    (_, index) => Math.round(sunElevation(place, from + index * SUN_STEP_MS) * 100) / 100,
  );
  return { stepMs: SUN_STEP_MS, elevations, events: sunEventsIn(place, { from, until }, SUN_EVENTS) };
}
