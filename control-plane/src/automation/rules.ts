/**
 * Follows the rules by which timelapses make their films.
 *
 * Promise: each milestone, moment and new frame that a rule waits for makes its film some seconds later, once; what fell due
 * while nothing was running is made up for when it runs again, the newest for those before it.
 * Invariants: what is to be done is read from the records, and done in one commit, so that neither a crash nor a second
 * control plane makes a film twice or forgets it.
 * When it fails: it is tried again.
 */
import { type Clock, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { RuleRecords } from '../ports-automation.ts';

export interface RulesDeps {
  clock: Clock;
  log: Log;
  records: Pick<RuleRecords, 'fireRules'>;
}

const LOOK_MS = 5000;

export function createRuleKeeper({ clock, log, records }: RulesDeps) {
  const onFailure = (failure: Failure, waitMs: number) =>
    log.warn({ reason: failure.message, hint: failure.hint, waitMs }, 'rules of films cannot be followed');

  return {
    async run(signal: AbortSignal): Promise<void> {
      const look = async () => {
        const films = await records.fireRules();
        if (films > 0) log.info({ films }, 'rules ask for films');
        // Milestones that were passed together have a film each, one after the other.
        return films > 0 ? 0 : LOOK_MS;
      };
      await runLoop(look, { clock, onFailure }, signal);
    },
  };
}
