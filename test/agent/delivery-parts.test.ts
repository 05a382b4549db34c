import { laneOrder } from '@slowlight/agent/src/delivery/lanes.ts';
import { createTelling } from '@slowlight/agent/src/delivery/telling.ts';
import { createUploadDesk } from '@slowlight/agent/src/delivery/upload-desk.ts';
import { mergeReceipts } from '@slowlight/agent/src/merge-receipts.ts';
import { frameIdOf, type Grant, newAgentId, newSessionId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { until } from '../rig/until.ts';

describe('the parts of delivery', () => {
  it('gives the backlog its turn after three new frames', () => {
    expect([0, 1, 2, 3].map((newInARow) => laneOrder(newInARow)[0])).toEqual(['new', 'new', 'new', 'backlog']);
  });

  it('reads several receipts as one', () => {
    const frame = frameIdOf(newAgentId(), 1);
    const none = { recordedUpTo: 0, recordedAlso: [], forget: [], refused: [], serverTime: 0 };
    const sum = mergeReceipts([
      { ...none, recordedUpTo: 5, recordedAlso: [7], serverTime: 2 },
      { ...none, recordedUpTo: 4, recordedAlso: [8], forget: [frame], serverTime: 1 },
    ]);
    expect(sum).toEqual({ recordedUpTo: 5, recordedAlso: [7, 8], forget: [frame], refused: [], serverTime: 2 });
  });

  it('keeps at most a window of events on their way, and room in it for what is new', async () => {
    const said: number[] = [];
    const event = (seq: number) => ({ seq, type: 'schedule.applied', body: '{}' });
    let lastSeq = 1000;
    const telling = createTelling(
      {
        clock: systemClock,
        log: createHeardLog(),
        publish: ({ seq }) => (said.push(seq) > 0 ? 'sent' : 'held'),
        event,
        unrecorded: (after, upTo, limit) =>
          Array.from({ length: limit }, (_, index) => event(after + 1 + index)).filter(
            ({ seq }) => seq <= Math.min(upTo, lastSeq),
          ),
      },
      { window: 100 },
    );
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    telling.begin({ first: [], lastSeq });
    void telling.run(stopping.signal);
    expect(said).toHaveLength(75);
    lastSeq = 2000;
    telling.wake();
    await until('the new lane is told too', () => said.length === 100);
    expect(said.filter((seq) => seq > 1000)).toHaveLength(25);
    expect(telling.onTheirWay()).toBe(100);
  });

  it('takes a new frame first, and keeps the grants whose turn is next however many come', () => {
    const agent = newAgentId();
    const frameOf = (seq: number) => ({
      frameId: frameIdOf(agent, seq),
      seq,
      file: `0/${seq}.jpg`,
      sizeBytes: 10,
      sha256: '0'.repeat(64),
      tries: 0,
      refusals: 0,
    });
    const grantOf = (seq: number): Grant => ({
      frameId: frameIdOf(agent, seq),
      method: 'PUT',
      url: `http://127.0.0.1/${seq}`,
      headers: {},
      sizeBytes: 10,
      sha256: '0'.repeat(64),
      expiresAt: 900_000,
    });
    const asked: number[] = [];
    const done = new Set<number>();
    let lastSeq = 5000;
    const desk = createUploadDesk({
      clock: systemClock,
      waiting: (lane, limit) => {
        const [from, to] = lane.lane === 'new' ? [lane.above + 1, lastSeq] : [1, lane.upTo];
        const all = Array.from({ length: Math.min(to - from + 1, limit + done.size) }, (_, index) => from + index);
        return all
          .filter((seq) => !done.has(seq))
          .slice(0, limit)
          .map(frameOf);
      },
      ask: (seq) => asked.push(seq),
      askedAgoMs: () => Number.POSITIVE_INFINITY,
      held: () => false,
      mayTry: () => true,
      lastSeq: () => lastSeq,
      newestOfEachCamera: () => [],
      postpone() {},
    });
    const put = (...seqs: number[]) =>
      desk.put({ v: 1, session: newSessionId(), sentAt: 0, type: 'grants', body: { grants: seqs.map(grantOf) } });
    const take = () => {
      const seq = desk.take()?.frame.seq;
      if (seq === undefined) return null;
      done.add(seq);
      desk.dropGrant(frameIdOf(agent, seq));
      desk.putDown(frameIdOf(agent, seq));
      return seq;
    };
    desk.begin({ first: [], lastSeq });
    // The backlog is announced, and granted, far ahead of its uploads.
    for (let seq = 1; seq <= 3000; seq += 100) put(...Array.from({ length: 100 }, (_, index) => seq + index));
    expect([take(), take()]).toEqual([1, 2]);
    lastSeq = 5001;
    put(5001);
    expect([take(), take()]).toEqual([5001, 3]);
    expect(asked).toEqual([]);
    // What came too early is asked for when its turn is near, and kept then.
    for (let seq = 4; seq <= 1000; seq += 1) expect(take()).toBe(seq);
    expect(asked).toContain(1001);
    put(1001);
    expect(take()).toBe(1001);
  });
});
