/**
 * Clears up behind films.
 *
 * Promise: a segment that no film has wanted for a day goes, and so does an object of a film that a crash left behind; a
 * film that waits for work which nobody does any more is woken.
 * Invariants: what a film consists of never goes; an object is looked at only when it is a day old, so that none goes which
 * is just being made.
 * When it fails: the next turn goes on; what has half gone is found again.
 */
import { type Clock, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { SegmentRecords } from '../ports-films.ts';

export interface SweepDeps {
  clock: Clock;
  log: Log;
  objects: Pick<ObjectStore, 'list' | 'stat' | 'remove'>;
  records: Pick<SegmentRecords, 'takeUnusedSegments' | 'forgetSegment' | 'unclaimedFilmKeys' | 'releaseStranded'>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AT_ONCE = 200;

export function createFilmSweep({ clock, log, objects, records }: SweepDeps) {
  /** Segments that no film has wanted for a day. */
  async function sweepUnused(signal: AbortSignal): Promise<number> {
    let gone = 0;
    while (!signal.aborted) {
      const unused = await records.takeUnusedSegments(clock.now() - DAY_MS, AT_ONCE);
      for (const { address, key } of unused) {
        if (key !== null) await objects.remove(key);
        await records.forgetSegment(address);
      }
      gone += unused.length;
      if (unused.length < AT_ONCE) break;
    }
    return gone;
  }

  /** Objects that nobody claims: a worker died between writing one and saying so. */
  async function sweepUnclaimed(signal: AbortSignal): Promise<number> {
    let gone = 0;
    const look = async (keys: readonly string[]) => {
      for (const key of await records.unclaimedFilmKeys(keys)) {
        const stored = await objects.stat(key);
        if (stored === null || clock.now() - stored.modifiedAt < DAY_MS) continue;
        // Asked once more: it may have been claimed while it was looked at.
        if ((await records.unclaimedFilmKeys([key])).length === 0) continue;
        await objects.remove(key);
        gone += 1;
      }
    };
    for (const prefix of ['segments/', 'videos/']) {
      let keys: string[] = [];
      for await (const key of objects.list(prefix)) {
        if (signal.aborted) return gone;
        keys.push(key);
        if (keys.length < AT_ONCE) continue;
        await look(keys);
        keys = [];
      }
      await look(keys);
    }
    return gone;
  }

  const tell = (what: string) => (failure: Failure, waitMs: number) =>
    log.warn({ reason: failure.message, hint: failure.hint, waitMs }, `${what}; it is tried again`);

  return {
    sweepUnused,
    sweepUnclaimed,
    async run(signal: AbortSignal): Promise<void> {
      const sweep = async (within: AbortSignal) => {
        const [unused, unclaimed] = [await sweepUnused(within), await sweepUnclaimed(within)];
        if (unused + unclaimed > 0) log.info({ unused, unclaimed }, 'pieces of films that nobody wants are gone');
        return HOUR_MS;
      };
      const wake = async () => {
        const woken = await records.releaseStranded();
        if (woken > 0) log.warn({ woken }, 'films waited for work that nobody does any more, and plan it anew');
        return MINUTE_MS;
      };
      await Promise.all([
        runLoop(sweep, { clock, onFailure: tell('pieces of films cannot be swept') }, signal),
        runLoop(wake, { clock, onFailure: tell('waiting films cannot be looked after') }, signal),
      ]);
    },
  };
}
