/** What a title would look like, small, before its film is made. */
import type { FilmTitle } from '@slowlight/protocol';
import type { FramePicture, ObjectStore } from '../frame.ts';
import type { Canvas } from './film-plan.ts';
import { preparePicture } from './pictures.ts';
import { type About, titleLines } from './plan-film.ts';
import { createTitleCards } from './title-card.ts';

export interface TitleWish {
  title: FilmTitle;
  about: About;
  /** When the first and the last frame of the film were due, ms. */
  from: number;
  to: number;
  /** Of the film. */
  canvas: Canvas;
  /** The film's first picture; null: there is none. */
  first: FramePicture | null;
}

const LONGEST_SIDE_PX = 640;

/** @returns gives JPEG bytes; on a plain ground where the first picture cannot be read, as the film would have it */
export function createTitlePreview({ objects }: { objects: Pick<ObjectStore, 'read'> }) {
  const cards = createTitleCards();
  return async ({ title, about, from, to, canvas, first }: TitleWish, signal: AbortSignal): Promise<Buffer> => {
    const lines = titleLines(title, { about, from, to });
    const shrink = Math.min(1, LONGEST_SIDE_PX / Math.max(canvas.widthPx, canvas.heightPx));
    const side = (px: number) => Math.max(2, Math.round(px * shrink));
    const small = { widthPx: side(canvas.widthPx), heightPx: side(canvas.heightPx) };
    const ground =
      title.ground === 'plain' || first === null ? null : await preparePicture(first, 'as-is', { objects, signal });
    if (ground?.kind === 'picture') {
      try {
        return await cards(lines, small, ground.jpeg);
      } catch {
        // It looked whole and is not.
      }
    }
    return cards(lines, small, null);
  };
}
