/**
 * Says to agents how far they are recorded. A receipt that is lost is no harm: the agent says its event again and is
 * answered again. So nothing here waits for an agent that does not read.
 */
import { type AgentId, type Grants, newSessionId, topics } from '@slowlight/protocol';
import { type Clock, messageOf } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { IngestRecords } from '../ports.ts';
import { type Answers, composeReceipts } from './compose.ts';

/** The broker's verb; see the broker room for what it promises. */
export type Publish = (topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }) => Promise<void>;

export interface TellerDeps {
  clock: Clock;
  log: Log;
  publish: Publish;
  records: Pick<IngestRecords, 'receiptState'>;
}

export function createTeller({ clock, log, publish, records }: TellerDeps) {
  const session = newSessionId();
  let receiptsSaid = 0;

  /** Not awaited: one agent that does not read must not hold up the others. */
  function say(topic: string, message: object): void {
    publish(topic, JSON.stringify(message), { qos: 1, retain: false }).catch((thrown: unknown) => {
      log.warn({ topic, reason: messageOf(thrown) }, 'an answer could not be sent; the agent will ask again');
    });
  }

  return {
    /** What stamps a message of this process. */
    stamp: () => ({ session, now: clock.now() }),
    receiptsSaid: () => receiptsSaid,
    /** One receipt for each of these agents (more where one cannot hold it all). @throws Failure when the records are away */
    async receipts(answers: Answers): Promise<void> {
      for (const [agent, answer] of answers) {
        const highest = answer.recorded.reduce((a, b) => Math.max(a, b), 0);
        const state = await records.receiptState(agent, highest);
        for (const receipt of composeReceipts(state, answer, { session, now: clock.now() })) {
          say(topics.agentReceipts(agent), receipt);
          receiptsSaid += 1;
        }
      }
    },
    grants(agent: AgentId, messages: readonly Grants[]): void {
      for (const message of messages) say(topics.agentGrants(agent), message);
    },
  };
}
export type Teller = ReturnType<typeof createTeller>;
