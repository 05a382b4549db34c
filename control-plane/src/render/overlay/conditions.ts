/** Weather and wind in words. */
import type { WeatherCondition } from '@slowlight/protocol';

type Names = Record<WeatherCondition, string>;

const ENGLISH: Names = {
  clear: 'Clear',
  'mainly-clear': 'Mainly clear',
  'partly-cloudy': 'Partly cloudy',
  overcast: 'Overcast',
  fog: 'Fog',
  drizzle: 'Drizzle',
  rain: 'Rain',
  'freezing-rain': 'Freezing rain',
  snow: 'Snow',
  showers: 'Showers',
  'snow-showers': 'Snow showers',
  thunderstorm: 'Thunderstorm',
  hail: 'Hail',
};
const GERMAN: Names = {
  clear: 'Klar',
  'mainly-clear': 'Heiter',
  'partly-cloudy': 'Wolkig',
  overcast: 'Bedeckt',
  fog: 'Nebel',
  drizzle: 'Nieselregen',
  rain: 'Regen',
  'freezing-rain': 'Gefrierender Regen',
  snow: 'Schnee',
  showers: 'Schauer',
  'snow-showers': 'Schneeschauer',
  thunderstorm: 'Gewitter',
  hail: 'Hagel',
};
const POINTS = ['N', 'NNE', 'NE', 'ENE', 'E', 'ESE', 'SE', 'SSE', 'S', 'SSW', 'SW', 'WSW', 'W', 'WNW', 'NW', 'NNW'];

const isGerman = (locale: string) => /^de\b/i.test(locale);

/** Pure: a condition in words; languages other than German read English, unless `names` says it. */
export function conditionName(
  condition: WeatherCondition,
  { locale, names }: { locale: string; names: Partial<Record<WeatherCondition, string | undefined>> },
): string {
  return names[condition] ?? (isGerman(locale) ? GERMAN : ENGLISH)[condition];
}

/** Pure: the point of the compass nearest to a direction, one of 16. */
export function compassPoint(degrees: number, locale: string): string {
  const point = POINTS[Math.round(degrees / 22.5) % 16] ?? 'N';
  return isGerman(locale) ? point.replaceAll('E', 'O') : point;
}
