/**
 * What a film shows over its frames: the overlay of its timelapse as it was when the film was planned.
 *
 * Promise: the digest of a frame changes exactly when something else is seen over it, so that only those segments are
 * encoded again; every worker draws the same, because all that is drawn travels in the recipe.
 * When it fails: a picture of the overlay that cannot be read fails the film, which says so.
 */
import {
  type FrameId,
  overlayLayout,
  type ResolvedOverlay,
  resolveOverlay,
  type TimelapseId,
  weatherFacts,
} from '@slowlight/protocol';
import { z } from 'zod';
import type { OverlayFacts } from '../../frame.ts';
import type { FrameOverlayRecords } from '../../ports-overlay.ts';
import type { Size } from './overlay-canvas.ts';
import type { OverlayRenderer, PreparedOverlay } from './overlay-renderer.ts';
import { openSheetFeed, type SheetFeed } from './sheet-feed.ts';

const text = z.string().nullable();
const number = z.number().nullable();
const overlayFacts: z.ZodType<OverlayFacts> = z.strictObject({
  at: z.number(),
  timeZone: z.string(),
  latitude: number,
  longitude: number,
  siteName: text,
  cameraName: text,
  timelapseName: text,
  frameNumber: number,
  dayNumber: number,
  progress: number,
  film: z.strictObject({ number: z.number(), of: z.number() }).nullable(),
  score: number,
  weather: weatherFacts.nullable(),
});

/** What the recipe of a segment says of the overlay. */
export const overlayInRecipe = overlayLayout;
/** What it says of the overlay of one frame. */
export const frameOverlayInRecipe = z.strictObject({ digest: z.string(), facts: overlayFacts });
export type FrameOverlayInRecipe = z.infer<typeof frameOverlayInRecipe>;

export interface FilmOverlay {
  layout: ResolvedOverlay;
  of(
    frame: { frameId: FrameId; at: number },
    place: { number: number; of: number },
    canvas: Size,
  ): FrameOverlayInRecipe;
}

export interface FilmOverlays {
  /** null: the timelapse shows nothing over its frames. */
  ofFilm(timelapse: TimelapseId, frames: readonly FrameId[]): Promise<FilmOverlay | null>;
  /** The sheets of a segment; null when nothing is drawn on any of its frames. */
  sheets(
    layout: z.infer<typeof overlayInRecipe>,
    frames: { facts: readonly OverlayFacts[]; canvas: Size; fps: number },
  ): Promise<SheetFeed | null>;
}

export function createFilmOverlays({
  renderer,
  records,
}: {
  renderer: Pick<OverlayRenderer, 'prepare'>;
  records: Pick<FrameOverlayRecords, 'overlayOf' | 'overlayFacts'>;
}): FilmOverlays {
  return {
    async ofFilm(timelapse, frames) {
      const shown = await records.overlayOf(timelapse);
      if (shown === null) return null;
      const facts = await records.overlayFacts(frames);
      const prepared: PreparedOverlay = await renderer.prepare(shown.overlay);
      return {
        layout: shown.overlay,
        of({ frameId, at }, film, canvas) {
          const all = { ...(facts.get(frameId) ?? unknownFacts(at)), film };
          return { digest: prepared.digest(all, canvas), facts: all };
        },
      };
    },

    async sheets(layout, { facts, canvas, fps }) {
      const overlay = await renderer.prepare(resolveOverlay(layout, null));
      return openSheetFeed({ overlay, facts, canvas, fps });
    },
  };
}

/** Of a frame that was removed while its film was planned. */
const unknownFacts = (at: number): OverlayFacts => ({
  at,
  timeZone: 'UTC',
  latitude: null,
  longitude: null,
  siteName: null,
  cameraName: null,
  timelapseName: null,
  frameNumber: null,
  dayNumber: null,
  progress: null,
  film: null,
  score: null,
  weather: null,
});
