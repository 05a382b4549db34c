/** What a recorded batch is answered with: receipts first, then grants for pictures that are still at the edge. */
import { agentOfFrame, type FrameId } from '@slowlight/protocol';
import { messageOf } from '@slowlight/protocol/kit';
import type { IncomingEvent, IngestOutcome, Log, ObjectStore } from '../frame.ts';
import type { IngestRecords } from '../ports.ts';
import { type Answers, answerFor, composeGrants } from './compose.ts';
import { announcedFrame, type DeadLetter } from './read-message.ts';
import type { Teller } from './teller.ts';

export interface RecordedBatch {
  /** With what became of each. */
  events: readonly { incoming: IncomingEvent; outcome: IngestOutcome }[];
  deadLetters: readonly DeadLetter[];
}

export interface AnswerDeps {
  log: Log;
  records: Pick<IngestRecords, 'awaitingUpload' | 'forgettable' | 'compareHeld'>;
  objects: Pick<ObjectStore, 'grant'>;
  teller: Teller;
  /** Frames were said to be uploaded: whoever verifies should look. */
  onClaimed: () => void;
}

/** Pure: what the outcomes alone say to each agent, and which frames to ask the records about. */
export function sortOutcomes({ events, deadLetters }: RecordedBatch): {
  answers: Answers;
  announced: FrameId[];
  /** Uploaded, or announced once more: their agents may be waiting to hear that they can forget them. */
  perhapsStored: FrameId[];
  claimed: boolean;
} {
  const answers: Answers = new Map();
  const announced: FrameId[] = [];
  const perhapsStored: FrameId[] = [];
  let claimed = false;
  for (const { incoming, outcome } of events) {
    const answer = answerFor(answers, outcome.agentId);
    if (outcome.kind === 'refused') {
      answer.refused.push({ what: 'event', seq: outcome.seq, code: outcome.code, reason: outcome.reason });
      continue;
    }
    answer.recorded.push(outcome.seq);
    const frame = announcedFrame(incoming.event);
    if (frame !== null) announced.push(frame);
    if (frame !== null && outcome.kind === 'duplicate') perhapsStored.push(frame);
    if (incoming.event.type !== 'frame.uploaded') continue;
    perhapsStored.push(incoming.event.body.frameId);
    claimed = true;
  }
  for (const { agentId, seq, code, reason } of deadLetters)
    if (seq !== null) answerFor(answers, agentId).refused.push({ what: 'event', seq, code, reason });
  return { answers, announced, perhapsStored, claimed };
}

export function createAnswerer(
  { log, records, objects, teller, onClaimed }: AnswerDeps,
  { grantMs }: { grantMs: number },
) {
  let grantsSaid = 0;

  async function grantUploads(announced: readonly FrameId[]): Promise<void> {
    if (announced.length === 0) return;
    const frames = [...new Set(announced)];
    const pictures = await records.awaitingUpload(frames);
    // Some are past that: perhaps their upload was said before they were announced.
    if (pictures.length < frames.length) onClaimed();
    const expiresAt = teller.stamp().now + grantMs;
    const granted = await Promise.allSettled(
      pictures.map(async (picture) => {
        const { key, sizeBytes, sha256, type } = picture;
        return { picture, grant: await objects.grant({ key, sizeBytes, sha256, contentType: type, expiresAt }) };
      }),
    );
    const failed = granted.find((result) => result.status === 'rejected');
    if (failed !== undefined)
      log.warn({ reason: messageOf(failed.reason) }, 'uploads could not be granted; the agents will ask again');
    const good = granted.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    grantsSaid += good.length;
    for (const [agent, ofAgent] of Map.groupBy(good, ({ picture }) => picture.agentId))
      teller.grants(agent, composeGrants(ofAgent, teller.stamp()));
  }

  return {
    grantsSaid: () => grantsSaid,
    /** @throws Failure when the records are away: the agents say it again and are answered then */
    async answer(batch: RecordedBatch): Promise<void> {
      const { answers, announced, perhapsStored, claimed } = sortOutcomes(batch);
      if (claimed) onClaimed();
      const stored = perhapsStored.length === 0 ? [] : await records.forgettable([...new Set(perhapsStored)]);
      for (const frame of stored) answerFor(answers, agentOfFrame(frame)).forget.push(frame);
      for (const { incoming, outcome } of batch.events) {
        const { agentId, event } = incoming;
        if (event.type !== 'frames.held' || outcome.kind === 'refused') continue;
        const { forget, missing } = await records.compareHeld(event.body.frames);
        answerFor(answers, agentId).forget.push(...forget);
        answerFor(answers, agentId).missing.push(...missing);
        // What was not held may be in the store.
        onClaimed();
      }
      await teller.receipts(answers);
      await grantUploads(announced);
    },
  };
}
