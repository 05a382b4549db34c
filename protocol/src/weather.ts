/** What is known of the weather at a frame's place and moment. */
import { z } from 'zod';
import { instant } from './primitives.ts';
import { WEATHER_CONDITIONS } from './weather-codes.ts';

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

export const weatherCondition = z.enum(WEATHER_CONDITIONS);
