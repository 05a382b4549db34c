/** What can be chosen about a film: its speed, its pictures, its look. The speed is computed here, for both sides alike. */
import { z } from 'zod';
import { locale } from './overlay-patterns.ts';

const clockTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be a time such as 08:30');

/** As long as this, at a speed between these bounds (pictures a second). */
export const filmLength = z
  .strictObject({
    seconds: z.number().min(0.1).max(86_400),
    minFps: z.number().min(1).max(60).default(1),
    maxFps: z.number().min(1).max(60).default(60),
  })
  .refine((value) => value.minFps <= value.maxFps, { path: ['maxFps'], message: 'must not be less than minFps' });
export type FilmLength = z.infer<typeof filmLength>;

export const filmCodec = z.enum(['h264', 'h265', 'av1']);
export type FilmCodec = z.infer<typeof filmCodec>;
/** What encodes a film: a program, or hardware as ffmpeg reaches it. */
export const filmEncoder = z.enum(['software', 'vaapi', 'qsv', 'nvenc', 'v4l2m2m']);
export type FilmEncoder = z.infer<typeof filmEncoder>;
/** `source`: as the pictures are; else 16:9, 1:1, 9:16. */
export const filmShape = z.enum(['source', 'landscape', 'square', 'portrait']);
export type FilmShape = z.infer<typeof filmShape>;
/** How a picture of another shape goes into the film: whole, with black or blurred bars, or filling it, cut at its edges. */
export const filmFit = z.enum(['bars', 'blurred', 'fill']);
export type FilmFit = z.infer<typeof filmFit>;

/** What a film's speed is decided from; a length goes before a fixed speed. */
export const filmSpeed = {
  /** Pictures a second of film. */
  fps: z.number().min(1).max(120).default(24),
  /** Nothing: the fixed speed holds. */
  length: filmLength.nullable().optional(),
  /** A film at a fixed speed that would be shorter or longer is made slower or faster. */
  minSeconds: z.number().min(0.1).max(86_400).nullable().optional(),
  maxSeconds: z.number().min(0.1).max(86_400).nullable().optional(),
};

/** Which of the frames a film shows; what is left out chooses nothing away. */
export const filmChoice = {
  /** The newest so many, or those of the last days before the newest. */
  last: z
    .union([
      z.strictObject({ frames: z.int().min(2).max(10_000_000) }),
      z.strictObject({ days: z.number().min(0.01).max(36_500) }),
    ])
    .nullable()
    .optional(),
  /** Only these times of the day, in the time zone of the timelapse; until the next day where `to` is not later. */
  windows: z
    .array(z.strictObject({ from: clockTime, to: z.union([clockTime, z.literal('24:00')]) }))
    .max(24)
    .optional(),
  /** Only between sunrise and sunset at the site. */
  daylight: z.boolean().optional(),
  /** One frame of each day or hour: the one whose light is most like its neighbours'. */
  evenLight: z.enum(['day', 'hour']).nullable().optional(),
  /** Of what is left every nth, from the first on. */
  everyNth: z.int().min(1).max(100_000).optional(),
};

export const filmLook = {
  codec: filmCodec.optional(),
  shape: filmShape.optional(),
  fit: filmFit.optional(),
  /** How much of the flicker of the light is taken out, 0 (nothing) to 1. */
  deflicker: z.number().min(0).max(1).optional(),
  /** For how much of its time on screen a picture fades into the next one, 0 (not at all) to 1 (all of it). */
  crossFade: z.number().min(0).max(1).optional(),
  /** Whether what the timelapse shows over its frames is drawn over the film's. */
  overlay: z.boolean().optional(),
};

const MOST_TITLE_LINES = 3;
const titleLine = /^[^\p{Cc}\p{Cs}]{0,80}$/u;

/** A card that stands before the first picture. Its time is its own: another speed of the film does not change it. */
export const filmTitle = z.strictObject({
  text: z
    .string()
    .max(250)
    .refine((text) => text.trim() !== '', 'must not be empty')
    .refine((text) => text.split('\n').length <= MOST_TITLE_LINES, `has more than ${MOST_TITLE_LINES} lines`)
    .refine(
      (text) => text.split('\n').every((line) => titleLine.test(line)),
      'has a line of more than 80 characters, or a character that cannot be shown',
    )
    .nullable()
    .default(null)
    .describe('Up to three lines; null: the name of the timelapse and the days that the film covers'),
  seconds: z.number().min(1).max(10).multipleOf(0.5).default(3).describe('How long it stands, whatever the speed'),
  ground: z
    .enum(['plain', 'blurred'])
    .default('plain')
    .describe('What is behind the letters: one dark colour, or the first picture of the film, blurred'),
  locale: locale.default('en').describe('In which language the days are written where the text is null'),
});
export type FilmTitle = z.infer<typeof filmTitle>;

export interface FilmSpeed {
  fps: number;
  durationMs: number;
  /** Why the film is not as fast or as long as was asked; null: it is. */
  reason: string | null;
}

const LEAST_FPS = 1;
const MOST_FPS = 120;

/**
 * The speed of a film of so many frames, to a thousandth of a picture a second. A length that is asked for is that of the
 * whole film, its title among it.
 * @param frames at least 1
 */
export function decideFilmSpeed(
  frames: number,
  asked: {
    fps: number;
    length?: FilmLength | null | undefined;
    minSeconds?: number | null | undefined;
    maxSeconds?: number | null | undefined;
    title?: Pick<FilmTitle, 'seconds'> | null | undefined;
  },
): FilmSpeed {
  const { length } = asked;
  const before = asked.title?.seconds ?? 0;
  const speed = (fps: number, reason: string | null): FilmSpeed => ({
    fps,
    durationMs: Math.round((frames / fps + before) * 1000),
    reason,
  });
  /** Pictures a second that bring all of them into so many seconds; a title may leave no time for them. */
  const exactly = (seconds: number) => frames / Math.max(Number.MIN_VALUE, seconds - before);
  if (length) {
    const exact = exactly(length.seconds);
    const fps = thousandth(Math.min(length.maxFps, Math.max(length.minFps, exact)));
    const bound = exact > length.maxFps ? `${length.maxFps} pictures a second at most` : `${length.minFps} at least`;
    const kept = exact >= length.minFps && exact <= length.maxFps;
    return speed(fps, kept ? null : `${say(frames / fps + before)} s instead of ${say(length.seconds)} s: ${bound}`);
  }
  const atSpeed = frames / asked.fps + before;
  const { minSeconds, maxSeconds } = asked;
  const wanted =
    maxSeconds && atSpeed > maxSeconds ? maxSeconds : minSeconds && atSpeed < minSeconds ? minSeconds : null;
  if (wanted === null) return speed(thousandth(asked.fps), null);
  const fps = thousandth(Math.min(MOST_FPS, Math.max(LEAST_FPS, exactly(wanted))));
  const bound = atSpeed > wanted ? `longer than ${say(wanted)} s` : `shorter than ${say(wanted)} s`;
  return speed(
    fps,
    `${say(fps)} pictures a second instead of ${say(asked.fps)}: the film would be ${bound} (${say(atSpeed)} s)`,
  );
}

const thousandth = (fps: number) => Math.round(fps * 1000) / 1000;
const say = (value: number) => String(Math.round(value * 100) / 100);
