import { createReconcileWeekly, isReconcileDue } from '@slowlight/agent/src/delivery/reconcile-weekly.ts';
import { type AgentEvent, agentEvent, newSessionId } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, makeFrame, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { openDelivery } from '../rig/open-delivery.ts';
import { until } from '../rig/until.ts';

const nothing = { recordedUpTo: 0, recordedAlso: [], forget: [], refused: [], serverTime: 0 };
const DAY = 86_400_000;

describe('the list of what is on the card', () => {
  it('covers every number once, in messages of bounded size, and what is absent by its absence', async () => {
    const buffer = await openTestBuffer(await openFolder());
    const held = [];
    for (let count = 0; count < 450; count += 1) {
      const kept = await buffer.commitFrame(makeFrame({ sizeBytes: 50 }));
      if (kept.kind === 'kept') held.push(kept.frame);
    }
    const [gone] = held.splice(7, 1);
    if (gone === undefined) throw new Error('nothing was kept');
    buffer.receive({ ...nothing, recordedUpTo: 450, forget: [gone.frameId] });
    await buffer.clean();
    expect(buffer.listHeld()).toBe(449);
    const lists = buffer.unrecorded(450, 1e9, 100).map(({ seq, type, body }) => {
      const copy = { v: 1, seq, session: newSessionId(), sentAt: 1, type, body: JSON.parse(body) };
      return agentEvent.parse(copy) as Extract<AgentEvent, { type: 'frames.held' }>;
    });
    expect(lists.map(({ body }) => [body.firstSeq, body.lastSeq, body.frames.length])).toEqual([
      [1, 401, 400],
      [402, 450, 49],
    ]);
    expect(lists.flatMap(({ body }) => body.frames).map(({ frameId, sha256 }) => [frameId, sha256])).toEqual(
      held.map(({ frameId, sha256 }) => [frameId, sha256]),
    );
    // One that still waits is enough.
    expect(buffer.listHeld()).toBe(449);
    expect(buffer.unrecorded(450, 1e9, 100)).toHaveLength(2);
  });

  it('is said by an empty card too', async () => {
    const buffer = await openTestBuffer(await openFolder());
    buffer.tell({ type: 'schedule.applied', body: { settingsVersion: 1, at: 0, spans: [] } });
    expect(buffer.listHeld()).toBe(0);
    expect(JSON.parse(buffer.event(2)?.body ?? '')).toMatchObject({ firstSeq: 1, lastSeq: 1, frames: [] });
  });

  it('brings an announcement back that the records have lost', async () => {
    const scene = await openDelivery();
    scene.cloud.mayForget = () => false;
    scene.start();
    scene.cloud.listen(true);
    const frame = await scene.keep();
    await until('it is uploaded', () => scene.cloud.uploads.has(frame));
    const seq = Number(frame.split('-').at(-1));
    // The records come from a backup that is older than the frame.
    scene.cloud.recorded.delete(seq);
    const heard = scene.cloud.heard.length;
    scene.delivery.onReceipt({ ...nothing, missing: [frame] });
    await until('it is announced anew', () => scene.cloud.heard.slice(heard).some((event) => event.seq === seq));
    await until('it is recorded', () => scene.cloud.recorded.has(seq));
  });

  it('is due after a week, and after the clock was set back', () => {
    expect([6 * DAY, 7 * DAY, -1].map((passed) => isReconcileDue(100 * DAY, 100 * DAY + passed))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('is said once a week, the first time a week after the first start', async () => {
    const clock = createHandClock();
    let listedAt: number | null = null;
    let listed = 0;
    const note = () => {
      listedAt = clock.now();
      return 0;
    };
    const weekly = createReconcileWeekly({
      clock,
      log: createHeardLog(),
      listedAt: () => listedAt,
      beginWeek: note,
      listHeld: () => {
        listed += 1;
        return note();
      },
      wake() {},
    });
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    void weekly(stopping.signal);
    await clock.advance(6.9 * DAY);
    expect(listed).toBe(0);
    await clock.advance(0.2 * DAY);
    expect(listed).toBe(1);
    await clock.advance(14 * DAY);
    expect(listed).toBe(3);
  });
});
