/** Days as a calendar of weeks, each week from Monday to Sunday. Pure. */
import { type Day, shiftDay } from '../moments/zone.ts';

export interface Week {
  /** Its Monday. */
  monday: Day;
  /** Seven; null: before the first or after the last day. */
  days: (Day | null)[];
}
export interface Month {
  /** Such as `2026-06`. */
  month: string;
  weeks: Week[];
}

/** 0: Monday. */
export const weekdayOf = (day: Day): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** The months from the one of `first` to that of `last`, newest first; days outside of the two are null. */
export function monthsBetween(first: Day, last: Day): Month[] {
  const months: Month[] = [];
  if (first > last) return months;
  let month = first.slice(0, 7);
  while (month <= last.slice(0, 7)) {
    months.unshift({ month, weeks: weeksOf(month, first, last) });
    month = nextMonth(month);
  }
  return months;
}

function weeksOf(month: string, first: Day, last: Day): Week[] {
  const weeks: Week[] = [];
  for (
    let monday = shiftDay(`${month}-01`, -weekdayOf(`${month}-01`));
    monday.slice(0, 7) <= month;
    monday = shiftDay(monday, 7)
  ) {
    const days = Array.from({ length: 7 }, (_, index) => shiftDay(monday, index)).map((day) =>
      day.slice(0, 7) === month && day >= first && day <= last ? day : null,
    );
    if (days.some((day) => day !== null)) weeks.push({ monday, days });
  }
  return weeks;
}

function nextMonth(month: string): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}

export type Heat = 'full' | 'most' | 'half' | 'little' | 'none' | 'empty';

/** How well a day is covered, in five steps that can be told apart without colour; `empty`: nothing was planned. */
export function heatOf(day: { planned: number; covered: number | null } | undefined): Heat {
  if (day === undefined || day.planned === 0 || day.covered === null) return 'empty';
  if (day.covered >= 0.995) return 'full';
  if (day.covered >= 0.9) return 'most';
  if (day.covered >= 0.5) return 'half';
  return day.covered > 0 ? 'little' : 'none';
}
