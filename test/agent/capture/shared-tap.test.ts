import { cameraFailure } from '@slowlight/agent/src/capture/camera-failure.ts';
import { createSharedTap } from '@slowlight/agent/src/capture/tap/shared-tap.ts';
import type { Tap } from '@slowlight/agent/src/capture/tap/tap.ts';
import type { CameraFault } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { neverAborted } from '../../rig/capture-parts.ts';
import { createHandClock } from '../../rig/hand-clock.ts';

/** Taps that open at once, or fail as said; each can be ended by hand. */
function arrange({ lingerMs = 60_000 }: { lingerMs?: number } = {}) {
  const clock = createHandClock();
  const opened: { at: number; end: () => void; closed: boolean }[] = [];
  let failing: CameraFault | null = null;
  const shared = createSharedTap({
    clock,
    async open() {
      const entry = { at: clock.monotonicMs(), end: () => {}, closed: false };
      opened.push(entry);
      if (failing !== null) throw cameraFailure(failing, 'it failed', 'Do something.');
      const ended = new Promise<Error>((resolve) => {
        entry.end = () => resolve(new Error('ended'));
      });
      const close = async () => {
        entry.closed = true;
        entry.end();
      };
      return { ended, close } as Pick<Tap, 'ended' | 'close'> as Tap;
    },
    isAlive: () => true,
    lingerMs: () => lingerMs,
    random: () => 0.5,
  });
  return {
    clock,
    shared,
    opened,
    fail(fault: CameraFault | null) {
      failing = fault;
    },
    times: () => opened.map(({ at }) => at),
  };
}

describe('a tap that is kept for the next slot', () => {
  it('is opened anew when it ends, after a random part of a time that grows with each failure', async () => {
    const { clock, shared, opened, fail, times } = arrange();
    (await shared.borrow(neverAborted)).release(true);
    await clock.advance(1000);
    fail('refused');
    opened[0]?.end();
    await clock.advance(8000);
    expect(times()).toEqual([0, 1500, 2500, 4500, 8500]);
    fail(null);
    await clock.advance(9000);
    expect(times().at(-1)).toBe(16_500);
    const before = opened.length;
    await clock.advance(20_000);
    expect(opened.length).toBe(before);
    await shared.close();
    expect(opened.at(-1)?.closed).toBe(true);
  });

  it('is not opened again where a wrong password would lock the account', async () => {
    const { clock, shared, opened, fail } = arrange();
    (await shared.borrow(neverAborted)).release(true);
    fail('unauthorised');
    opened[0]?.end();
    await clock.advance(59_000);
    expect(opened.length).toBe(2);
  });

  it('is left when nobody comes back, and nothing is opened afterwards', async () => {
    const { clock, shared, opened } = arrange({ lingerMs: 5000 });
    (await shared.borrow(neverAborted)).release(true);
    await clock.advance(5000);
    expect(opened.map(({ closed }) => closed)).toEqual([true]);
    await clock.advance(60_000);
    expect(opened.length).toBe(1);
  });

  it('that ended is there again for whoever borrows it before its time', async () => {
    const { clock, shared, opened } = arrange();
    (await shared.borrow(neverAborted)).release(true);
    opened[0]?.end();
    await clock.advance(100);
    const loan = await shared.borrow(neverAborted);
    expect(opened.length).toBe(2);
    await clock.advance(5000);
    expect(opened.length).toBe(2);
    loan.release(false);
    await clock.advance(10);
    expect(opened[1]?.closed).toBe(true);
  });
});
