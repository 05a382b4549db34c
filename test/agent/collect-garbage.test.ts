import { createGarbageCollection } from '@slowlight/agent/src/collect-garbage.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHandClock } from '../rig/hand-clock.ts';

describe('collecting garbage', () => {
  it('collects all when much has come since the last time, and not again while no more comes', async () => {
    const asked: unknown[] = [];
    const before = globalThis.gc;
    onTestFinished(() => {
      globalThis.gc = before;
    });
    globalThis.gc = ((options: unknown) => asked.push(options)) as unknown as NodeJS.GCFunction;
    const [clock, stop] = [createHandClock(), new AbortController()];
    const running = createGarbageCollection(clock)(stop.signal);
    await clock.advance(3000);
    expect(asked).toEqual([]);
    const much = Buffer.alloc(64 * 1024 * 1024);
    await clock.advance(3000);
    expect(asked).toEqual([{ type: 'major' }]);
    await clock.advance(9000);
    expect(asked).toHaveLength(1);
    expect(much.length).toBeGreaterThan(0);
    stop.abort();
    await running;
  });
});
