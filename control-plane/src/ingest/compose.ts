/** What is said back to agents. Pure: messages in, as many as their schemas allow in one. */
import {
  type AgentId,
  type CloudStatus,
  type FrameId,
  type Grant,
  type Grants,
  type Receipt,
  type SessionId,
  WIRE_VERSION,
} from '@slowlight/protocol';
import type { FramePicture, ObjectGrant, ReceiptState } from '../frame.ts';

const MOST_IN_RECEIPT = 1000;
const MOST_IN_GRANTS = 200;
const REASON_CHARACTERS = 500;

export type Refusal = Receipt['body']['refused'][number];

/** What one agent is told beside how far its events are recorded. */
export interface Answer {
  /** Events that were recorded just now: named even where the agent has thousands above a gap. */
  recorded: number[];
  forget: FrameId[];
  refused: Refusal[];
  /** Held by the agent, and not in the records. */
  missing: FrameId[];
}

interface Stamp {
  session: SessionId;
  now: number;
}

/** As many receipts as it takes; at least one. */
export function composeReceipts(
  { recordedUpTo, recordedAlso }: ReceiptState,
  { recorded, forget, refused, missing }: Answer,
  { session, now }: Stamp,
): Receipt[] {
  const above = [...new Set([...recorded, ...recordedAlso.toReversed()])].filter((seq) => seq > recordedUpTo);
  const also = above.slice(0, MOST_IN_RECEIPT).sort((a, b) => a - b);
  const receipts: Receipt[] = [];
  const parts = Math.max(1, Math.ceil(Math.max(forget.length, refused.length, missing.length) / MOST_IN_RECEIPT));
  for (let part = 0; part < parts; part += 1) {
    const [from, to] = [part * MOST_IN_RECEIPT, (part + 1) * MOST_IN_RECEIPT];
    receipts.push({
      v: WIRE_VERSION,
      session,
      sentAt: now,
      type: 'receipt',
      body: {
        recordedUpTo,
        recordedAlso: also,
        forget: forget.slice(from, to),
        refused: refused.slice(from, to).map((one) => ({ ...one, reason: one.reason.slice(0, REASON_CHARACTERS) })),
        ...(missing.length > from && { missing: missing.slice(from, to) }),
        serverTime: now,
      },
    });
  }
  return receipts;
}

export function composeGrants(
  granted: readonly { picture: FramePicture; grant: ObjectGrant }[],
  { session, now }: Stamp,
): Grants[] {
  const all: Grant[] = granted.map(({ picture, grant }) => ({
    frameId: picture.frameId,
    method: grant.method,
    url: grant.url,
    headers: grant.headers,
    sizeBytes: picture.sizeBytes,
    sha256: picture.sha256,
    expiresAt: grant.expiresAt,
  }));
  const messages: Grants[] = [];
  for (let from = 0; from < all.length; from += MOST_IN_GRANTS)
    messages.push({
      v: WIRE_VERSION,
      session,
      sentAt: now,
      type: 'grants',
      body: { grants: all.slice(from, from + MOST_IN_GRANTS) },
    });
  return messages;
}

/** What agents look at before they send anything; also the will of a connection to an external broker. */
export const composeCloudStatus = (status: CloudStatus['body']['status'], { session, now }: Stamp): CloudStatus => ({
  v: WIRE_VERSION,
  session,
  sentAt: now,
  type: 'cloud.status',
  body: { status },
});

export type Answers = Map<AgentId, Answer>;

/** The answer to an agent, made when it is first asked for. */
export function answerFor(answers: Answers, agent: AgentId): Answer {
  const answer = answers.get(agent) ?? { recorded: [], forget: [], refused: [], missing: [] };
  answers.set(agent, answer);
  return answer;
}
