/** A film as its form holds it, and the way to what the API speaks. Pure. */
import type { FilmCodec, FilmFit, FilmShape, FilmTitle, RuleFilm, TimelapseId, VideoInput } from '@slowlight/protocol';
import { momentOfLocal } from '../moments/zone.ts';
import { words } from '../words.ts';

export interface FilmDraft {
  name: string;
  speed: 'fps' | 'length';
  fps: string;
  /** How long it is to be, s. */
  seconds: string;
  which: 'all' | 'between' | 'frames' | 'days';
  from: string;
  to: string;
  /** How many of the newest. */
  lastFrames: string;
  lastDays: string;
  hours: boolean;
  hoursFrom: string;
  hoursTo: string;
  daylight: boolean;
  evenLight: '' | 'hour' | 'day';
  everyNth: string;
  flagged: boolean;
  height: '1080' | '720' | '480' | '1440' | '2160' | 'source';
  shape: FilmShape;
  fit: FilmFit;
  quality: VideoInput['quality'];
  codec: FilmCodec;
  /** Percent, 0: not at all. */
  deflicker: string;
  /** Percent of a frame's time, 0: not at all. */
  crossFade: string;
  overlay: boolean;
  title: boolean;
  /** Empty: the name of the timelapse and the days of the film. */
  titleText: string;
  titleSeconds: string;
  titleGround: FilmTitle['ground'];
  grows: boolean;
}

export const newFilm = (): FilmDraft => ({
  name: '',
  speed: 'fps',
  fps: '24',
  seconds: '30',
  which: 'all',
  from: '',
  to: '',
  lastFrames: '500',
  lastDays: '7',
  hours: false,
  hoursFrom: '08:00',
  hoursTo: '18:00',
  daylight: false,
  evenLight: '',
  everyNth: '1',
  flagged: false,
  height: '1080',
  shape: 'source',
  fit: 'bars',
  quality: 'medium',
  codec: 'h264',
  deflicker: '0',
  crossFade: '0',
  overlay: false,
  title: false,
  titleText: '',
  titleSeconds: '3',
  titleGround: 'blurred',
  grows: false,
});

const numberOf = (text: string, least: number, most: number): number | null => {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) && value >= least && value <= most ? value : null;
};

/** How a film looks and which frames it shows, as a rule says it too; null while something that is needed is missing. */
export function filmOf(draft: FilmDraft): RuleFilm | null {
  const fps = numberOf(draft.fps, 1, 120);
  const seconds = numberOf(draft.seconds, 0.1, 86_400);
  const everyNth = numberOf(draft.everyNth, 1, 100_000);
  const deflicker = numberOf(draft.deflicker, 0, 100);
  const crossFade = numberOf(draft.crossFade, 0, 100);
  const last = lastOf(draft);
  const title = titleOf(draft);
  if (everyNth === null || deflicker === null || crossFade === null || last === undefined || title === undefined)
    return null;
  if (draft.speed === 'fps' ? fps === null : seconds === null) return null;
  if (draft.hours && (draft.hoursFrom === '' || draft.hoursTo === '')) return null;
  return {
    fps: fps ?? 24,
    ...(draft.speed === 'length' && seconds !== null ? { length: { seconds, minFps: 1, maxFps: 60 } } : {}),
    heightPx: draft.height === 'source' ? null : Number(draft.height),
    quality: draft.quality,
    flagged: draft.flagged,
    ...(last === null ? {} : { last }),
    ...(draft.hours
      ? { windows: [{ from: draft.hoursFrom, to: draft.hoursTo === '00:00' ? ('24:00' as const) : draft.hoursTo }] }
      : {}),
    ...(draft.daylight ? { daylight: true } : {}),
    ...(draft.evenLight === '' ? {} : { evenLight: draft.evenLight }),
    ...(everyNth > 1 ? { everyNth: Math.round(everyNth) } : {}),
    ...(draft.codec === 'h264' ? {} : { codec: draft.codec }),
    ...(draft.shape === 'source' ? {} : { shape: draft.shape, fit: draft.fit }),
    ...(deflicker > 0 ? { deflicker: deflicker / 100 } : {}),
    ...(crossFade > 0 ? { crossFade: crossFade / 100 } : {}),
    ...(draft.overlay ? { overlay: true } : {}),
    ...(title === null ? {} : { title }),
  };
}

