/** What is known of the weather at a frame's place and moment. */
import { z } from 'zod';
import { instant } from './primitives.ts';

export const weatherFacts = z.strictObject({
  temperatureCelsius: z.number().min(-120).max(80).nullable(),
  /** Present weather as in WMO table 4677, 0 to 99, as weather services give it (0 clear … 95 thunderstorm). */
  conditions: z.int().min(0).max(99).nullable(),
  windMs: z.number().min(0).max(200).nullable(),
  /** Where the wind comes from: 0 north, 90 east. */
  windDirectionDegrees: z.number().min(0).max(360).nullable(),
  cloudPercent: z.number().min(0).max(100).nullable(),
});
export type WeatherFacts = z.infer<typeof weatherFacts>;

/** What was read of a place for an hour; it is in force from the begin of that hour, by UTC, to its end. */
export const weatherReading = z.strictObject({ hour: instant, facts: weatherFacts });
export type WeatherReading = z.infer<typeof weatherReading>;

const HOUR_MS = 3_600_000;
/** Pure: the hour whose reading is in force at a moment, ms. */
export const weatherHourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** The conditions that are told apart in words and icons. */
export const weatherCondition = z.enum([
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
]);
export type WeatherCondition = z.infer<typeof weatherCondition>;

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
