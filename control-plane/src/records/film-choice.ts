/** Which of the frames in question a film shows. Pure. */
import { isSunUp, type Place, type VideoInput } from '@slowlight/protocol';

/** A frame in question; those of a film stand in the order of `at`. */
export interface Candidate {
  at: number;
  brightness: number | null;
}

type Choice = Pick<VideoInput, 'last' | 'windows' | 'daylight' | 'evenLight' | 'everyNth'>;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** How many neighbours to each side decide what light is usual. */
const NEIGHBOURS = 2;

/** Whether a film chooses more than what can be asked of the records at once: state, flags, from, to. */
export const choosesMore = ({ last, windows, daylight, evenLight, everyNth }: Choice): boolean =>
  last != null || (windows?.length ?? 0) > 0 || daylight === true || evenLight != null || (everyNth ?? 1) > 1;

/**
 * In this order: the windows of the day, daylight, the last frames or days, even light, every nth.
 * @param where `timeZone`: in which windows, days and hours are read; `place`: where the sun is looked up
 */
export function chooseOf<Frame extends Candidate>(
  frames: readonly Frame[],
  { last, windows, daylight, evenLight, everyNth = 1 }: Choice,
  { timeZone, place }: { timeZone: string; place: Place | null },
): readonly Frame[] {
  const local = createLocalTime(timeZone);
  let chosen = frames;
  if (windows && windows.length > 0) chosen = chosen.filter(({ at }) => isInside(local(at).minute, windows));
  if (daylight && place !== null) chosen = chosen.filter(({ at }) => isSunUp(place, at));
  if (last) {
    if ('frames' in last) chosen = chosen.slice(-last.frames);
    else {
      const newest = chosen.at(-1)?.at ?? 0;
      chosen = chosen.filter(({ at }) => at > newest - last.days * DAY_MS);
    }
  }
  if (evenLight) chosen = evenlyLit(chosen, ({ at }) => (evenLight === 'day' ? local(at).day : local(at).hour));
  return everyNth > 1 ? chosen.filter((_, index) => index % everyNth === 0) : chosen;
}

function isInside(minute: number, windows: NonNullable<Choice['windows']>): boolean {
  return windows.some(({ from, to }) => {
    const [begins, ends] = [minuteOf(from), minuteOf(to)];
    return begins < ends ? minute >= begins && minute < ends : minute >= begins || minute < ends;
  });
}

function minuteOf(time: string): number {
  const [hour, minute] = time.split(':').map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

/**
 * Of each group the frame whose light lies nearest to what is usual around it: first to the median of its own group and the
 * neighbouring ones, then, once more, to the median of what was chosen of the neighbours.
 */
function evenlyLit<Frame extends Candidate>(frames: readonly Frame[], groupOf: (frame: Frame) => number): Frame[] {
  const groups: Frame[][] = [];
  let name: number | null = null;
  for (const frame of frames) {
    const next = groupOf(frame);
    if (next === name) groups.at(-1)?.push(frame);
    else groups.push([frame]);
    name = next;
  }
  const around = <Item>(items: readonly Item[], index: number) =>
    items.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1);
  const lights = groups.map((group) => medianOf(group.map(({ brightness }) => brightness)));
  const first = groups.map((group, index) => nearest(group, medianOf(around(lights, index))));
  return groups.flatMap((group, index) => {
    const target = medianOf(around(first, index).map((frame) => frame?.brightness ?? null));
    return nearest(group, target) ?? [];
  });
}

function nearest<Frame extends Candidate>(group: readonly Frame[], light: number | null): Frame | undefined {
  const middle = group[group.length >> 1];
  if (light === null) return middle;
  let best = middle;
  let bestMiss = Number.POSITIVE_INFINITY;
  for (const frame of group) {
    const miss = frame.brightness === null ? Number.POSITIVE_INFINITY : Math.abs(frame.brightness - light);
    if (miss < bestMiss) [best, bestMiss] = [frame, miss];
  }
  return best;
}

function medianOf(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}

/** The local time of moments that mostly lie near each other: the zone's offset is looked up once for a quarter of an hour. */
function createLocalTime(timeZone: string): (at: number) => { minute: number; hour: number; day: number } {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  // No zone has ever changed its offset in the middle of a quarter of an hour.
  const QUARTER_MS = 900_000;
  let quarter = Number.NaN;
  let offsetMs = 0;
  return (at) => {
    const now = Math.floor(at / QUARTER_MS);
    if (now !== quarter) {
      quarter = now;
      const parts = new Map(format.formatToParts(now * QUARTER_MS).map(({ type, value }) => [type, Number(value)]));
      const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
      const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
      offsetMs = wall - now * QUARTER_MS;
    }
    const wall = at + offsetMs;
    const day = Math.floor(wall / DAY_MS);
    return { day, hour: Math.floor(wall / HOUR_MS), minute: Math.floor((wall - day * DAY_MS) / 60_000) };
  };
}
