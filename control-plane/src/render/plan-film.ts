/** What a film consists of. Pure: the same frames and wishes make the same pieces, on every machine. */
import { decideFilmSpeed, type FilmTitle, type VideoInput } from '@slowlight/protocol';
import type { FilmFrame, PlannedSegment } from '../ports-films.ts';
import { stepsAt } from './cross-fade.ts';
import { cutSegments } from './cut-segments.ts';
import { deflicker } from './deflicker.ts';
import type { Hardware } from './encoder-arguments.ts';
import { canvasOf, type Look, usualSize } from './film-plan.ts';
import type { FilmOverlay } from './overlay/film-overlay.ts';
import { addressOf, type SegmentRecipe } from './segment-recipe.ts';

export interface FilmPlan {
  look: Look;
  segments: PlannedSegment[];
}

/** What a title says where nobody wrote something else. */
export interface About {
  /** Of the timelapse. */
  name: string;
  timeZone: string;
}

/**
 * @param frames in the order in which they are shown; at least one
 * @param how `overlay`: what is drawn over them; null: nothing; `encoder`: nothing: software
 */
export function planFilm(
  frames: readonly FilmFrame[],
  input: VideoInput,
  { overlay = null, about, encoder }: { overlay?: FilmOverlay | null; about: About; encoder?: Hardware | undefined },
): FilmPlan {
  const look: Look = {
    canvas: canvasOf(usualSize(frames), input.heightPx, input.shape ?? 'source'),
    fit: input.fit ?? 'bars',
    codec: input.codec ?? 'h264',
    quality: input.quality,
    ...(encoder !== undefined && { encoder }),
  };
  const gains = deflicker(
    frames.map(({ brightness }) => brightness),
    input.deflicker ?? 0,
  );
  const share = input.crossFade ?? 0;
  const steps = stepsAt(decideFilmSpeed(frames.length, input).fps);
  /** The frame that a piece fades into at its end. */
  const nextOf = (index: number) => {
    const frame = frames[index];
    if (frame === undefined) return null;
    const { frameId, type, sizeBytes, sha256 } = frame;
    return { id: frameId, type, sizeBytes, sha256, gain: gains[index] ?? 1 };
  };
  const times = Float64Array.from(frames, ({ at }) => Math.max(0, at));
  const segments = cutSegments(times).map(({ from, to }) => {
    const recipe: SegmentRecipe = {
      way: 2,
      look,
      ...(overlay === null ? {} : { overlay: { ...overlay.layout, style: {} } }),
      ...(share > 0 && { fade: { share, steps, next: nextOf(to) } }),
      frames: frames.slice(from, to).map(({ frameId, type, sizeBytes, sha256, at }, index) => ({
        id: frameId,
        type,
        sizeBytes,
        sha256,
        gain: gains[from + index] ?? 1,
        ...(overlay === null
          ? {}
          : { overlay: overlay.of({ frameId, at }, { number: from + index + 1, of: frames.length }, look.canvas) }),
      })),
    };
    return { address: addressOf(recipe), recipe: JSON.stringify(recipe), frames: to - from };
  });
  return { look, segments: input.title ? [planTitle(input.title, look, { frames, about }), ...segments] : segments };
}

/** A title shows no frame of the film, so it counts none. */
function planTitle(
  title: FilmTitle,
  look: Look,
  { frames, about }: { frames: readonly FilmFrame[]; about: About },
): PlannedSegment {
  const [first] = frames;
  const ground =
    title.ground === 'plain' || first === undefined
      ? null
      : { id: first.frameId, type: first.type, sizeBytes: first.sizeBytes, sha256: first.sha256 };
  const lines = titleLines(title, { about, from: first?.at ?? 0, to: frames.at(-1)?.at ?? 0 });
  const recipe: SegmentRecipe = {
    way: 2,
    look,
    title: { drawing: 1, lines, seconds: title.seconds, ground },
    frames: [],
  };
  return { address: addressOf(recipe), recipe: JSON.stringify(recipe), frames: 0 };
}

/** @param of `from`, `to`: when the first and the last frame of the film were due, ms */
export function titleLines(
  { text, locale }: Pick<FilmTitle, 'text' | 'locale'>,
  { about, from, to }: { about: About; from: number; to: number },
): string[] {
  if (text !== null) return text.split('\n');
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: about.timeZone });
  return [about.name, days.formatRange(from, to)];
}