/** null: none; undefined: asked for, and cannot be. */
function titleOf({ title, titleText, titleSeconds, titleGround }: FilmDraft): FilmTitle | null | undefined {
  if (!title) return null;
  const seconds = numberOf(titleSeconds, 1, 10);
  const lines = titleText.trim() === '' ? [] : titleText.trimEnd().split('\n');
  if (seconds === null || lines.length > 3) return undefined;
  return {
    text: lines.length === 0 ? null : lines.join('\n'),
    seconds: Math.round(seconds * 2) / 2,
    ground: titleGround,
    locale: words.locale,
  };
}

/** undefined: asked for, and not said. */
function lastOf({ which, lastFrames, lastDays }: FilmDraft): RuleFilm['last'] | undefined {
  if (which === 'frames') {
    const frames = numberOf(lastFrames, 2, 10_000_000);
    return frames === null ? undefined : { frames: Math.round(frames) };
  }
  if (which !== 'days') return null;
  const days = numberOf(lastDays, 0.01, 36_500);
  return days === null ? undefined : { days };
}

/** @param zone in which the moments are typed */
export function videoInputOf(draft: FilmDraft, timelapseId: TimelapseId, zone: string): VideoInput | null {
  const film = filmOf(draft);
  if (film === null) return null;
  const name = draft.name.trim();
  const between = draft.which === 'between';
  return {
    ...film,
    timelapseId,
    ...(name === '' ? {} : { name }),
    from: between ? momentOfLocal(draft.from, zone) : null,
    to: between ? momentOfLocal(draft.to, zone) : null,
    ...(draft.grows ? { grows: true } : {}),
  };
}

/** A film that was asked for once, to be asked for again or changed. */
export function draftOfFilm(film: RuleFilm): FilmDraft {
  const { last, windows, length, title } = film;
  const [hours] = windows ?? [];
  const heights = ['1080', '720', '480', '1440', '2160'] as const;
  const height = heights.find((one) => Number(one) === film.heightPx);
  return {
    ...newFilm(),
    speed: length ? 'length' : 'fps',
    fps: String(film.fps),
    ...(length ? { seconds: String(length.seconds) } : {}),
    ...(last ? ('frames' in last ? lastFramesDraft(last.frames) : lastDaysDraft(last.days)) : {}),
    ...(hours === undefined
      ? {}
      : { hours: true, hoursFrom: hours.from, hoursTo: hours.to === '24:00' ? '00:00' : hours.to }),
    daylight: film.daylight === true,
    evenLight: film.evenLight ?? '',
    everyNth: String(film.everyNth ?? 1),
    flagged: film.flagged,
    height: height ?? (film.heightPx === null ? 'source' : '1080'),
    shape: film.shape ?? 'source',
    fit: film.fit ?? 'bars',
    quality: film.quality,
    codec: film.codec ?? 'h264',
    deflicker: String(Math.round((film.deflicker ?? 0) * 100)),
    crossFade: String(Math.round((film.crossFade ?? 0) * 100)),
    overlay: film.overlay === true,
    ...(title
      ? {
          title: true,
          titleText: title.text ?? '',
          titleSeconds: String(title.seconds),
          titleGround: title.ground,
        }
      : {}),
  };
}

const lastFramesDraft = (frames: number) => ({ which: 'frames' as const, lastFrames: String(frames) });
const lastDaysDraft = (days: number) => ({ which: 'days' as const, lastDays: String(days) });
