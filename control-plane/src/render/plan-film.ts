/** What a film consists of. Pure: the same frames and wishes make the same pieces, on every machine. */
import type { VideoInput } from '@slowlight/protocol';
import type { FilmFrame, PlannedSegment } from '../ports-films.ts';
import { cutSegments } from './cut-segments.ts';
import { deflicker } from './deflicker.ts';
import { canvasOf, type Look, usualSize } from './film-plan.ts';
import type { FilmOverlay } from './overlay/film-overlay.ts';
import { addressOf, type SegmentRecipe } from './segment-recipe.ts';

export interface FilmPlan {
  look: Look;
  segments: PlannedSegment[];
}

/**
 * @param frames in the order in which they are shown; at least one
 * @param overlay what is drawn over them; null: nothing
 */
export function planFilm(
  frames: readonly FilmFrame[],
  input: VideoInput,
  overlay: FilmOverlay | null = null,
): FilmPlan {
  const look: Look = {
    canvas: canvasOf(usualSize(frames), input.heightPx, input.shape ?? 'source'),
    fit: input.fit ?? 'bars',
    codec: input.codec ?? 'h264',
    quality: input.quality,
  };
  const gains = deflicker(
    frames.map(({ brightness }) => brightness),
    input.deflicker ?? 0,
  );
  const times = Float64Array.from(frames, ({ at }) => Math.max(0, at));
  const segments = cutSegments(times).map(({ from, to }) => {
    const recipe: SegmentRecipe = {
      way: 2,
      look,
      ...(overlay === null ? {} : { overlay: { ...overlay.layout, style: {} } }),
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
  return { look, segments };
}
