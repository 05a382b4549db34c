/**
 * Promise: the newest settings of every agent lie retained on the broker, a moment after they changed.
 * Invariants: an agent stays on the list until its settings have been published; what is published is read from the
 * records at that moment, so it is never older than what asked for it.
 * When the broker or the records fail, the list is kept and tried again with back-off.
 */
import { type AgentId, type AgentSettings, topics } from '@slowlight/protocol';
import { type Clock, createBell, type Failure, runLoop } from '@slowlight/protocol/kit';

export interface SettingsPublisher {
  /** The settings of these agents are to be published (again). */
  publish(agents: readonly AgentId[]): void;
  run(signal: AbortSignal): Promise<void>;
}

export function createSettingsPublisher(deps: {
  settingsOf: (agent: AgentId) => Promise<AgentSettings | null>;
  publish: (topic: string, payload: string, options: { qos: 1; retain: true }) => Promise<void>;
  clock: Clock;
  onFailure: (failure: Failure, waitMs: number) => void;
}): SettingsPublisher {
  const { settingsOf, clock, onFailure } = deps;
  const waiting = new Set<AgentId>();
  const bell = createBell();

  async function turn(signal: AbortSignal): Promise<number> {
    for (const agent of waiting) {
      if (signal.aborted) return 0;
      // Taken off first: a change that comes while this one is on its way puts it on again.
      waiting.delete(agent);
      try {
        const settings = await settingsOf(agent);
        if (settings !== null)
          await deps.publish(topics.agentSettings(agent), JSON.stringify(settings), { qos: 1, retain: true });
      } catch (thrown) {
        waiting.add(agent);
        throw thrown;
      }
    }
    await bell.wait(clock, 60_000, signal);
    return 0;
  }

  return {
    publish(agents) {
      for (const agent of agents) waiting.add(agent);
      bell.ring();
    },
    run: (signal) => runLoop(turn, { clock, onFailure, backoff: { firstMs: 250, mostMs: 10_000 } }, signal),
  };
}
