import type { AgentId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { IngestRecords } from '../ports.ts';
import type { DeadLetter } from './read-message.ts';

const WINDOW_MS = 60_000;
const MOST_IN_WINDOW = 60;

/**
 * Keeps dead letters in the records, at most 60 a minute for each agent, so that one broken agent cannot fill the disk of
 * all. The rest is answered and counted like them, but leaves no row.
 */
export function createFaultKeeper({ clock, records }: { clock: Clock; records: Pick<IngestRecords, 'keepFault'> }) {
  const windows = new Map<AgentId, { since: number; kept: number }>();
  return {
    async keep({ agentId, code, reason, excerpt }: DeadLetter): Promise<void> {
      const now = clock.monotonicMs();
      let window = windows.get(agentId);
      if (window === undefined || now - window.since >= WINDOW_MS) {
        window = { since: now, kept: 0 };
        windows.set(agentId, window);
      }
      if (window.kept >= MOST_IN_WINDOW) return;
      await records.keepFault({ agentId, code, reason, excerpt });
      window.kept += 1;
    },
  };
}
