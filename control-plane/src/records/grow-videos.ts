/** Films that grow by themselves, and films of rules whose time is over and that frames have come late for. */
import { type Selectable, sql } from 'kysely';
import { countFrames, timelapseOf } from './choose-frames.ts';
import type { Change } from './database.ts';
import { readInput } from './film-view.ts';
import { FILM_RANK } from './make-video.ts';
import type { VideosTable } from './schema-work.ts';
import { remakeVideo, UNFINISHED } from './video-steps.ts';

type Grown = Pick<
  Selectable<VideosTable>,
  'id' | 'timelapse_id' | 'changed_at' | 'join_ms' | 'rule_id' | 'rank' | 'input' | 'frames_total'
> & { frames: number };

/** A long film costs more to join: it grows so much less often that joining takes at most this share of the time. */
const MOST_JOIN_SHARE = 1 / 20;

/** Makes anew what has other frames than it shows since at least a pause, ms; gives how many films. */
export async function growVideos(within: Change, pauseMs: number): Promise<number> {
  const { tx, now } = within;
  const changed: Grown[] = await tx
    .selectFrom('videos')
    .innerJoin('timelapses', 'timelapses.id', 'videos.timelapse_id')
    .select(['videos.id', 'timelapse_id', 'changed_at', 'join_ms', 'rule_id', 'rank', 'input', 'frames_total'])
    .select('timelapses.frames')
    .where('grows', '=', 1)
    .where('videos.state', 'not in', [...UNFINISHED, 'cancelled'])
    .where(sql<boolean>`timelapses.frames <> videos.frames_seen`)
    .execute();
  let grown = 0;
  for (const film of changed) {
    const change = (what: { changed_at?: number | null; frames_seen?: number }) =>
      tx.updateTable('videos').set(what).where('id', '=', film.id).execute();
    if (film.rule_id !== null && !(await isLate(within, film)))
      await change({ frames_seen: film.frames, changed_at: null });
    else if (film.changed_at === null) await change({ changed_at: now });
    else if (now - film.changed_at >= Math.max(pauseMs, (film.join_ms ?? 0) / MOST_JOIN_SHARE)) {
      await change({ frames_seen: film.frames });
      const rank = film.rule_id === null ? FILM_RANK['per-capture'] : film.rank;
      if (await remakeVideo(within, film.id, rank)) grown += 1;
    }
  }
  return grown;
}

/**
 * A film of a rule grows when the rule says so. Only of a time that is over (a day, a week, a month) it says nothing more:
 * the next occurrence is the next one's.
 */
async function isLate({ tx, now }: Change, film: Grown): Promise<boolean> {
  const input = readInput(film);
  if (input.to === null || input.to > now) return false;
  const timelapse = await timelapseOf(tx, film.timelapse_id);
  return timelapse !== null && (await countFrames(tx, input, timelapse)) !== film.frames_total;
}
