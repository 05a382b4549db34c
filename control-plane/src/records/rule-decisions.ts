/** What a rule has to do. Pure. */
import { type RuleCovers, type RuleTrigger, type RuleView, type SlotSource, slotsFrom } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';

export interface RuleState {
  /** Moments up to here have been looked at, ms. */
  seenAt: number;
  seenFrames: number;
  firedAt: number | null;
}

/** What the records know of its timelapse. */
export interface RuleWorld {
  now: number;
  /** In the store. */
  frames: number;
  /** Of the site. */
  timeZone: string;
}

export interface DueOccurrence {
  /** The same for the same occurrence, for ever; another one has another. */
  occurrence: string;
  /** The moment that it stands for. */
  at: number;
  /** The milestone; null: it is none. */
  milestone: number | null;
  /** Earlier ones that this one stands for, and that make no film. */
  passed: { first: string; count: number } | null;
}

/** `nothing-new`: a moment has come, and there is no frame that the film before does not show. */
export type RuleDecision =
  | { kind: 'nothing' }
  | { kind: 'nothing-new' }
  | { kind: 'due'; due: DueOccurrence; after: RuleState };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Where the newest moment is looked for, back from now: near at first, so that a short rhythm costs no long list. */
const LOOK_BACK_MS = [3_600_000, DAY_MS, 32 * DAY_MS, 370 * DAY_MS, Number.POSITIVE_INFINITY];
/** More moments than this that fell due while nothing was running are not counted out. */
const MOST_COUNTED = 1000;

export function decideRule(
  when: RuleTrigger,
  makes: RuleView['makes'],
  state: RuleState,
  world: RuleWorld,
): RuleDecision {
  switch (when.kind) {
    case 'manual':
      return { kind: 'nothing' };
    case 'milestone':
      return decideMilestone(when, makes, state, world);
    case 'scheduled':
      return decideScheduled(when, state, world);
    case 'per-capture': {
      const { now, frames } = world;
      const rests = state.firedAt !== null && now - state.firedAt < when.throttleMinutes * MINUTE_MS;
      if (rests || frames === 0 || frames === state.seenFrames) return { kind: 'nothing' };
      const due = { occurrence: `frames:${frames}@${now}`, at: now, milestone: null, passed: null };
      return { kind: 'due', due, after: { seenAt: now, seenFrames: frames, firedAt: now } };
    }
  }
}

/** The smallest milestone above so many frames; null: there is none. */
export function nextMilestone(when: RuleTrigger, frames: number): number | null {
  if (when.kind !== 'milestone') return null;
  const { at, every } = when;
  const above = at.filter((threshold) => threshold > frames);
  if (every !== null) above.push((Math.floor(Math.max(0, frames) / every) + 1) * every);
  return above.length === 0 ? null : Math.min(...above);
}

/** One after the other, so that each has its film; where one film grows, the highest stands for those below it. */
function decideMilestone(
  when: RuleTrigger,
  makes: RuleView['makes'],
  state: RuleState,
  { now, frames }: RuleWorld,
): RuleDecision {
  const first = nextMilestone(when, state.seenFrames);
  if (first === null || first > frames) return { kind: 'nothing' };
  let [milestone, passed] = [first, 0];
  if (makes === 'grow')
    for (let next = nextMilestone(when, milestone); next !== null && next <= frames; passed += 1) {
      milestone = next;
      next = nextMilestone(when, milestone);
    }
  const due: DueOccurrence = {
    occurrence: `frames:${milestone}`,
    at: now,
    milestone,
    passed: passed === 0 ? null : { first: `frames:${first}`, count: passed },
  };
  return { kind: 'due', due, after: { seenAt: now, seenFrames: milestone, firedAt: now } };
}

/** The newest moment makes its film; earlier ones, which fell due while nothing was running, are passed over and said. */
function decideScheduled(
  when: Extract<RuleTrigger, { kind: 'scheduled' }>,
  state: RuleState,
  { now, frames, timeZone }: RuleWorld,
): RuleDecision {
  const moments = momentsOf(when, timeZone);
  const at = newestMoment(moments, state.seenAt, now);
  if (at === null) return { kind: 'nothing' };
  if (frames === state.seenFrames) return { kind: 'nothing-new' };
  let count = 0;
  let first: number | null = null;
  for (const moment of slotsFrom(moments, state.seenAt + 1)) {
    if (moment >= at || count === MOST_COUNTED) break;
    first ??= moment;
    count += 1;
  }
  const due: DueOccurrence = {
    occurrence: `due:${at}`,
    at,
    milestone: null,
    passed: first === null ? null : { first: `due:${first}`, count },
  };
  return { kind: 'due', due, after: { seenAt: now, seenFrames: frames, firedAt: now } };
}

/** The first moment of a scheduled rule after another, ms; null: there is none. */
export function nextMoment(when: RuleTrigger, timeZone: string, after: number): number | null {
  if (when.kind !== 'scheduled') return null;
  for (const moment of slotsFrom(momentsOf(when, timeZone), after + 1)) return moment;
  return null;
}

function momentsOf({ expression }: Extract<RuleTrigger, { kind: 'scheduled' }>, timeZone: string): SlotSource {
  const schedule = { rhythm: { kind: 'cron', expression } as const, timeZone, startsAt: null, endsAt: null };
  return { schedule, from: 0, until: null, firstAtOnce: false };
}

function newestMoment(moments: SlotSource, after: number, now: number): number | null {
  for (const back of LOOK_BACK_MS) {
    const from = Math.max(after, now - back);
    let newest: number | null = null;
    for (const moment of slotsFrom(moments, from + 1)) {
      if (moment > now) break;
      newest = moment;
    }
    if (newest !== null || from === after) return newest;
  }
  return null;
}

/** The time that a film of a rule shows: from inclusive, to exclusive; null: without end. Days are those of the time zone. */
export function coveredTime(
  covers: RuleCovers,
  at: number,
  timeZone: string,
): { from: number | null; to: number | null } {
  if (covers === 'all') return { from: null, to: null };
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).startOfDay();
  const to =
    covers === 'day'
      ? today
      : covers === 'week'
        ? today.subtract({ days: today.dayOfWeek - 1 }).startOfDay()
        : today.with({ day: 1 }).startOfDay();
  const from = to.subtract(covers === 'day' ? { days: 1 } : covers === 'week' ? { days: 7 } : { months: 1 });
  return { from: from.startOfDay().epochMilliseconds, to: to.epochMilliseconds };
}
