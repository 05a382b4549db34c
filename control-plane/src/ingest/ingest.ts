/**
 * Takes in what agents say.
 *
 * Promise: an agent is told that something is recorded only after the commit; what cannot be read is kept as a dead letter
 * and never blocks the rest.
 * Invariants: what waits in memory is bounded, by number and by bytes, and none of it is promised to anybody; one batch is
 * recorded at a time, in the order of arrival, and answered while the next one is recorded.
 * When it fails: the records being away keeps the batch, tries again with back-off and says `away` on `cloud/status`, so
 * that agents hold what they have; what does not fit is dropped, and the agents say it again.
 */
import { topics } from '@slowlight/protocol';
import { type Clock, createBell, type Failure, runLoop, toFailure } from '@slowlight/protocol/kit';
import type { IncomingEvent, Log, ObjectStore } from '../frame.ts';
import type { IngestRecords } from '../ports.ts';
import { createAnswerer, type RecordedBatch } from './answer.ts';
import { composeCloudStatus } from './compose.ts';
import { createFaultKeeper } from './fault-keeper.ts';
import { type DeadLetter, excerptOf, type ReadMessage, readMessage } from './read-message.ts';
import type { Publish, Teller } from './teller.ts';

export interface IngestDeps {
  clock: Clock;
  log: Log;
  broker: {
    publish: Publish;
    onMessage(listener: (topic: string, payload: Uint8Array) => void): () => void;
    onConnected(listener: () => void): () => void;
  };
  records: Pick<
    IngestRecords,
    'recordEvents' | 'refuseEvents' | 'recordStatus' | 'keepFault' | 'awaitingUpload' | 'forgettable' | 'compareHeld'
  >;
  objects: Pick<ObjectStore, 'grant'>;
  teller: Teller;
  onClaimed: () => void;
}

export interface IngestOptions {
  /** How long a first message waits for more, ms. */
  batchMs?: number;
  mostInBatch?: number;
  mostWaiting?: number;
  mostWaitingBytes?: number;
  /** How long a grant is good, ms. */
  grantMs?: number;
}

export interface IngestCounts {
  events: number;
  duplicates: number;
  refused: number;
  deadLetters: number;
  statuses: number;
  receipts: number;
  grants: number;
  /** Did not fit into memory: said again by the agents. */
  dropped: number;
  waiting: number;
}

type Waiting = { read: Exclude<ReadMessage, { kind: 'foreign' }>; bytes: number; receivedAt: number };
interface Batch {
  statuses: Extract<ReadMessage, { kind: 'status' }>[];
  deadLetters: DeadLetter[];
  /** Dead letters that are kept already and wait for their answer. */
  kept: DeadLetter[];
  events: IncomingEvent[];
}

const IDLE_MS = 60_000;
/** A commit holds everything else up: the next batch gathers at least so many times as long as the last one took, ms at most. */
const GATHER = { timesAsLong: 2, mostMs: 100 };

