import { laneOrder } from '@slowlight/agent/src/delivery/lanes.ts';
import { createTelling } from '@slowlight/agent/src/delivery/telling.ts';
import { mergeReceipts } from '@slowlight/agent/src/merge-receipts.ts';
import { frameIdOf, newAgentId } from '@slowlight/protocol';
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
});
