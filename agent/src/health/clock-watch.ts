import type { AgentEventContent, BootId, TimelapseId } from '@slowlight/protocol';
import { type Clock, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { ClockNews } from './device-clock.ts';

export interface ClockWatchDeps {
  clock: Clock;
  log: Log;
  bootId: BootId;
  news(): ClockNews | null;
  trusted(): boolean;
  /** How far each timelapse that is running is settled, wall time in ms. */
  settledUpTo(): readonly { timelapseId: TimelapseId; until: number }[];
  tell(event: AgentEventContent): unknown;
}

const LOOK_EVERY_MS = 2000;
/** Settled further ahead than this, ms: the clock that settled it was wrong. */
const AHEAD_MS = 60_000;
/** Within the schema's limit. */
const MOST_WAITING = 500;

/**
 * Tells when the clock was set or found to be right, so that moments before that can be put right; and which timelapses wait,
 * because a wrong clock has settled slots that lie ahead: each is told once.
 */
export function createClockWatch(deps: ClockWatchDeps) {
  const { clock, log } = deps;
  const told = new Map<TimelapseId, number>();
  const look = async (): Promise<number> => {
    const news = deps.news();
    const at = clock.now();
    const ahead = deps.trusted() ? deps.settledUpTo().filter(({ until }) => until > at + AHEAD_MS) : [];
    const waiting = ahead.filter(({ timelapseId, until }) => told.get(timelapseId) !== until).slice(0, MOST_WAITING);
    if (news === null && waiting.length === 0) return LOOK_EVERY_MS;
    const { offsetMs = 0, bootedAt = null, source = null } = news ?? {};
    deps.tell({
      type: 'clock.corrected',
      body: { at, bootId: deps.bootId, bootedAt, offsetMs, ...(source === null ? {} : { source }), waiting },
    });
    for (const { timelapseId, until } of waiting) told.set(timelapseId, until);
    if (news !== null) log.warn({ offsetMs, source }, 'the clock was set, or found to be right');
    for (const { timelapseId, until } of waiting)
      log.error(
        { timelapse: timelapseId, until },
        'a wrong clock has settled slots that lie ahead: this timelapse waits until they are over',
      );
    return LOOK_EVERY_MS;
  };
  return (signal: AbortSignal): Promise<void> =>
    runLoop(
      look,
      {
        clock,
        onFailure: (failure, waitMs) =>
          log.warn({ code: failure.code, waitMs }, `the clock could not be looked at: ${failure.message}`),
      },
      signal,
    );
}
