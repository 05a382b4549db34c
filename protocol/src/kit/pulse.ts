/**
 * Whether loops still turn. Each says, whenever it turns, by when it will turn again; one that has not by then is stuck: it
 * waits for something that never comes, and no exception will ever tell. Kept apart from timers, so that a loop that only
 * sleeps, however long, is never taken for a stuck one.
 */
import type { Clock } from './clock.ts';

export interface Beat {
  /** I turn now, and again within `ms`. */
  turn(withinMs: number): void;
  /** I have ended. */
  end(): void;
}

export interface Pulse {
  /** `name` says in the log what is stuck. */
  begin(name: string): Beat;
  /** The names of the loops whose time is over. */
  stuck(): string[];
}

/** How much later than promised a loop may be before it counts as stuck, ms: a busy device is not a broken one. */
const SLACK_MS = 60_000;

export function createPulse(clock: Clock, slackMs = SLACK_MS): Pulse {
  /** By when each turns again, monotonic ms. */
  const beats = new Map<object, { name: string; by: number }>();
  return {
    begin(name) {
      const beat: Beat = {
        turn: (withinMs) => void beats.set(beat, { name, by: clock.monotonicMs() + withinMs + slackMs }),
        end: () => void beats.delete(beat),
      };
      beat.turn(0);
      return beat;
    },
    stuck: () => [...beats.values()].filter(({ by }) => by < clock.monotonicMs()).map(({ name }) => name),
  };
}

/** For whom nobody watches. */
export const noPulse: Pulse = { begin: () => ({ turn() {}, end() {} }), stuck: () => [] };
