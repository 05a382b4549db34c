/** The shapes of the REST API about rules: what makes the films of a timelapse by itself. */
import { z } from 'zod';
import { videoInput } from './api-films.ts';
import { ruleId, timelapseId, videoId } from './ids.ts';
import { displayName, instant } from './primitives.ts';
import { rhythm } from './schedule.ts';

const MOST_FRAMES = 100_000_000;
const frameCount = z.int().min(2).max(MOST_FRAMES);

/** When a rule has something to do. Whoever asks by hand is always heard, whatever the kind. */
export const ruleTrigger = z.discriminatedUnion('kind', [
  /** Only by hand. */
  z.strictObject({ kind: z.literal('manual') }),
  /** When the timelapse has so many frames in the store: each threshold and each multiple once, however often it is passed. */
  z
    .strictObject({
      kind: z.literal('milestone'),
      at: z.array(frameCount).max(100).default([]),
      every: frameCount.nullable().default(null),
    })
    .refine(({ at, every }) => at.length > 0 || every !== null, {
      path: ['at'],
      message: 'must name a number of frames, or `every` must',
    }),
  /** At moments of a cron expression, in the time zone of the site. */
  z.strictObject({ kind: z.literal('scheduled'), expression: rhythm.options[1].shape.expression }),
  /** After new frames, at most once in so many minutes. */
  z.strictObject({ kind: z.literal('per-capture'), throttleMinutes: z.int().min(1).max(10_080).default(15) }),
]);
export type RuleTrigger = z.infer<typeof ruleTrigger>;

/** Which frames a rule's film shows: all so far, or those of the last whole day, week (from Monday) or month before the moment. */
export const ruleCovers = z.enum(['all', 'day', 'week', 'month']);
export type RuleCovers = z.infer<typeof ruleCovers>;

/** How the films look and which frames of the time that is covered they show: as of a film that is asked for by hand. */
export const ruleFilm = videoInput.omit({ timelapseId: true, name: true, from: true, to: true, grows: true });
export type RuleFilm = z.infer<typeof ruleFilm>;

const fields = {
  name: displayName,
  enabled: z.boolean(),
  when: ruleTrigger,
  covers: ruleCovers,
  /** `new`: a film each time; `grow`: always the same film, which is made anew and can be looked at meanwhile. */
  makes: z.enum(['new', 'grow']),
  film: ruleFilm,
};
export const ruleInput = z.strictObject({
  ...fields,
  enabled: fields.enabled.default(true),
  covers: fields.covers.default('all'),
  makes: fields.makes.default('new'),
  film: ruleFilm.prefault({}),
});
export type RuleInput = z.infer<typeof ruleInput>;
/** Only what is given changes. Another `when` counts from now on. */
export const ruleChange = z.strictObject(fields).partial();
export type RuleChange = z.infer<typeof ruleChange>;

export const ruleView = z.object({
  ...fields,
  id: ruleId,
  timelapseId,
  createdAt: instant,
  /** The next moment of a scheduled rule; null: it has none, or is switched off. */
  nextDueAt: instant.nullable(),
  /** The next milestone; null: it has none, or is switched off. */
  nextFrames: z.int().nullable(),
  /** The newest film that it made or let grow, as long as that is there. */
  videoId: videoId.nullable(),
  firedAt: instant.nullable(),
});
export type RuleView = z.infer<typeof ruleView>;

/** What came of a rule at one moment or milestone. */
export const ruleOccurrence = z.object({
  /** Counts up for each rule. */
  number: z.int(),
  /** Such as `frames:1000`, `due:1780300800000`, `hand:7`. */
  occurrence: z.string(),
  at: instant,
  outcome: z.enum(['made', 'skipped']),
  /** How many it stands for: earlier moments that fell due while nothing was running are told together. */
  count: z.int(),
  videoId: videoId.nullable(),
  reason: z.string().nullable(),
});
export type RuleOccurrence = z.infer<typeof ruleOccurrence>;
