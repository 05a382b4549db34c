/** What the codes of the weather mean. Without schemas: pages need only this. */

/** The conditions that are told apart in words and icons. */
export const WEATHER_CONDITIONS = [
  'clear',
  'mainly-clear',
  'partly-cloudy',
  'overcast',
  'fog',
  'drizzle',
  'rain',
  'freezing-rain',
  'snow',
  'showers',
  'snow-showers',
  'thunderstorm',
  'hail',
] as const;
export type WeatherCondition = (typeof WEATHER_CONDITIONS)[number];

/** Pure: the condition that a WMO code means; null for codes that say nothing of it (such as smoke, or a past shower). */
export function conditionOf(code: number): WeatherCondition | null {
  if (code === 0) return 'clear';
  if (code === 1) return 'mainly-clear';
  if (code === 2) return 'partly-cloudy';
  if (code === 3) return 'overcast';
  if (code >= 40 && code <= 49) return 'fog';
  if (code === 56 || code === 57 || code === 66 || code === 67) return 'freezing-rain';
  if (code >= 50 && code <= 59) return 'drizzle';
  if (code >= 60 && code <= 65) return 'rain';
  if (code >= 68 && code <= 79) return 'snow';
  if (code >= 80 && code <= 82) return 'showers';
  if (code >= 83 && code <= 86) return 'snow-showers';
  if (code >= 87 && code <= 90) return 'hail';
  if (code === 96 || code === 99) return 'hail';
  if (code >= 91 && code <= 98) return 'thunderstorm';
  return null;
}
