/** The sun's way over two days as a drawing 1000 wide, with the horizon at 0 and the zenith at −90. Pure. */
import type { SchedulePreview } from '@slowlight/protocol';
import { localOf } from '../moments/zone.ts';

type Days = SchedulePreview['days'];

/** @param as `area`: what lies over the horizon, closed; `line`: all of it. @param spanMs from the first to the end */
export function curvePath(sun: NonNullable<Days['sun']>, spanMs: number, as: 'area' | 'line'): string {
  const x = (index: number) => Math.round(((index * sun.stepMs) / spanMs) * 100_000) / 100;
  const points = sun.elevations.map((elevation, index) => {
    const up = as === 'area' ? Math.max(0, elevation) : elevation;
    return `${x(index)} ${Math.round(-up * 100) / 100}`;
  });
  if (points.length === 0) return '';
  if (as === 'line') return `M${points.join('L')}`;
  return `M0 0L${points.join('L')}L${x(points.length - 1)} 0Z`;
}

const HOUR_MS = 3_600_000;
const EVERY_HOURS = 6;

/** Where the drawing says what time it is: every sixth hour on the wall, the end left out. */
export function ticksOf(
  { from, until }: Pick<Days, 'from' | 'until'>,
  zone: string,
): { at: number; isMidnight: boolean }[] {
  const ticks: { at: number; isMidnight: boolean }[] = [];
  for (let at = from; at < until; at += HOUR_MS) {
    const hour = Number(localOf(at, zone).slice(11, 13));
    if (hour % EVERY_HOURS === 0 && (ticks.at(-1)?.at ?? 0) + HOUR_MS < at) ticks.push({ at, isMidnight: hour === 0 });
  }
  return ticks;
}
