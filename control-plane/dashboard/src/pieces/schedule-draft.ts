/** A schedule while it is being written, as its fields hold it. Pure. */
import type { Override, Rhythm, Schedule, ScheduleInput, SunEvent, SunWindow, Weekday } from '@slowlight/protocol';
import { localOf, momentOfLocal } from '../moments/zone.ts';
import { type IntervalUnit, joinInterval, splitInterval } from './schedule-words.ts';

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const SUN_CHOICES: readonly SunEvent[] = [
  'night-end',
  'nautical-dawn',
  'dawn',
  'sunrise',
  'sunrise-end',
  'golden-hour-end',
  'solar-noon',
  'golden-hour',
  'sunset-start',
  'sunset',
  'dusk',
  'nautical-dusk',
  'night',
];

/** `key` tells rows apart while they are added and removed. */
export interface HoursDraft {
  key: string;
  days: Weekday[];
  from: string;
  /** 00:00 is the midnight at the end of the day. */
  to: string;
}
export interface SunDraft {
  key: string;
  fromEvent: SunEvent;
  /** Minutes, as typed. */
  fromOffset: string;
  toEvent: SunEvent;
  toOffset: string;
}
export interface OverrideDraft {
  key: string;
  label: string;
  from: string;
  until: string;
  kind: 'nothing' | 'interval' | 'cron';
  amount: string;
  unit: IntervalUnit;
  cron: string;
}
export interface ScheduleDraft {
  kind: 'interval' | 'cron';
  amount: string;
  unit: IntervalUnit;
  cron: string;
  hours: HoursDraft[];
  sun: SunDraft[];
  overrides: OverrideDraft[];
  startsAt: string;
  stop: 'never' | 'at' | 'days';
  endsAt: string;
  days: string;
}

let rows = 0;
function newKey(): string {
  rows += 1;
  return `row-${rows}`;
}

export const newHours = (): HoursDraft => ({
  key: newKey(),
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '18:00',
});
export const newSun = (): SunDraft => ({
  key: newKey(),
  fromEvent: 'sunrise',
  fromOffset: '0',
  toEvent: 'sunset',
  toOffset: '0',
});
export const newOverride = (): OverrideDraft => ({
  key: newKey(),
  label: '',
  from: '',
  until: '',
  kind: 'nothing',
  amount: '1',
  unit: 'min',
  cron: '*/5 * * * *',
});
export const newSchedule = (): ScheduleDraft => ({
  kind: 'interval',
  amount: '5',
  unit: 'min',
  cron: '0 8-18 * * *',
  hours: [],
  sun: [],
  overrides: [],
  startsAt: '',
  stop: 'never',
  endsAt: '',
  days: '30',
});

export function draftOf(schedule: Schedule, zone: string): ScheduleDraft {
  const { rhythm, startsAt, endsAt, endsAfterDays, windows = [], sunWindows = [], overrides = [] } = schedule;
  const local = (at: number | null) => (at === null ? '' : localOf(at, zone));
  return {
    ...newSchedule(),
    ...rhythmFields(rhythm),
    hours: windows.map(({ days, from, to }) => ({ key: newKey(), days, from, to: to === '24:00' ? '00:00' : to })),
    sun: sunWindows.map(({ from, to }) => ({
      key: newKey(),
      fromEvent: from.event,
      fromOffset: String(from.offsetMinutes),
      toEvent: to.event,
      toOffset: String(to.offsetMinutes),
    })),
    overrides: overrides.map((one) => ({
      ...newOverride(),
      ...(one.rhythm === null ? {} : rhythmFields(one.rhythm)),
      label: one.label,
      from: local(one.from),
      until: local(one.until),
    })),
    startsAt: local(startsAt),
    stop: endsAfterDays !== undefined ? 'days' : endsAt === null ? 'never' : 'at',
    endsAt: local(endsAt),
    ...(endsAfterDays === undefined ? {} : { days: String(endsAfterDays) }),
  };
}

function rhythmFields(rhythm: Rhythm) {
  if (rhythm.kind === 'cron') return { kind: 'cron' as const, cron: rhythm.expression };
  const { amount, unit } = splitInterval(rhythm.everyMs);
  return { kind: 'interval' as const, amount: String(amount), unit };
}

/** null while something that is needed is missing. */
export function scheduleOf(draft: ScheduleDraft, zone: string): ScheduleInput | null {
  const rhythm = rhythmOf(draft);
  const overrides = draft.overrides.map((one) => overrideOf(one, zone));
  const sunWindows = draft.sun.map(sunWindowOf);
  const days = draft.stop === 'days' ? wholeNumber(draft.days) : undefined;
  const hoursMiss = draft.hours.some(({ days: on, from, to }) => on.length === 0 || from === '' || to === '');
  if (rhythm === null || days === null || hoursMiss || overrides.includes(null) || sunWindows.includes(null))
    return null;
  return {
    rhythm,
    timeZone: zone,
    startsAt: momentOfLocal(draft.startsAt, zone),
    endsAt: draft.stop === 'at' ? momentOfLocal(draft.endsAt, zone) : null,
    ...(days === undefined ? {} : { endsAfterDays: days }),
    ...(draft.hours.length === 0 ? {} : { windows: draft.hours.map(windowOf) }),
    ...(sunWindows.length === 0 ? {} : { sunWindows: sunWindows.filter((one) => one !== null) }),
    ...(overrides.length === 0 ? {} : { overrides: overrides.filter((one) => one !== null) }),
  };
}

function rhythmOf({ kind, amount, unit, cron }: Pick<ScheduleDraft, 'kind' | 'amount' | 'unit' | 'cron'>) {
  if (kind === 'cron') return cron.trim() === '' ? null : { kind, expression: cron.trim() };
  const everyMs = joinInterval(amount, unit);
  return everyMs === null ? null : { kind, everyMs };
}

const windowOf = ({ days, from, to }: HoursDraft) => ({ days, from, to: to === '00:00' ? '24:00' : to });

function sunWindowOf({ fromEvent, fromOffset, toEvent, toOffset }: SunDraft): SunWindow | null {
  const [before, after] = [wholeNumber(fromOffset), wholeNumber(toOffset)];
  if (before === null || after === null) return null;
  return { from: { event: fromEvent, offsetMinutes: before }, to: { event: toEvent, offsetMinutes: after } };
}

function overrideOf(draft: OverrideDraft, zone: string): Override | null {
  const [from, until] = [momentOfLocal(draft.from, zone), momentOfLocal(draft.until, zone)];
  const { kind, label } = draft;
  const rhythm = kind === 'nothing' ? null : rhythmOf({ ...draft, kind });
  if (from === null || until === null || label.trim() === '' || (kind !== 'nothing' && rhythm === null)) return null;
  return { from, until, rhythm, label: label.trim() };
}

function wholeNumber(text: string): number | null {
  return /^-?\d+$/.test(text.trim()) ? Number(text) : null;
}
