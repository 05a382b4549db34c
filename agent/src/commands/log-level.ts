/**
 * What the agent writes into its log. Promise: a level that was asked for from afar goes back to the agent's own setting by
 * itself; a new one replaces the one before and its time.
 */
import { type Clock, createBell } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export interface LevelSwitch {
  get(): LogLevel;
  set(level: LogLevel): void;
}

export function createLogLevel({ clock, log, level }: { clock: Clock; log: Log; level: LevelSwitch }) {
  const own = level.get();
  const bell = createBell();
  /** Monotonic ms; null: the own setting is in force. */
  let backAt: number | null = null;

  return {
    level: level.get,
    set(next: LogLevel, forMs: number): void {
      level.set(next);
      backAt = clock.monotonicMs() + forMs;
      bell.ring();
      log.info({ level: next, forMs }, 'the level of the log was set from afar');
    },
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await bell.wait(clock, backAt === null ? 3_600_000 : backAt - clock.monotonicMs(), signal);
        if (backAt === null || (clock.monotonicMs() < backAt && !signal.aborted)) continue;
        level.set(own);
        backAt = null;
        log.info({ level: own }, 'the level of the log is the own setting again');
      }
    },
  };
}