export function createIngest(deps: IngestDeps, options: IngestOptions = {}) {
  const { clock, log, broker, records, teller } = deps;
  const { batchMs = 10, mostInBatch = 500, mostWaiting = 10_000, mostWaitingBytes = 64 * 1024 * 1024 } = options;
  const answerer = createAnswerer(deps, { grantMs: options.grantMs ?? 15 * 60_000 });
  const faults = createFaultKeeper({ clock, records });
  const counts = { events: 0, duplicates: 0, refused: 0, deadLetters: 0, statuses: 0, dropped: 0 };
  const arrived = createBell();
  const full = createBell();
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let batch: Batch = emptyBatch();
  let answering: Promise<void> = Promise.resolve();
  let listening = false;
  let dropping = false;
  let gatherMs = 0;

  function take(topic: string, payload: Uint8Array): void {
    if (waiting.length >= mostWaiting || waitingBytes + payload.length > mostWaitingBytes) {
      if (!dropping)
        log.warn(
          { waiting: waiting.length },
          'more comes in than can be recorded; what does not fit is dropped and will be said again',
        );
      dropping = true;
      counts.dropped += 1;
      return;
    }
    const read = readMessage(topic, payload);
    if (read.kind === 'foreign') return;
    waiting.push({ read, bytes: payload.length, receivedAt: clock.now() });
    waitingBytes += payload.length;
    arrived.ring();
    if (waiting.length >= mostInBatch) full.ring();
  }

  function announce(): void {
    const message = JSON.stringify(composeCloudStatus(listening ? 'listening' : 'away', teller.stamp()));
    // Without a connection there is nobody to tell, and each new connection is told.
    broker.publish(topics.cloudStatus, message, { qos: 1, retain: true }).catch(() => {});
  }

  function listen(now: boolean): void {
    if (listening === now) return;
    listening = now;
    announce();
  }

  async function gather(signal: AbortSignal): Promise<void> {
    if (waiting.length === 0) await arrived.wait(clock, IDLE_MS, signal);
    if (waiting.length > 0 && waiting.length < mostInBatch) await full.wait(clock, Math.max(batchMs, gatherMs), signal);
    const taken = waiting.slice(0, mostInBatch);
    waiting = waiting.slice(taken.length);
    if (waiting.length === 0) dropping = false;
    for (const { read, bytes, receivedAt } of taken) {
      waitingBytes -= bytes;
      if (read.kind === 'event') batch.events.push({ agentId: read.agentId, event: read.event, receivedAt });
      else if (read.kind === 'status') batch.statuses.push(read);
      else batch.deadLetters.push(read);
    }
  }

  /** Each part leaves the batch when it is committed, so that a second try repeats none of it. */
  async function record(): Promise<void> {
    for (let status = batch.statuses[0]; status !== undefined; status = batch.statuses[0]) {
      await recordStatus(status);
      counts.statuses += 1;
      batch.statuses.shift();
    }
    for (let letter = batch.deadLetters[0]; letter !== undefined; letter = batch.deadLetters[0]) {
      await keep(letter);
      counts.deadLetters += 1;
      batch.kept.push(letter);
      batch.deadLetters.shift();
    }
    const since = clock.monotonicMs();
    const events = await recordEvents(batch.events);
    gatherMs = Math.min(GATHER.timesAsLong * (clock.monotonicMs() - since), GATHER.mostMs);
    const done: RecordedBatch = { events, deadLetters: batch.kept };
    batch = emptyBatch();
    for (const { outcome } of events) {
      counts.events += 1;
      if (outcome.kind === 'duplicate') counts.duplicates += 1;
      if (outcome.kind === 'refused') counts.refused += 1;
    }
    if (done.events.length + done.deadLetters.length > 0) await answerNext(done);
  }

  /** A status that the records cannot take must not stand in the way of everybody else's. */
  async function recordStatus({ agentId, status }: Batch['statuses'][number]): Promise<void> {
    try {
      await records.recordStatus(agentId, status);
    } catch (thrown) {
      const { code, message: reason } = toFailure(thrown);
      if (isOutage(toFailure(thrown))) throw thrown;
      log.error({ agent: agentId, code, reason }, 'a status cannot be recorded; it is set aside');
      const excerpt = excerptOf(Buffer.from(JSON.stringify(status)));
      await faults.keep({ kind: 'dead-letter', agentId, seq: null, code: 'ingest.unrecordable', reason, excerpt });
    }
  }

  /** An event whose seq can be read is answered once and for all; the receipt passes it. */
  async function keep({ agentId, seq, code, reason, excerpt }: DeadLetter): Promise<void> {
    if (seq === null) await faults.keep({ kind: 'dead-letter', agentId, seq, code, reason, excerpt });
    else await records.refuseEvents([{ agentId, seq, code, reason, excerpt }]);
  }

  /** One transaction; an event that breaks it is found by recording each alone, and set aside. */
  async function recordEvents(events: readonly IncomingEvent[]): Promise<RecordedBatch['events']> {
    if (events.length === 0) return [];
    try {
      const outcomes = await records.recordEvents(events);
      return events.flatMap((incoming, index) => {
        const outcome = outcomes[index];
        return outcome === undefined ? [] : [{ incoming, outcome }];
      });
    } catch (thrown) {
      const failure = toFailure(thrown);
      const [only] = events;
      if (isOutage(failure)) throw failure;
      if (events.length > 1 || only === undefined) {
        const each = [];
        for (const incoming of events) each.push(...(await recordEvents([incoming])));
        return each;
      }
      return [{ incoming: only, outcome: await setAside(only, failure) }];
    }
  }

  async function setAside({ agentId, event }: IncomingEvent, failure: Failure) {
    const refusal = { code: 'ingest.unrecordable', reason: failure.message } as const;
    log.error(
      { agent: agentId, seq: event.seq, reason: failure.message },
      'an event cannot be recorded; it is set aside and its agent is told',
    );
    const excerpt = excerptOf(Buffer.from(JSON.stringify(event)));
    await records.refuseEvents([{ agentId, seq: event.seq, excerpt, ...refusal }]);
    return { kind: 'refused', agentId, seq: event.seq, ...refusal } as const;
  }

  async function answerNext(done: RecordedBatch): Promise<void> {
    await answering;
    answering = answerer.answer(done).catch((thrown: unknown) => {
      log.warn(
        { reason: toFailure(thrown).message },
        'a recorded batch could not be answered; the agents will ask again',
      );
    });
  }

  return {
    /** Listens until the signal aborts; then says that nobody listens. */
    async run(signal: AbortSignal): Promise<void> {
      const stopMessages = broker.onMessage(take);
      listening = true;
      const stopConnected = broker.onConnected(announce);
      await runLoop(
        async (within) => {
          if (isEmpty(batch)) await gather(within);
          if (!isEmpty(batch)) await record();
          listen(true);
          return 0;
        },
        {
          clock,
          onFailure(failure, waitMs) {
            listen(false);
            log.warn(
              { reason: failure.message, hint: failure.hint, waitMs },
              'nothing can be recorded now; it is tried again',
            );
          },
        },
        signal,
      );
      stopMessages();
      await answering;
      listen(false);
      stopConnected();
    },
    listening: () => listening,
    counts: (): IngestCounts => ({
      ...counts,
      receipts: teller.receiptsSaid(),
      grants: answerer.grantsSaid(),
      waiting: waiting.length,
    }),
  };
}

const emptyBatch = (): Batch => ({ statuses: [], deadLetters: [], kept: [], events: [] });
const isEmpty = ({ statuses, deadLetters, kept, events }: Batch): boolean =>
  statuses.length + deadLetters.length + kept.length + events.length === 0;

/** The records being away, locked or full is nobody's fault; everything else is the fault of an event. */
const isOutage = (failure: Failure): boolean => failure.code.startsWith('records.');
