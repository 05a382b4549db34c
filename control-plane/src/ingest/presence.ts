/**
 * Promise: an agent that went away while nobody listened is not shown as online for ever.
 * The embedded broker says an agent's will when it sees the agent go; it sees nothing while the control plane is down. So
 * agents that are shown as online and were not connected at two looks in a row are shown as offline.
 * When it fails: it looks again; an agent that comes back says so itself, on a connection of its own.
 */
import type { AgentId, SessionId } from '@slowlight/protocol';
import { type Clock, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { IngestRecords } from '../ports.ts';

export interface PresenceDeps {
  clock: Clock;
  log: Log;
  records: Pick<IngestRecords, 'onlineAgents' | 'agentGone'>;
  /** Who is connected now; null: the broker is another program, which sees agents go also while we are down. */
  connected: (() => readonly AgentId[]) | null;
}

/** Agents come back within seconds of a start, most of them within the first look. */
const LOOK_EVERY_MS = 30_000;

type Online = { agentId: AgentId; session: SessionId | null };

/** Pure: of the agents shown as online, the ones that are not connected. */
export function absentOf(online: readonly Online[], connected: readonly AgentId[]): Online[] {
  const here = new Set(connected);
  return online.filter(({ agentId }) => !here.has(agentId));
}

export function createPresence({ clock, log, records, connected }: PresenceDeps) {
  let before: Online[] = [];

  async function look(who: () => readonly AgentId[]): Promise<void> {
    const absent = absentOf(await records.onlineAgents(), who());
    const twice = absent.filter((one) =>
      before.some(({ agentId, session }) => agentId === one.agentId && session === one.session),
    );
    for (const { agentId, session } of twice) {
      await records.agentGone(agentId, session);
      log.info({ agent: agentId }, 'an agent is gone and was shown as online; it is shown as offline now');
    }
    before = absent;
  }

  return {
    async run(signal: AbortSignal): Promise<void> {
      if (connected === null) return;
      await runLoop(
        async () => {
          await look(connected);
          return LOOK_EVERY_MS;
        },
        {
          clock,
          onFailure: (failure, waitMs) =>
            log.warn({ reason: failure.message, waitMs }, 'it cannot be seen who is online; it is tried again'),
        },
        signal,
      );
    },
  };
}
