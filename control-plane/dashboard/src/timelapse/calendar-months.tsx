/** The heat map: one table a month, newest first; the arrow keys go from day to day, as in any calendar. */
import type { CalendarView } from '@slowlight/protocol';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { sayDay, sayMonth, sayNumber, sayPart } from '../moments/say.ts';
import { type Day, shiftDay } from '../moments/zone.ts';
import { WEEKDAYS } from '../pieces/schedule-draft.ts';
import { words } from '../words.ts';
import { type Heat, heatOf, monthsBetween } from './calendar-weeks.ts';

type Days = CalendarView['days'];
interface Props {
  first: Day;
  last: Day;
  days: Days;
  chosen: Day;
  onPick: (day: Day) => void;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const LEGEND: readonly Heat[] = ['full', 'most', 'half', 'little', 'none', 'empty'];

export function CalendarMonths({ first, last, days, chosen, onPick }: Props) {
  const box = useRef<HTMLFieldSetElement>(null);
  const moved = useRef(false);
  const byDate = new Map(days.map((day) => [day.date, day]));
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    box.current?.querySelector<HTMLElement>(`[data-day="${chosen}"]`)?.focus();
  }, [chosen]);
  const step = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    const next =
      by !== undefined ? shiftDay(chosen, by) : event.key === 'Home' ? first : event.key === 'End' ? last : null;
    if (next === null || next < first || next > last) return;
    event.preventDefault();
    moved.current = true;
    onPick(next);
  };
  return (
    <>
      <fieldset ref={box} className="months" onKeyDown={step} aria-label={words.calendar.title}>
        {monthsBetween(first, last).map(({ month, weeks }) => (
          <table key={month} className="month">
            <caption>{sayMonth(month)}</caption>
            <thead>
              <tr>
                {WEEKDAYS.map((day) => (
                  <th key={day} scope="col" abbr={words.schedule.weekdays[day].long}>
                    {words.schedule.weekdays[day].short.slice(0, 2)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {weeks.map((week) => (
                <tr key={week.monday}>
                  {week.days.map((day, index) => (
                    // A week has its seven places in a fixed order.
                    // biome-ignore lint/suspicious/noArrayIndexKey: see above
                    <td key={index}>
                      {day !== null && (
                        <DayCell day={day} of={byDate.get(day)} chosen={day === chosen} onPick={onPick} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </fieldset>
      <ul className="heat-legend small muted">
        {LEGEND.map((heat) => (
          <li key={heat}>
            <span className={`heat heat-${heat}`} aria-hidden="true" />
            {words.calendar.heats[heat]}
          </li>
        ))}
      </ul>
    </>
  );
}

function DayCell({
  day,
  of,
  chosen,
  onPick,
}: {
  day: Day;
  of: Days[number] | undefined;
  chosen: boolean;
  onPick: (day: Day) => void;
}) {
  const heat = heatOf(of);
  const says =
    of === undefined || of.covered === null
      ? words.calendar.heats.empty
      : words.calendar.day(sayPart(of.covered), sayNumber(of.planned));
  return (
    <button
      type="button"
      className={`heat heat-${heat}`}
      data-day={day}
      aria-pressed={chosen}
      aria-label={`${sayDay(day, true)}: ${says}`}
      title={`${sayDay(day)}: ${says}`}
      tabIndex={chosen ? 0 : -1}
      onClick={() => onPick(day)}
    >
      {Number(day.slice(8))}
    </button>
  );
}
