/** The days of a film. Pure. */
import type { FilmChapters, FrameId } from '@slowlight/protocol';
import { Temporal } from 'temporal-polyfill';

/**
 * @param shown the film's frames in their order; one whose moment is not known belongs to the day before it
 * @param film `fps`: pictures a second; `titleMs`: what stands before the first of them
 */
export function chaptersOf(
  shown: readonly FrameId[],
  moments: ReadonlyMap<FrameId, number>,
  { timeZone, fps, titleMs = 0 }: { timeZone: string; fps: number; titleMs?: number },
): FilmChapters['chapters'] {
  const chapters: FilmChapters['chapters'] = [];
  let ends = Number.NEGATIVE_INFINITY;
  let begins = Number.POSITIVE_INFINITY;
  for (const [index, id] of shown.entries()) {
    const at = moments.get(id);
    const last = chapters.at(-1);
    if (at === undefined || (last !== undefined && at >= begins && at < ends)) {
      if (last !== undefined) last.frames += 1;
      continue;
    }
    const day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
    begins = day.toZonedDateTime(timeZone).epochMilliseconds;
    ends = day.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
    chapters.push({ date: day.toString(), at, startMs: titleMs + Math.round((index / fps) * 1000), frames: 1 });
  }
  return chapters;
}
