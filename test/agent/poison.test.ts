import { createSuspects } from '@slowlight/agent/src/delivery/suspects.ts';
import { createTelling } from '@slowlight/agent/src/delivery/telling.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { openDelivery } from '../rig/open-delivery.ts';
import { until } from '../rig/until.ts';

describe('an event that cuts the line', () => {
  it('is set aside after three cuts and said so, and all others are delivered', async () => {
    const scene = await openDelivery();
    const before = await scene.keepMany(10);
    const poison = scene.buffer.lastSeq() + 1;
    const kept = await scene.keep();
    const after = await scene.keepMany(60);
    let cuts = 0;
    scene.cloud.denies = ({ seq }) => {
      if (seq === poison) cuts += 1;
      return seq === poison;
    };
    scene.start();
    scene.cloud.listen(true);
    await until(
      'the others are delivered',
      () => [...before, ...after].every((frame) => scene.cloud.forgotten.has(frame)),
      40_000,
    );
    const fresh = await scene.keep();
    await until('a new one passes, too', () => scene.cloud.forgotten.has(fresh));
    expect(cuts).toBe(3);
    const told = scene.log.lines.filter(({ fields }) => (fields as { code?: string }).code === 'event.cuts-line');
    expect(told.map(({ fields }) => fields)).toMatchObject([{ seq: poison, type: 'frame.taken' }]);
    expect(scene.cloud.forgotten.has(kept)).toBe(false);
    await until('it is all that is left', () => scene.buffer.backlog().frames === 1);
  });

  it('is told apart from those that only were on the same line, and tried again later', () => {
    const clock = createHandClock();
    const suspects = createSuspects(clock);
    for (const seq of [1, 2, 3]) suspects.sent(seq);
    expect(suspects.cut()).toBeNull();
    expect(suspects.next()).toEqual({ kind: 'say', seq: 1 });
    suspects.sent(1);
    expect(suspects.next()).toMatchObject({ kind: 'wait' });
    suspects.free(1);
    for (const last of [null, { seq: 2, forMs: 600_000 }]) {
      suspects.begin();
      suspects.sent(2);
      expect(suspects.cut()).toEqual(last);
    }
    expect(suspects.isAside(2)).toBe(true);
    suspects.sent(3);
    suspects.free(3);
    expect(suspects.next()).toBeNull();
  });

  it('has a chance again when its time is over, alone, and then rests twice as long', async () => {
    const clock = createHandClock();
    const suspects = createSuspects(clock);
    for (let cut = 0; cut < 3; cut += 1) {
      suspects.sent(7);
      suspects.cut();
    }
    await clock.advance(599_999);
    expect(suspects.next()).toBeNull();
    await clock.advance(1);
    expect(suspects.next()).toEqual({ kind: 'say', seq: 7 });
    suspects.sent(7);
    expect(suspects.cut()).toEqual({ seq: 7, forMs: 1_200_000 });
  });

  it('is never one that a silent broker only does not answer', async () => {
    const clock = createHandClock();
    const suspects = createSuspects(clock);
    suspects.sent(1);
    suspects.cut();
    suspects.begin();
    suspects.sent(1);
    await clock.advance(10_000);
    expect(suspects.next()).toBeNull();
  });
});

it('telling goes on when the outbox could not be read for a moment', async () => {
  const said: number[] = [];
  const log = createHeardLog();
  let locked = true;
  const telling = createTelling({
    clock: systemClock,
    log,
    publish: ({ seq }) => {
      said.push(seq);
      return 'sent';
    },
    event: () => null,
    unrecorded(after) {
      if (locked) throw new Error('the database is locked');
      return after === 0 ? [{ seq: 1, type: 'schedule.applied', body: '{}' }] : [];
    },
  });
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  telling.begin({ first: [], lastSeq: 1 });
  const ended = telling.run(stopping.signal);
  await until('it is said so', () => log.lines.some(({ message }) => message.includes('locked')));
  locked = false;
  await until('it is told', () => said.length === 1);
  stopping.abort();
  await ended;
});
