import { composeCloudStatus, composeGrants, composeReceipts } from '@slowlight/control-plane/src/ingest/compose.ts';
import { excerptOf, readMessage } from '@slowlight/control-plane/src/ingest/read-message.ts';
import { refusalOf } from '@slowlight/control-plane/src/ingest/verifier.ts';
import {
  cloudStatus,
  frameIdOf,
  grants,
  MAX_MESSAGE_BYTES,
  newAgentId,
  newSessionId,
  receipt,
  topics,
} from '@slowlight/protocol';
import { expect, test } from 'vitest';

const agent = newAgentId();
const stamp = { session: newSessionId(), now: 1_780_000_000_000 };
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const event = {
  v: 1,
  seq: 7,
  session: stamp.session,
  sentAt: 1,
  type: 'frame.uploaded',
  body: { frameId: frameIdOf(agent, 3), sha256: 'a'.repeat(64), sizeBytes: 5 },
};

test('a message is read by its topic and its schema', () => {
  expect(readMessage(topics.agentEvents(agent), bytes(event))).toEqual({ kind: 'event', agentId: agent, event });
  const status = { v: 1, session: stamp.session, sentAt: 1, type: 'agent.status', body: { status: 'offline' } };
  expect(readMessage(topics.agentStatus(agent), bytes(status))).toEqual({ kind: 'status', agentId: agent, status });
  expect(readMessage(topics.agentReceipts(agent), bytes(event))).toEqual({ kind: 'foreign' });
  expect(readMessage('home/lights', bytes(event))).toEqual({ kind: 'foreign' });
});

test.for([
  ['nothing', '', null],
  ['no JSON', '{"v":1,"seq":7', null],
  ['JSON of another kind', '[1,2,3]', null],
  ['an unknown event', { ...event, type: 'frame.stolen' }, 7],
  ['an unknown field', { ...event, more: 1 }, 7],
  ['a seq that is none', { ...event, seq: -1 }, null],
  ['a seq that is too large', { ...event, seq: 2 ** 53 }, null],
  ['another version', { ...event, v: 2 }, 7],
  ['a message that is too large', 'x'.repeat(MAX_MESSAGE_BYTES + 1), null],
] as const)('%s is a dead letter', ([, payload, seq]) => {
  const read = readMessage(topics.agentEvents(agent), bytes(payload));
  expect(read).toMatchObject({ kind: 'dead-letter', agentId: agent, seq, code: 'ingest.unreadable' });
  if (read.kind !== 'dead-letter') return;
  expect(read.reason.length).toBeGreaterThan(5);
  expect(read.excerpt.length).toBeLessThanOrEqual(500);
});

test.for([
  ['rtsp://admin:hunter2@10.0.0.5/stream', 'rtsp://***@10.0.0.5/stream'],
  ['{"password":"hunter2","x":1}', '{"password":"***","x":1}'],
  ['{"sealedPassword": "hunter2 and it is cut', '{"sealedPassword": "***"'],
  ['{"apiToken":"hunter2\\"hunter2"}', '{"apiToken":"***"}'],
] as const)('an excerpt of %s holds no secret', ([text, cut]) => {
  expect(excerptOf(Buffer.from(text))).toBe(cut);
});

test('receipts and grants are split so that each fits its schema', () => {
  const frames = Array.from({ length: 1500 }, (_, index) => frameIdOf(agent, index + 1));
  const refused = Array.from({ length: 2100 }, (_, index) => ({
    what: 'event' as const,
    seq: index + 1,
    code: 'a.b',
    reason: 'x'.repeat(600),
  }));
  const receipts = composeReceipts(
    { recordedUpTo: 5, recordedAlso: [7, 9] },
    { recorded: [4, 8], forget: frames, refused, missing: frames.slice(0, 5) },
    stamp,
  );
  expect(receipts).toHaveLength(3);
  const read = receipts.map((one) => receipt.parse(one).body);
  expect(read.flatMap(({ forget }) => forget)).toEqual(frames);
  expect(read.flatMap((body) => body.refused)).toHaveLength(2100);
  expect(read.flatMap(({ missing = [] }) => missing)).toEqual(frames.slice(0, 5));
  expect(read[0]).toMatchObject({ recordedUpTo: 5, recordedAlso: [7, 8, 9] });

  const picture = {
    frameId: frames[0],
    agentId: agent,
    key: 'x',
    type: 'image/jpeg',
    sizeBytes: 5,
    sha256: 'a'.repeat(64),
  } as never;
  const grant = { method: 'PUT' as const, url: 'http://127.0.0.1/x', headers: {}, expiresAt: 5 };
  const messages = composeGrants(
    Array.from({ length: 450 }, () => ({ picture, grant })),
    stamp,
  );
  expect(messages.map((one) => grants.parse(one).body.grants.length)).toEqual([200, 200, 50]);
  expect(composeGrants([], stamp)).toEqual([]);
  expect(cloudStatus.parse(composeCloudStatus('away', stamp)).body.status).toBe('away');
});

test('what was recorded just now is named even where thousands wait above a gap', () => {
  const recordedAlso = Array.from({ length: 1000 }, (_, index) => 5000 + index);
  const [only, ...more] = composeReceipts(
    { recordedUpTo: 1, recordedAlso },
    { recorded: [3, 2000], forget: [], refused: [], missing: [] },
    stamp,
  );
  expect(more).toEqual([]);
  const { recordedAlso: said = [] } = only?.body ?? {};
  expect(said).toHaveLength(1000);
  expect(said).toEqual(expect.arrayContaining([3, 2000, 5999]));
  expect(said).toEqual([...said].sort((a, b) => a - b));
});

test.for([
  [{ kind: 'absent' }, 'upload.absent'],
  [{ kind: 'differs', what: 'size', expected: '5', found: '4' }, 'upload.size-mismatch'],
  [{ kind: 'differs', what: 'checksum', expected: 'a', found: 'b' }, 'upload.checksum-mismatch'],
  [{ kind: 'differs', what: 'type', expected: 'image/jpeg', found: 'text/html' }, 'upload.type-mismatch'],
] as const)('an upload that is %j is refused as %s', ([check, code]) => {
  expect(refusalOf(check)).toMatchObject({ code });
});
