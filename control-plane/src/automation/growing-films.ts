/**
 * Keeps growing films up to date.
 *
 * Promise: a growing film shows every frame of its timelapse, new or late, some minutes after its picture is in the store.
 * Invariants: what is to be done is read from the records, so a restart forgets nothing; a film is made anew at most once in
 * a pause, and so seldom that joining it never becomes the main work.
 * When it fails: it is tried again.
 */
import { type Clock, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { VideoRecords } from '../ports-films.ts';

export interface GrowingFilmsDeps {
  clock: Clock;
  log: Log;
  records: Pick<VideoRecords, 'growVideos'>;
}

/** Frames that come one after the other are taken in together. */
const PAUSE_MS = 60_000;
const LOOK_MS = 5000;

export function createGrowingFilms({ clock, log, records }: GrowingFilmsDeps, { pauseMs = PAUSE_MS } = {}) {
  const onFailure = (failure: Failure, waitMs: number) =>
    log.warn({ reason: failure.message, hint: failure.hint, waitMs }, 'growing films cannot be looked after');

  return {
    async run(signal: AbortSignal): Promise<void> {
      const look = async () => {
        const films = await records.growVideos(pauseMs);
        if (films > 0) log.info({ films }, 'growing films take in new frames');
        return LOOK_MS;
      };
      await runLoop(look, { clock, onFailure }, signal);
    },
  };
}
