/** What a schedule can say about when it is open: windows of the week, and windows that follow the sun. */
import { z } from 'zod';

export const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof weekday>;

const clockTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time such as 08:30');

/**
 * Open while the local clock shows a time from `from` (inclusive) to `to` (exclusive). Where `to` is not later than `from`,
 * it lies on the next day: 22:00 to 06:00 of a Friday ends on Saturday morning.
 */
export const weeklyWindow = z
  .strictObject({
    days: z.array(weekday).min(1, 'name at least one day').max(7),
    from: clockTime,
    to: z.union([clockTime, z.literal('24:00')], 'must be a time such as 18:00, or 24:00'),
  })
  .refine((value) => value.from !== value.to, {
    path: ['to'],
    message: 'must differ from the beginning; a whole day is 00:00 to 24:00',
  });
export type WeeklyWindow = z.infer<typeof weeklyWindow>;

/** Moments of the sun's day, in their order from one solar midnight to the next. */
export const SUN_EVENTS = [
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
] as const;
export const sunEvent = z.enum(SUN_EVENTS);
export type SunEvent = z.infer<typeof sunEvent>;

const sunEdge = z.strictObject({
  event: sunEvent,
  /** Added to the moment of the event, in minutes; negative: before it. */
  offsetMinutes: z.int().min(-720).max(720),
});
export type SunEdge = z.infer<typeof sunEdge>;

/** Open from `from` (inclusive) to `to` (exclusive); where `to` comes earlier in the sun's day, it is that of the next day. */
export const sunWindow = z
  .strictObject({ from: sunEdge, to: sunEdge })
  .refine((value) => value.from.event !== value.to.event || value.from.offsetMinutes !== value.to.offsetMinutes, {
    path: ['to'],
    message: 'must differ from the beginning',
  });
export type SunWindow = z.infer<typeof sunWindow>;

/** Where the sun is looked up for, in degrees, north and east positive. */
export const place = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});
export type Place = z.infer<typeof place>;
